"""A recorded scenario: what the genuine extension sent and answered."""

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

_GOLDENS = Path(__file__).parent / "goldens"
_ORCHESTRATOR_STARTED, _ORCHESTRATOR_COMPLETED, _EXECUTION_STARTED = 12, 13, 0
_TASK_ENDS = (5, 6)


@dataclass
class Episode:
    """One call of an orchestrator: the payload's text, and the SDK's answer."""

    name: str
    payload: str
    answer: dict

    def __post_init__(self):
        self.document = json.loads(self.payload)
        self.instance_id = self.document["instanceId"]

    @property
    def brought(self):
        """The events that are new in this episode."""
        history = self.document["history"]
        last = max(i for i, event in enumerate(history) if event["EventType"] == _ORCHESTRATOR_STARTED)
        return history[last + 1 :]

    @property
    def continued_as_new(self):
        """Whether no message began it: the extension goes on at once after continue-as-new."""
        return self.brought[-1]["EventType"] == _ORCHESTRATOR_COMPLETED


class Recording:
    """`http` and `sdk` by file name, `episodes` and `activities` in the order they were sent."""

    def __init__(self, name):
        document = json.loads((_GOLDENS / f"{name}.json").read_text(encoding="utf-8"))
        self.name = name
        self.http, self.sdk = document["http"], document["sdk"]
        self.activities = document["activities"]
        self.episodes = [
            Episode(each["name"], each["payload"], each["answer"]) for each in document["episodes"]
        ]

    def by_instance(self):
        """Return the episodes of each instance, in order of its first."""
        found = defaultdict(list)
        for episode in self.episodes:
            found[episode.instance_id].append(episode)
        return dict(found)

    def batches(self):
        """Return how many messages each episode of each instance brought."""
        return {
            instance_id: [len(each.brought) for each in episodes if not each.continued_as_new]
            for instance_id, episodes in self.by_instance().items()
        }

    def turns(self):
        """Give, for each instance, where in the order of its messages which activity ended."""
        found = defaultdict(list)
        arrived = defaultdict(int)
        for episode in self.episodes:
            if episode.continued_as_new:
                continue
            for event in episode.brought:
                if event["EventType"] in _TASK_ENDS:
                    found[episode.instance_id].append(
                        (arrived[episode.instance_id], event["TaskScheduledId"])
                    )
                arrived[episode.instance_id] += 1
        return dict(found)

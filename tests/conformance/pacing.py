"""Makes an engine's episodes come in the recorded batches."""

import asyncio
from collections import defaultdict


class Pacer:
    """The engine's batching: while `closed` nothing moves; open, each episode waits for its recorded batch.

    How many messages arrive before an episode is a race on the genuine extension too (40 activities came back
    in 4 episodes). So the recorded sizes and the recorded order of completions are played back; which
    messages they are, their order, ids, flags and everything else is the engine's own doing and is compared.
    An instance that isn't in the recording under its id (generated ids) takes all that waits.
    """

    def __init__(self, recording):
        self.closed = True
        self._batches = recording.batches()
        self._turns = recording.turns()
        self._taken = defaultdict(int)
        self._ended = defaultdict(list)
        self._waiting = {}
        self.blocked = 0

    def __call__(self, instance_id, waiting):
        """Give how many to take; the engine asks twice per episode, so this must not count."""
        if self.closed or not waiting:
            return 0
        sizes, taken = self._batches.get(instance_id, ()), self._taken[instance_id]
        if taken >= len(sizes):
            return len(waiting)
        return sizes[taken] if len(waiting) >= sizes[taken] else 0

    def began(self, instance_id):
        """An episode has taken its batch."""
        self._taken[instance_id] += 1

    async def turn(self, instance_id, task_id):
        """Wait until it is this activity's turn to end."""
        turns = self._turns.get(instance_id)
        if turns is None or task_id not in turns:
            return
        while turns[0] != task_id:
            self.blocked += 1
            waiter = self._waiting.setdefault(instance_id, asyncio.Event())
            await waiter.wait()
            self.blocked -= 1
        turns.pop(0)
        self._waiting.pop(instance_id, asyncio.Event()).set()

"""Makes an engine's episodes come in the recorded batches."""

import asyncio
from collections import defaultdict


class Pacer:
    """The engine's batching: while `closed` nothing moves; open, each episode waits for its recorded batch.

    How many messages arrive before an episode, and in which order activities end, is a race on the genuine
    extension too (40 activities came back in 4 episodes). So recorded sizes and the recorded order of
    completions are played back; which messages there are, and their ids, flags and contents, are the engine's
    own doing and are compared.
    An instance that isn't in the recording under its id (generated ids) takes all that waits.
    """

    def __init__(self, recording):
        self.closed = True
        self.blocked = 0
        self._sizes = recording.batches()
        self._turns = recording.turns()
        self._batch = defaultdict(int)
        self._offered = defaultdict(int)
        self._taken = defaultdict(int)
        self._arrived = defaultdict(int)
        self._waiting = []

    def __call__(self, instance_id, waiting):
        """Return how many to take; asked as often as the engine likes."""
        arrived = self._taken[instance_id] + len(waiting)
        if arrived != self._arrived[instance_id]:
            self._arrived[instance_id] = arrived
            self._tell()
        if self.closed or not waiting:
            return 0
        sizes, batch = self._sizes.get(instance_id, ()), self._batch[instance_id]
        size = sizes[batch] if batch < len(sizes) else len(waiting)
        self._offered[instance_id] = size if len(waiting) >= size else 0
        return self._offered[instance_id]

    def began(self, instance_id):
        """An episode has taken its batch."""
        self._batch[instance_id] += 1
        self._taken[instance_id] += self._offered[instance_id]

    async def turn(self, instance_id, task_id):
        """Wait until this activity's end is what comes next in the recording, if it is in it."""
        turns = self._turns.get(instance_id, [])
        if not any(ended == task_id for _, ended in turns):
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.append((instance_id, task_id, turn))
        self.blocked += 1
        self._tell()
        await turn

    def _tell(self):
        for waiter in list(self._waiting):
            instance_id, task_id, turn = waiter
            position, next_task_id = self._turns[instance_id][0]
            if next_task_id == task_id and self._arrived[instance_id] >= position:
                self._turns[instance_id].pop(0)
                self._waiting.remove(waiter)
                self.blocked -= 1
                if not turn.done():
                    turn.set_result(None)
                return  # the next turn comes when this one's message has arrived

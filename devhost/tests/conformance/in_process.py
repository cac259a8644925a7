"""Functions for the engine that run in this process, through the genuine SDK."""

import asyncio
import json
import traceback
import warnings
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import azure.durable_functions as df

from conformance import played
from raincheck_devhost.durable.ports import FunctionFailed

# As in a worker, orchestrators see no running loop. One thread, because filters of warnings are global.
_ORCHESTRATORS_THREAD = ThreadPoolExecutor(1, "orchestrators")


class InProcessFunctions:
    """`sleep(seconds)` is what the activity `slow` waits with; `asleep` counts those that do.

    `pacer`, if given, is told of episodes and asked whose turn it is to end.
    """

    def __init__(self, orchestrators: Mapping, activities: Mapping, sleep=asyncio.sleep, pacer=None):
        self._pacer = pacer
        self._handles = {name: df.Orchestrator.create(fn) for name, fn in orchestrators.items()}
        self._activities = {**activities, "slow": None}
        self._sleep = sleep
        self.orchestrators = {name.casefold(): name for name in self._handles}
        self.activities = {name.casefold(): name for name in self._activities}
        self.asleep = 0
        self.episodes = []
        self.activity_calls = []

    async def run_orchestrator(self, name, payload, *, instance_id):
        if self._pacer is not None and not played.episode(name, payload, "{}").continued_as_new:
            self._pacer.began(instance_id)
        try:
            running = asyncio.get_running_loop().run_in_executor(
                _ORCHESTRATORS_THREAD, self._handle, name, payload
            )
            answer = await running
        except Exception as error:
            self.episodes.append((name, payload, error))
            raise _failure(error) from error
        self.episodes.append((name, payload, answer))
        return answer

    def _handle(self, name, payload):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the SDK warns of events that nobody waits for yet
            return self._handles[name](payload)

    async def run_activity(self, name, payload, *, instance_id, task_id):
        self.activity_calls.append((name, payload, instance_id, task_id))
        try:
            return await self._run_activity(name, json.loads(payload))
        finally:
            if self._pacer is not None:
                await self._pacer.turn(instance_id, task_id)

    async def _run_activity(self, name, given):
        if name == "slow":
            self.asleep += 1
            try:
                await self._sleep(given)
            finally:
                self.asleep -= 1
            return json.dumps(given)
        try:
            return json.dumps(self._activities[name](given))
        except Exception as error:
            raise _failure(error) from error


def _failure(error):
    kind = type(error).__name__
    return FunctionFailed(kind, f"{kind}: {error}", "".join(traceback.format_exception(error)))

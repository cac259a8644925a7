"""Coroutines driven by one orchestrator: the programs behind `goldens/awaited.json`, as they ran.

They show the extension's way with latches (a WhenAny that carries an empty WhenAll); nothing here is a model.
"""

import asyncio
import datetime as dt
import itertools

from azure.durable_functions.models.actions.WhenAllAction import WhenAllAction
from azure.durable_functions.models.actions.WhenAnyAction import WhenAnyAction

AWAITED = {}


class Canceled(Exception):
    pass


class Leaf:
    def __init__(self, task):
        self.task = task

    def __await__(self):
        while not self.task.is_completed:
            yield self.task
        if self.task.state.name == "FAILED":
            raise self.task.result
        return self.task.result


class Branch:
    def __init__(self, coro):
        self.coro, self.waiting, self.done, self.result, self.error = coro, None, False, None, None

    def __await__(self):
        while not self.done:
            yield self
        if self.error:
            raise self.error
        return self.result

    def step(self, error=None):
        try:
            self.waiting = self.coro.throw(error) if error else self.coro.send(None)
        except StopIteration as stop:
            self.done, self.result = True, stop.value
        except Exception as raised:  # noqa: BLE001 - kept for whoever awaits the branch
            self.done, self.error = True, raised

    def drop(self):
        self.coro.close()
        self.done = True


class AnyOf:
    def __init__(self, branches):
        self.branches = branches

    def __await__(self):
        while not any(each.done for each in self.branches):
            yield self.branches
        return next(i for i, each in enumerate(self.branches) if each.done)


class Run:
    def __init__(self, context):
        self.context, self.branches, self.timers = context, [], []

    def spawn(self, coro):
        branch = Branch(coro)
        self.branches.append(branch)
        return branch

    async def activity(self, name, payload):
        return await Leaf(self.context.call_activity(name, payload))

    async def sleep(self, seconds):
        due = self.context.current_utc_datetime + dt.timedelta(seconds=seconds)
        timer = self.context.create_timer(due)
        self.timers.append(timer)
        await Leaf(timer)

    async def event(self, name):
        return await Leaf(self.context.wait_for_external_event(name))

    async def gather(self, coros, limit=16):
        coros = list(coros)
        results, rest = [None] * len(coros), iter(list(enumerate(coros)))

        async def worker():
            for i, coro in rest:
                results[i] = await coro

        for branch in [self.spawn(worker()) for _ in range(min(limit, len(coros)))]:
            await branch
        return results

    async def first(self, *coros):
        branches = [self.spawn(each) for each in coros]
        winner = await AnyOf(branches)
        for i, branch in enumerate(branches):
            if i != winner and not branch.done:
                branch.drop()
        return winner, branches[winner].result

    async def step(self, name, payload, retries=3):
        for attempt in range(1, retries + 1):
            result = await self.activity(name, {"attempt": attempt, "input": payload})
            if not (isinstance(result, dict) and result.get("transient")):
                return result
            await self.sleep(result.get("retry_after", 1))
        raise RuntimeError("exhausted")


def latch(context, tasks):
    task = context.task_any(tasks)
    task.action_repr = WhenAnyAction([WhenAllAction([]), *task.action_repr.compound_tasks])
    return task


def ready(waiting):
    if isinstance(waiting, Branch):
        return waiting.done
    if isinstance(waiting, list):
        return any(each.done for each in waiting)
    return waiting.is_completed


def drive(context, flow):
    run, cancel = Run(context), context.wait_for_external_event("cancel")
    root, thrown = run.spawn(flow(run)), False
    root.step()
    while not root.done:
        _step_all(run, root)
        if root.done:
            break
        if cancel.is_completed and not thrown:
            thrown = True
            for branch in run.branches:
                if branch is not root and not branch.done:
                    branch.drop()
            _cancel_timers(run)
            root.step(Canceled())
            continue
        waited = (b.waiting for b in run.branches if not b.done)
        tasks = [each for each in waited if not isinstance(each, Branch | list)]
        yield latch(context, tasks + ([] if thrown else [cancel]))
    _cancel_timers(run)
    return _outcome(root, thrown)


def _step_all(run, root):
    moved = True
    while moved and not root.done:
        moved = False
        for branch in list(run.branches):
            if not branch.done and (branch.waiting is None or ready(branch.waiting)):
                branch.step()
                moved = True
        run.branches = [each for each in run.branches if not each.done or each is root]


def _cancel_timers(run):
    for timer in run.timers:
        if not timer.is_completed:
            timer.cancel()


def _outcome(root, thrown):
    if isinstance(root.error, Canceled):
        return {"status": "Canceled"}
    if root.error:
        return {"status": "Failed", "error": repr(root.error)[:200]}
    return {"status": "Canceled" if thrown else "Succeeded", "result": root.result}


def flow(function):
    def orchestrator(context):
        return (yield from drive(context, function))

    AWAITED[function.__name__] = orchestrator
    return function


@flow
async def e1(run):
    return [await run.activity("echo", i) for i in range(3)]


@flow
async def e2(run):
    return await run.gather(run.activity("echo", i) for i in range(20))


@flow
async def e3(run):
    keys = (f"k{i}-{run.context.instance_id}" for i in itertools.count())
    return await run.gather([run.step("work", {"key": next(keys), "fail": i}) for i in range(3)])


@flow
async def e4(run):
    nothing = await run.gather([])
    return [nothing, await run.activity("echo", "after")]


@flow
async def e5(run):
    async def ask(name):
        winner, value = await run.first(run.event("input:" + name), run.sleep(40))
        return value if winner == 0 else "timeout"

    return await run.gather([ask("a"), ask("b"), run.activity("slow", 1)])


@flow
async def e6(run):
    try:
        return await run.gather([run.activity("slow", 2) for _ in range(3)] + [run.sleep(60)])
    except Canceled:
        return await run.activity("echo", "cleaned")


@flow
async def e7(run):
    return sum(await run.gather((run.activity("echo", i) for i in range(200)), limit=200))


@flow
async def e8(run):
    return sum(await run.gather((run.activity("echo", i) for i in range(200)), limit=16))


@flow
async def e10(run):
    return [await run.activity("echo", i) for i in range(20)]


@flow
async def e12(run):
    await asyncio.sleep(1)

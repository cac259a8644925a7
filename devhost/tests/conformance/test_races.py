"""The WhenAny trap and the latches that avoid it, as recorded; what hangs in Azure hangs here."""

import gc
import warnings

import pytest

from conformance.app.awaited import AWAITED
from conformance.app.reyield import REYIELD
from conformance.stage import Stage


@pytest.fixture(autouse=True)
def left_behind():
    """The recorded prototype leaves coroutines behind when an episode ends: collect them here, in silence."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        yield
        gc.collect()


def _only(stage, prefix):
    """Leave of the recording what belongs to one program."""
    stage.recording.episodes = [e for e in stage.recording.episodes if e.instance_id.startswith(prefix + "-")]
    return stage


def _ids(stage):
    return list(stage.recording.by_instance())


@pytest.mark.parametrize("program", ["e1", "e2", "e3", "e4", "e5", "e6", "e10", "e12"])
async def test_awaited(tmp_path, program):
    """Coroutines on latches: every payload and answer as recorded, cancel and questions included."""
    async with _only(Stage("awaited", AWAITED, tmp_path / "state.db"), program) as s:
        for instance_id in _ids(s):
            await s.engine.client.start(program, instance_id, None)
            await s.until(instance_id, ("Running",))
            if program == "e5":
                await s.engine.client.raise_event(instance_id, "input:b", '"why"')
                await s.sleep(2)
                await s.engine.client.raise_event(instance_id, "input:a", '"why"')
            if program == "e6":
                await s.engine.client.raise_event(instance_id, "cancel", '"why"')
            await s.until(instance_id)


@pytest.mark.parametrize(("program", "total"), [("e7", 19900), ("e8", 19900)])
async def test_awaited_wide(tmp_path, program, total):
    """Two hundred branches, all at once or sixteen at a time, come back complete."""
    async with _only(Stage("awaited", AWAITED, tmp_path / "state.db"), "none") as s:
        await s.engine.client.start(program, "wide", None)
        await s.until("wide")
        row = await s.engine.client.find("wide")
        assert row.output == f'{{"status":"Succeeded","result":{total}}}'
        s.functions.episodes.clear()


@pytest.mark.parametrize("program", ["e3", "e4", "e5", "e6", "e7"])
async def test_reyield(tmp_path, program):
    """Latched programs go on at once; e7, unlatched, schedules its next activity seven seconds late."""
    async with _only(Stage("reyield", REYIELD, tmp_path / "state.db"), program) as s:
        for instance_id in _ids(s):
            await s.engine.client.start(program, instance_id, None)
            await s.until(instance_id)


@pytest.mark.parametrize(("program", "seconds"), [("e1", 30), ("e2", 30)])
async def test_reyield_hangs(tmp_path, program, seconds):
    """A race on what is already scheduled blocks the extension, and so this engine, for ever."""
    async with _only(Stage("reyield", REYIELD, tmp_path / "state.db"), program) as s:
        (instance_id,) = _ids(s)
        await s.engine.client.start(program, instance_id, None)
        await s.until(instance_id, timeout=seconds)
        assert (await s.engine.client.find(instance_id)).status == "Running"


async def test_reyield_cancelled(tmp_path):
    """A cancel event reaches the latch at once; the activity left behind holds the end back."""
    async with _only(Stage("reyield", REYIELD, tmp_path / "state.db"), "e8") as s:
        (instance_id,) = _ids(s)
        await s.engine.client.start("e8", instance_id, None)
        await s.sleep(2)
        await s.engine.client.raise_event(instance_id, "cancel", '"why"')
        await s.until(instance_id)


async def test_reyield_left_behind(tmp_path):
    """A finished orchestrator waits for its activity; terminate ends it earlier."""
    async with _only(Stage("reyield", REYIELD, tmp_path / "state.db"), "e9") as s:
        first, second = _ids(s)
        await s.engine.client.start("e9", first, None)
        await s.until(first)
        await s.engine.client.start("e9", second, None)
        await s.sleep(1)
        await s.engine.client.terminate(second, "grace")
        await s.until(second)

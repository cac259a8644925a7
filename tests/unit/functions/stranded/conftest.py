"""The worker's coordinator, Azure's own or the local host's, and a loop's clock."""

import asyncio
import importlib
import sys
from types import ModuleType, SimpleNamespace

import pytest
from raincheck_devhost.worker import coordinator as local

AZURES = "azure_functions_runtime"  # its package wants Python 3.13; up to 3.12 the worker is on no registry
NAMES = ("azure_functions_worker", AZURES)


def shown_as(monkeypatch, name, **names):
    """Let sys.modules hold a worker of this name, and no other."""
    for each in [each for each in sys.modules if each.startswith(NAMES)]:
        monkeypatch.delitem(sys.modules, each)
    if name is not None:
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
        module = ModuleType(f"{name}.http_v2")
        vars(module).update(names)
        monkeypatch.setitem(sys.modules, f"{name}.http_v2", module)


@pytest.fixture(params=["local", "azure"])
def worker(request, monkeypatch):
    """A worker's fresh coordinator; the mend of this test finds it."""
    if request.param == "azure":
        if sys.version_info < (3, 13):
            pytest.skip("Azure's package wants Python 3.13")
        http_v2 = importlib.import_module(f"{AZURES}.http_v2")
        monkeypatch.setattr(http_v2.SingletonMeta, "_instances", {})
        coordinator = http_v2.HttpCoordinator()
    else:
        coordinator = local.HttpCoordinator()
    shown_as(monkeypatch, NAMES[0], http_coordinator=coordinator)
    return coordinator


@pytest.fixture
async def clock(monkeypatch):
    """The loop's clock: `tick()` lets a second pass at once, `stall()` many in which the loop stood still."""
    loop = asyncio.get_running_loop()
    real, ahead = loop.time, [0.0]
    monkeypatch.setattr(loop, "time", lambda: real() + ahead[0])

    async def settle():
        for _ in range(20):
            await asyncio.sleep(0)

    async def forward(seconds):
        ahead[0] += seconds
        await settle()

    async def tick(times=1):
        for _ in range(times):
            await forward(1.01)

    return SimpleNamespace(tick=tick, settle=settle, stall=lambda: forward(1000))

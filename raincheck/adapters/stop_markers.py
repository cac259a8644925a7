"""Which steps of a run are no longer wanted: table RaincheckState, partition = run id, a row a step."""

from collections.abc import Collection

from raincheck.adapters.outcomes import STATE_TABLE
from raincheck.adapters.storage import Storage
from raincheck.adapters.tables import Table

__all__ = ["TableStopMarkers"]


class TableStopMarkers:
    """Port StopMarkers on Azure Tables."""

    def __init__(self, storage: Storage) -> None:
        self._table = Table(storage, STATE_TABLE)

    async def stop(self, run_id: str, steps: Collection[int]) -> None:
        """Mark the steps, by their number in the run. Marking twice is the same as once."""
        await self._table.upsert(
            [{"PartitionKey": run_id, "RowKey": _row(step)} for step in sorted(set(steps))]
        )

    async def stopped(self, run_id: str, step: int) -> bool:
        """Whether the step is marked. One storage read."""
        return await self._table.get(run_id, _row(step)) is not None


def _row(step: int) -> str:
    return f"stop-{step:06d}"

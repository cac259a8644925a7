"""Which steps of a run are no longer wanted: a row a step."""

from collections.abc import Collection

from typing_extensions import override

from raincheck.adapters import schema
from raincheck.adapters.storage import Storage, Table
from raincheck.service.ports import StopMarkers

__all__ = ["TableStopMarkers"]


class TableStopMarkers(StopMarkers):
    """StopMarkers on Azure Tables."""

    def __init__(self, storage: Storage) -> None:
        self._table = Table(storage, schema.STATE)

    @override
    async def stop(self, run_id: str, steps: Collection[int]) -> None:
        await self._table.upsert(
            [{"PartitionKey": run_id, "RowKey": schema.stop_row(step)} for step in sorted(set(steps))]
        )

    @override
    async def stopped(self, run_id: str, step: int) -> bool:
        return await self._table.get(run_id, schema.stop_row(step)) is not None

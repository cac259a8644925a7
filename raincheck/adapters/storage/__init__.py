"""The storage account as every adapter uses it: clients, tables, limits, errors in our own words.

`account` says which account and how to sign in (`credential`), `clients` opens it, `limits` cuts every call,
`table` is one table, and `sdk` brings the names of the Azure SDK without importing it before its first use.
"""

from raincheck.adapters.storage.clients import Storage
from raincheck.adapters.storage.limits import CALL_LIMIT, within
from raincheck.adapters.storage.table import Operation, Row, Table

__all__ = ["CALL_LIMIT", "Operation", "Row", "Storage", "Table", "within"]

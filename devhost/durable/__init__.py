"""The durable engine: what the Durable Task extension does for a Python app, on SQLite.

It asks only for `ports.Functions` (somebody who runs functions) and is served through `web`.
"""

"""The durable engine: what the Durable Task extension does for a Python app, on SQLite.

It asks only for `ports.Functions` (somebody who runs functions) and is served through `web`:

    from raincheck_devhost.durable.runtime.engine import DurableEngine
    from raincheck_devhost.durable.settings import DurableSettings
    from raincheck_devhost.durable.http.web import client_binding, management_routes, rpc_routes

    engine = DurableEngine(state_file, functions, DurableSettings.from_host_json(host_json))
    await engine.start()
    routes = [*management_routes(engine, code=system_key)]       # on the host's port
    rpc = [*rpc_routes(engine, code=system_key)]                 # on a loopback port of its own
    text = client_binding(engine, origin="http://127.0.0.1:7071", rpc_origin="http://127.0.0.1:17071")
    await engine.stop(grace_seconds=10)
"""

"""The app on Azure Functions: `function_app(__file__)` in function_app.py is all of it."""

from raincheck.functions.build import function_app

__all__ = ["function_app"]

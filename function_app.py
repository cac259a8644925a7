"""The app. Flows are in orchestrators/, steps in activities/."""

from raincheck.functions import function_app

app = function_app(__file__)

"""Where the golden app's orchestrators are registered."""

ORCHESTRATORS = {}
RUNS = {}  # what makes `nondeterministic` so


def orch(name):
    """Register an orchestrator under its name."""

    def register(function):
        ORCHESTRATORS[name] = function
        return function

    return register

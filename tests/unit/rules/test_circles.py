"""Modules know each other one way only: whoever reads one never has to read it together with its user."""

import grimp
import pytest

NOT_YET: frozenset[str] = frozenset()  # rooms that still have circles: service, web, …


def circles_in(imports: dict[str, set[str]]) -> list[list[str]]:
    """Find the groups of modules that import each other, directly or not; the order is that of the names."""
    reached = {module: reachable(module, imports) for module in imports}
    groups = {
        tuple(sorted(other for other in reached[module] if module in reached[other])) for module in imports
    }
    return sorted(list(group) for group in groups if group)


def reachable(module: str, imports: dict[str, set[str]]) -> set[str]:
    """Return what a module imports, directly or not; itself only where it is in a circle."""
    reached: set[str] = set()
    pending = list(imports[module])
    while pending:
        one = pending.pop()
        if one not in reached:
            reached.add(one)
            pending.extend(imports[one])
    return reached


def room_of(module: str) -> str:
    """Name the room: `driver` of `raincheck.driver.ask`, `raincheck` of the modules that authors import."""
    names = module.split(".")
    return names[1] if len(names) > 2 else names[0]


def test_no_modules_import_each_other():
    """Imports for types only and those within functions count, too: they are as hard to take apart."""
    graph = grimp.build_graph("raincheck", cache_dir=None)
    imports = {module: set(graph.find_modules_directly_imported_by(module)) for module in graph.modules}

    assert len(imports) > 100
    assert [one for one in circles_in(imports) if not NOT_YET & {room_of(module) for module in one}] == []


@pytest.mark.parametrize(
    ("imports", "circles"),
    [
        ({"a": {"b"}, "b": {"c"}, "c": set()}, []),
        ({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}, [["a", "b", "c"]]),
        ({"a": {"a"}, "b": {"c"}, "c": {"b"}}, [["a"], ["b", "c"]]),
    ],
    ids=["none", "three", "two circles"],
)
def test_circles_are_found(imports, circles):
    """The rule would notice."""
    assert circles_in(imports) == circles

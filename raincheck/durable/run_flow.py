"""`run_flow`: the orchestrator that drives every flow. It returns outcomes and never raises."""

import logging
from collections.abc import Callable, Generator
from typing import Any

from raincheck.driver.outcomes import outcome_of, place_of
from raincheck.durable.completion import end
from raincheck.durable.episode import Episode
from raincheck.durable.executor import DurableExecutor
from raincheck.durable.wait_for_turn import wait_for_turn
from raincheck.outcomes import Outcome
from raincheck.payloads import RunInput, from_durable, from_json
from raincheck.registry import Registry

__all__ = ["make_run_flow"]

Orchestrator = Generator[Any, Any, Any]
_NOT_OURS = Outcome.failed("input_invalid", "The input of this orchestration is not that of a run.")


def make_run_flow(registry: Registry, is_function: Callable[[str], bool]) -> Callable[[Any], Orchestrator]:
    """Build the orchestrator for the flows of a registry."""

    def run_flow(context: Any) -> Orchestrator:
        start = _start_of(context)
        if start is None:
            return _NOT_OURS.model_dump(mode="json")
        episode = Episode(context, start, DurableExecutor(context, registry, is_function))
        try:
            if start.waits and (turn := (yield from wait_for_turn(episode))) != "go":
                if turn == "again":
                    return None
                outcome = Outcome.canceled()
            else:
                outcome = yield from _drive(episode, registry)
            episode.show()
            outcome = yield from end(episode, outcome)
        finally:
            episode.driver.leave()
        # A sub-flow's outcome is text, so that the SDK doesn't look into it on the parent's side.
        return outcome.model_dump_json() if episode.is_subflow else outcome.model_dump(mode="json")

    return run_flow


def _start_of(context: Any) -> RunInput | None:
    """Read the input; None where it isn't ours: anybody with Durable's own key may start anything."""
    try:
        return RunInput.model_validate(from_durable(context.get_input()))
    except Exception:  # noqa: BLE001 - the SDK raises what it likes, and an orchestrator of ours never raises
        return None


def _drive(episode: Episode, registry: Registry) -> Generator[Any, Any, Outcome]:
    start, driver, run = episode.start, episode.driver, episode.run
    flow = registry.find(start.flow, start.version)
    if flow is None:
        known = start.flow in registry.flows
        return Outcome.failed(
            "version_gone" if known else "flow_gone",
            f"The flow '{start.flow}' is no longer there{f' in version {start.version}' if known else ''}.",
        )
    try:
        value = flow.input.parse(from_json(start.input_json))
    except (ValueError, RecursionError) as error:
        return Outcome.failed(
            "input_invalid", f"The input does not fit '{start.flow}' ({type(error).__name__})."
        )
    driver.start(flow.body(run, value))
    driver.advance()
    while not driver.ended:
        episode.stop_abandoned()
        episode.show()
        ended = yield from episode.wait(driver.take_new())
        if episode.cancel.is_completed and not episode.canceled:
            episode.canceled = True
            episode.begin_grace()
            driver.cancel_flow()
        if episode.deadline is not None and episode.deadline.done:
            break
        driver.advance(ended)
    driver.abandon_all()
    if episode.canceled:
        return Outcome.canceled()
    if driver.bug is None:
        driver.warn_of_unawaited()
    result, raised = driver.result
    if raised is not None:
        place = place_of(raised)
        episode.executor.log(logging.ERROR, f"the flow '{flow.name}' failed at {place}: {raised!r}")
    return outcome_of(flow, result, raised, inside=episode.is_subflow)

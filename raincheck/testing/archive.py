"""The recorded histories of an app: a file each, of every version of a flow that was recorded."""

from pathlib import Path
from typing import Any

from raincheck.flow import Flow
from raincheck.registry import Registry
from raincheck.testing.given_answers import Answers
from raincheck.testing.recording import Recording, record

__all__ = ["Archive"]


class Archive:
    """A folder of recordings, beside the flows that there are now."""

    def __init__(self, folder: Path, registry: Registry) -> None:
        self._folder = folder
        self._registry = registry
        self.files = {file: Recording.read(file) for file in sorted(folder.glob("*.json"))}

    def unrecorded(self) -> list[Flow[Any, Any]]:
        """Return the flows of which nothing is recorded in their newest version."""
        recorded = {(recording.flow, recording.version) for recording in self.files.values()}
        return [f for f in self._registry.flows.values() if (f.name, f.version) not in recorded]

    def of(self, name: str) -> Recording | None:
        """Return the newest recording of a flow."""
        own = [recording for recording in self.files.values() if recording.flow == name]
        return max(own, key=lambda recording: recording.version, default=None)

    def flow_of(self, recording: Recording) -> Flow[Any, Any] | None:
        """Return what to record anew in its place: its version, or else one that nothing is recorded of."""
        flow = self._registry.find(recording.flow, recording.version)
        if flow is None:
            flow = next((flow for flow in self.unrecorded() if flow.name == recording.flow), None)
        return flow

    def remove(self, file: Path) -> None:
        """Remove a recording."""
        del self.files[file]
        file.unlink()

    def add(
        self, flow: Flow[Any, Any], value: Any, answers: Answers, earlier: Recording | None = None
    ) -> bool:
        """Record a flow; return whether that gave something else than what was there.

        Raises:
            AssertionError: the run doesn't succeed.
            pydantic.ValidationError: the input doesn't fit.
        """
        recording = record(self._registry, flow, value, answers=answers, earlier=earlier)
        file = self._file_of(flow)
        former = self.files.get(file)
        if former is not None and _told(former) == _told(recording):
            return False
        recording.write(file)
        self.files[file] = recording
        return True

    def _file_of(self, flow: Flow[Any, Any]) -> Path:
        """Return where a flow's recording is, or should be: in place of a version that is gone, if it can."""
        own = {
            recording.version: file for file, recording in self.files.items() if recording.flow == flow.name
        }
        if flow.version in own:
            return own[flow.version]
        gone = [file for version, file in own.items() if self._registry.find(flow.name, version) is None]
        name = f"{flow.name}.v{flow.version}.json" if own else f"{flow.name}.json"
        return gone[0] if gone else self._folder / name


def _told(recording: Recording) -> Any:
    """Return what a recording is about. A payload that an older Raincheck wrote is worth keeping."""
    return recording.version, recording.input, recording.actions, recording.output

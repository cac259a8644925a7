"""Why a module can't be imported, said with the author's own line."""

import importlib.util
import sysconfig
import traceback
from pathlib import Path

from raincheck.definitions import refused
from raincheck.errors import DefinitionError

__all__ = ["cause_of"]

_LIBRARIES = ("/site-packages/", "/dist-packages/", f"{sysconfig.get_path('stdlib')}/".replace("\\", "/"))
_OURS = f"{Path(__file__).resolve().parents[1]}/".replace("\\", "/")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_MOST_FRAMES = 5  # of the author's own that led to the line


def cause_of(error: BaseException, name: str) -> DefinitionError:
    """Build the error that says why the module of that name can't be imported."""
    if isinstance(error, ModuleNotFoundError) and error.name == name.partition(".")[0]:
        return DefinitionError(
            f"{name}: there is no package of this name here: {Path.cwd() / name} doesn't exist"
        )
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if _is_own(frame.filename)]
    if isinstance(error, SyntaxError):
        return _not_python(error, name, frames)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else f"{_file_of(name)}:1"
    if isinstance(error, Exception):
        text = f"{type(error).__name__}: {error}"
        if isinstance(error, ModuleNotFoundError):
            text += ". Install it (requirements.txt), or mend the name"
    else:
        text = (
            f"this ends the program when the app imports the file ({type(error).__name__}: {error}). "
            "Put it under "
            "if __name__ == '__main__':"
        )
    said = str(refused(place, text))
    for frame in frames[-2 : -_MOST_FRAMES - 1 : -1]:
        said += f"\n  reached from {frame.filename}:{frame.lineno}\n    {frame.line}"
    return DefinitionError(said)


def _not_python(error: SyntaxError, name: str, frames: list[traceback.FrameSummary]) -> DefinitionError:
    """Say what is wrong with the text of a file, which Python says only in part where it is no text."""
    file = Path(error.filename or "")
    if error.filename is None or not file.is_file():
        file = _file_of(name)
    try:
        content = file.read_bytes()
    except OSError:
        content = b""
    how = "Save it as UTF-8"
    if content.startswith(_UTF_16) or content[:1_000].count(0) * 3 > len(content[:1_000]):
        text = f"the file is UTF-16, as PowerShell's > writes it, and Python reads UTF-8 only. {how}"
        return DefinitionError(f"{file}:1: {text}")
    if b"\0" in content:
        line = content[: content.index(b"\0")].count(b"\n") + 1
        return DefinitionError(
            f"{file}:{line}: there is a null byte in this line, which is no text. Take it out"
        )
    try:
        content.decode()
    except UnicodeDecodeError as wrong:
        line = content[: wrong.start].count(b"\n") + 1
        if error.lineno is None or "codec" in str(error.msg):
            return DefinitionError(f"{file}:{line}: the file is no UTF-8 text in this line. {how}")
    if error.lineno is None and frames:  # of a file that this one imports
        return refused(
            f"{frames[-1].filename}:{frames[-1].lineno}", f"what this imports is no Python: {error.msg}"
        )
    source = (error.text or "").strip()
    return DefinitionError(f"{file}:{error.lineno or 1}: no valid Python: {error.msg}\n    {source}".rstrip())


def _is_own(file: str) -> bool:
    path = file.replace("\\", "/")
    return not (path.startswith(("<", _OURS)) or any(part in path for part in _LIBRARIES))


def _file_of(name: str) -> Path:
    """Find the file of a module that can't be imported."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError, AttributeError):
        spec = None
    return Path((spec.origin if spec else None) or name)

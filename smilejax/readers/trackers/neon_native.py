"""Pupil Labs Neon: a recording as the phone keeps it, read by Pupil Labs' own library, an optional dependency."""

from __future__ import annotations

import ast
import importlib
import logging
from pathlib import Path
from typing import Protocol, cast

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import ReadError
from smilejax.readers.columns.timestamps import within
from smilejax.readers.given import Given
from smilejax.readers.samples import Event, NameRole, Names, Samples, Time
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

NAME = "neon-native"
WORDS = "Pupil Labs Neon: a recording's own folder"
SOFTWARE = "Neon Companion (native recording data)"
LIMITS = "needs pip install smilejax[neon]; the eye state must have been computed while recording, or in Pupil Cloud"
USES = frozenset[str]()

LIBRARY = "pupil_labs.neon_recording"

SERIES = {
    "eye_state": ("the diameters", np.dtype(("<f4", 14))),
    "blinks": ("the blinks", np.dtype(("<i8", 2))),
}
"""Series that are read: what they hold, and one entry of them in recordings that do not describe it in a file NAME.dtype. Both
are the library's (2.1.6)."""
TIME = np.dtype("<i8")
"""An entry of a file of times: nanoseconds since 1970."""


class _Stream(Protocol):
    """One of the library's series: numbers by name."""

    def __len__(self) -> int: ...
    def __getattr__(self, name: str) -> npt.ArrayLike: ...


class _Library(Protocol):
    """What is used of the library."""

    def open(self, folder: Path) -> object:
        """The recording in a folder."""


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether it is a folder with `info.json` and raw series of a Neon recording."""
    if given.path is None or not given.is_folder:
        return False
    try:
        return (given.path / "info.json").is_file() and any(
            (given.path / name).is_file() for name in ("eye_state ps1.raw", "gaze ps1.raw", "gaze ps1.time")
        )
    except OSError:
        return False


def read(given: Given, settings: ReadSettings) -> Samples:
    """Read one recording.

    Raises:
        ReadError: the library is not there, the recording is damaged, or it has no eye state.
    """
    folder = given.path
    if folder is None:
        raise ReadError(f"{given.name}: a Neon recording is a folder.")
    library = _library(folder)
    _refuse_unequal(folder)
    try:
        recording = library.open(folder)
    except Exception as error:  # what a damaged folder makes the library raise is not said
        raise ReadError(f"{folder}: the library cannot open this recording ({_first(error)}).") from error
    states = _stream(folder, recording, "pupil")
    if states is None or not len(states):
        raise ReadError(
            f"{folder}: the recording has no eye state. Upload it to Pupil Cloud, which computes it, and export the time "
            "series; or turn on eye state in the Companion app before recording."
        )
    time = _numbers(folder, states, "time").astype(np.int64)
    sides = [_numbers(folder, states, name).astype(np.float64) for name in ("diameter_left", "diameter_right")]
    names: dict[NameRole, Names] = {}
    findings = [Finding("pupil", "diameter_left, diameter_right of the eye state", "recognised")]
    if who := _wearer(recording):
        names["participant"] = Names.one(who, len(time))
        findings.append(Finding("participant", f"{who!r}, the wearer", "recognised"))
    return Samples(
        file=str(folder),
        place="sample",
        line=np.arange(1, len(time) + 1),
        pupil=np.stack(sides, axis=1),
        eyes=("left", "right"),
        units=("mm", "mm"),
        time=Time(time, "ns"),
        names=names,
        blink=_blinks(folder, recording, time),
        events=_events(folder, recording),
        findings=tuple(findings),
    )


def _library(folder: Path) -> _Library:
    """The library, imported here for the first time.

    Raises:
        ReadError: it is not installed.
    """
    try:
        return cast(_Library, importlib.import_module(LIBRARY))
    except ImportError as error:
        raise ReadError(
            f"{folder}: a native Neon recording is read by Pupil Labs' library, which is not installed: "
            "pip install 'smilejax[neon]'. Or export the time series from Pupil Cloud and give that folder."
        ) from error


def _refuse_unequal(folder: Path) -> None:
    """The library leaves out entries without a time, and in a recording of several parts gives later ones a wrong time.

    Raises:
        ReadError: a file of a series is absent, or its entries and its times differ in number.
    """
    for name, (what, usual) in SERIES.items():
        size = _entry_size(folder / f"{name}.dtype", usual)
        for stem in sorted({path.stem for end in ("raw", "time") for path in folder.glob(f"{name} ps*.{end}")}):
            raw, time = folder / f"{stem}.raw", folder / f"{stem}.time"
            _refuse_two_numbers(raw, _entries(raw, size), time, what)
    texts, time = folder / "event.txt", folder / "event.time"
    if texts.exists() or time.exists():
        _refuse_two_numbers(texts, _lines(texts), time, "the events")


def _refuse_two_numbers(file: Path, held: float | None, time: Path, what: str) -> None:
    times = _entries(time, TIME.itemsize)
    if held is not None and held == times:
        return
    said = " and ".join(f"{path.name!r} ({_number(n)})" for path, n in ((file, held), (time, times)))
    raise ReadError(
        f"{file.parent}: {said} must have an entry for each other: these are {what} and their times. One of them is cut or "
        "absent: copy the recording from the phone anew, or export its time series from Pupil Cloud and give that folder."
    )


def _number(entries: float | None) -> str:
    if entries is None:
        return "no such file"
    return "1 entry" if entries == 1 else f"{entries:.10g} entries"


def _entries(file: Path, size: int) -> float | None:
    """How many entries of `size` bytes a file has, with a fraction where the last one is cut; None where it is absent."""
    return file.stat().st_size / size if file.is_file() else None


def _lines(file: Path) -> float | None:
    """How many lines a file of texts has, counted as the library counts them."""
    if not file.is_file():
        return None
    try:
        return len(file.read_bytes().decode().splitlines())
    except UnicodeDecodeError as error:
        raise ReadError(f"{file}: this is no text ({error.reason}). Copy the recording anew.") from error


def _entry_size(described: Path, usual: np.dtype[np.void]) -> int:
    """Bytes of one entry: as its file describes it, or else the usual ones."""
    if not described.is_file():
        return usual.itemsize
    try:
        return np.dtype(ast.literal_eval(described.read_text())).itemsize or usual.itemsize
    except (ValueError, SyntaxError, TypeError) as error:
        raise ReadError(
            f"{described}: this does not describe the entries of a series ({_first(error)}). Copy the recording anew."
        ) from error


def _stream(folder: Path, recording: object, name: str) -> _Stream | None:
    """One of the recording's series, or None where it was not recorded.

    Raises:
        ReadError: it is damaged.
    """
    try:
        return cast(_Stream, getattr(recording, name))
    except Exception as error:  # the library wraps the cause of whatever fails
        if isinstance(error.__cause__ or error, AttributeError):
            return None
        raise ReadError(f"{folder}: the series {name!r} is damaged ({_first(error.__cause__ or error)}).") from error


def _numbers(folder: Path, stream: _Stream, name: str) -> npt.NDArray[np.generic]:
    try:
        return np.array(getattr(stream, name))
    except Exception as error:  # the same
        raise ReadError(f"{folder}: the series holds no {name!r} ({_first(error)}).") from error


def _wearer(recording: object) -> str:
    """The wearer's name, or nothing: the file with it may be absent."""
    try:
        name = cast("dict[str, object]", getattr(recording, "wearer", {})).get("name")
    except Exception:  # any failure leaves the participant to the settings
        logging.getLogger(__name__).debug("the recording names no wearer", exc_info=True)
        return ""
    return name.strip() if isinstance(name, str) else ""


def _events(folder: Path, recording: object) -> tuple[Event, ...]:
    events = _stream(folder, recording, "events")
    if events is None or not len(events):
        return ()
    times, texts = _numbers(folder, events, "time").tolist(), _numbers(folder, events, "event").tolist()
    return tuple(Event(time, str(text).strip()) for time, text in zip(times, texts, strict=True))


def _blinks(folder: Path, recording: object, time: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_] | None:
    blinks = _stream(folder, recording, "blinks")
    if blinks is None:
        return None
    start, end = (_numbers(folder, blinks, name).astype(np.int64) for name in ("start_time", "stop_time"))
    inside = within(time, start, end)
    return np.stack([inside, inside], axis=1)


def _first(error: BaseException) -> str:
    lines = str(error).splitlines()
    return (lines[0] if lines else type(error).__name__)[:160].rstrip(".")

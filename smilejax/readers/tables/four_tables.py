"""The project report's layout: a table for each of left/right eye x the two classes, one trial per column or row."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax.readers import class_labels
from smilejax.readers.columns.column_roles import squeezed
from smilejax.readers.files import raw_table
from smilejax.readers.files.files_of_folder import files_of
from smilejax.readers.given import EXCEL_SUFFIXES, Given
from smilejax.readers.samples import Names, Samples, Time, TimeUnit
from smilejax.readers.tables import orientation
from smilejax.readers.tables.orientation import Edges, Lanes, Orientation
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

NAME = "four-tables"
WORDS = "a table for each of left/right eye x the two classes"
SOFTWARE = "spreadsheets"
LIMITS = "the classes are named in the names of the tables"
USES = frozenset(("orientation", "decimal", "time_unit"))

Place = tuple[Literal["left", "right"], int]
"""One of the four tables: the eye, and the class as 0 or 1."""
PLACES: tuple[Place, ...] = (("left", 0), ("right", 0), ("left", 1), ("right", 1))


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether it is a workbook whose sheets are named for all four tables, or a folder with files named for two or more."""
    if settings.sheet is not None:
        return False
    try:
        if given.is_folder:
            assert given.path is not None
            names = [f.stem for f in files_of(given.path) if f.suffix.lower() in raw_table.SUFFIXES]
        elif given.suffix in EXCEL_SUFFIXES:
            names = list(raw_table.sheets(given))
        else:
            return False
    except ReadError:
        return False  # the reader of single tables reports what is wrong with the file
    found = {place_of(name, settings.classes) for name in names} - {None}
    return len(found) == len(PLACES) or (given.is_folder and len(found) >= 2)


def read(given: Given, settings: ReadSettings) -> Samples:
    """Read four tables. The classes are those in their names, so that no label is ever missing.

    Raises:
        ReadError: with the table, and what in it cannot be read.
    """
    if given.path is None:
        raise ReadError(
            f"the layout {NAME} is a folder with four tables, or a workbook with four sheets; this is a DataFrame."
        )
    loaded = _load(given, settings)
    edges = {place: orientation.look(table, settings.decimal) for place, (_, table) in loaded.items()}
    edges = _with_ids(edges)
    way, way_finding = _orientation(given.path, edges, settings)
    lanes = {place: orientation.take_trials(edge, way, settings.decimal) for place, edge in edges.items()}
    recorded = [_pair(lanes["left", c], lanes["right", c]) for c in (0, 1)]
    samples = [s for r in recorded for s in r.samples]
    length = [len(s) for s in samples]
    of_row = np.repeat(np.arange(len(samples)), length)
    label = np.repeat(np.arange(2), [len(r.names) for r in recorded])
    people = [name for r in recorded for name in r.names]
    trials = [f"{n} {settings.classes[c]}" for n, c in zip(people, label, strict=True)]
    findings = (
        *dict.fromkeys(f for _, table in loaded.values() for f in table.findings if f.what != "sheet"),
        *(
            Finding(f"table: {eye} eye, {settings.classes[c]}", name, "recognised")
            for (eye, c), (name, _) in loaded.items()
        ),
        way_finding,
        *_pairing_findings(recorded, settings.classes),
    )
    return Samples(
        file=str(given.path),
        place="sample",
        line=np.concatenate([np.arange(1, n + 1) for n in length]),
        pupil=np.concatenate(samples),
        eyes=("left", "right"),
        time=_time(given.path, lanes, recorded, settings),
        names={
            "participant": Names.of(people).take(of_row),
            "trial": Names.of(trials).take(of_row),
            "label": Names.of([settings.classes[c] for c in label]).take(of_row),
        },
        findings=findings,
    )


def place_of(name: str, classes: tuple[str, str]) -> Place | None:
    """The one of the four tables that a file or sheet is, by its name: `left_real`, `Right Eye Fake Smile`, `PupilRealLeft`."""
    parted = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    words = [w.casefold() for w in re.findall(r"[^\W\d_]+|\d+", parted)]
    long, short = {"left": ("left",), "right": ("right",)}, {"left": ("l",), "right": ("r",)}
    meant = class_labels.spellings(classes)
    named = {str(c): tuple(w for w, of in meant.items() if of == c) for c in (0, 1)}
    eyes = _spelled(words, long) or _spelled(words, short) or _within(words, long)
    label = _spelled(words, named) or _within(words, named)
    if len(eyes) != 1 or len(label) != 1:
        return None
    return ("left" if "left" in eyes else "right"), int(label.pop())


def _spelled(words: list[str], spelled: Mapping[str, tuple[str, ...]]) -> set[str]:
    """The keys one of whose spellings stands in a name, word by word."""
    hits = {
        spelling: key
        for key, spellings in spelled.items()
        for spelling in spellings
        if (parts := re.findall(r"[^\W\d_]+|\d+", spelling)) and set(parts) <= set(words)
    }
    return _not_contained(hits)


def _within(words: list[str], spelled: Mapping[str, tuple[str, ...]]) -> set[str]:
    """The keys one of whose spellings stands within a name; from four letters up: many words contain shorter ones."""
    joined = "".join(words)
    hits = {s: key for key, spellings in spelled.items() for s in spellings if len(s) >= 4 and squeezed(s) in joined}
    return _not_contained(hits)


def _not_contained(hits: Mapping[str, str]) -> set[str]:
    """Keys of the spellings found, without those that are part of another: `smile` in `non-smile`."""
    return {key for s, key in hits.items() if not any(s != other and s in other for other in hits)}


def _load(given: Given, settings: ReadSettings) -> dict[Place, tuple[str, raw_table.RawTable]]:
    path = given.path
    assert path is not None
    if given.is_folder:
        files = {f.name: f for f in files_of(path) if f.suffix.lower() in raw_table.SUFFIXES}
        found = _assign(path, {name: f.stem for name, f in files.items()}, settings.classes)
        return {place: (name, raw_table.load_table(Given(files[name]))) for place, name in found.items()}
    if given.suffix in EXCEL_SUFFIXES:
        found = _assign(path, {name: name for name in raw_table.sheets(given)}, settings.classes)
        return {place: (name, raw_table.load_table(given, name)) for place, name in found.items()}
    raise ReadError(
        f"{path}: the layout {NAME} is a folder with four tables, or a workbook with four sheets; this is one file."
    )


def _assign(path: Path, names: Mapping[str, str], classes: tuple[str, str]) -> dict[Place, str]:
    found: dict[Place, str] = {}
    for name, stem in names.items():
        place = place_of(stem, classes)
        if place is None:
            continue
        if place in found:
            raise ReadError(
                f"{path}: {found[place]!r} and {name!r} are both the {place[0]} eye of class {classes[place[1]]!r}. "
                "Remove or rename one."
            )
        found[place] = name
    absent = [f"{eye} eye of class {classes[c]!r}" for eye, c in PLACES if (eye, c) not in found]
    if absent:
        raise ReadError(
            f"{path}: four tables are needed, one for each eye and class; there is none for the "
            f"{' and the '.join(absent)}. Found: {listed(map(repr, names)) if names else 'no table at all'}. Name them "
            f"like left_{classes[0]} and right_{classes[1]}, or name the classes: {SETTING.classes} A B"
        )
    return {place: found[place] for place in PLACES}


def _with_ids(edges: dict[Place, Edges]) -> dict[Place, Edges]:
    """Edges whose whole numbers are names of trials (101, 102, ...) rather than samples: those of both eyes are the same ones,
    each once, in both classes. No two eyes measure that."""
    marked = dict(edges)
    for side in ("top", "side"):
        words = {place: getattr(edge, side) for place, edge in edges.items()}
        same = all(set(words["left", c]) == set(words["right", c]) for c in (0, 1))
        once = all(len(set(w)) == len(w) > 1 for w in words.values())
        kinds = {getattr(edge, f"{side}_kind") for edge in edges.values()}
        if same and once and kinds == {"values"} and all(word.isdigit() for w in words.values() for word in w):
            marked = {
                place: replace(edge, top_kind="ids") if side == "top" else replace(edge, side_kind="ids")
                for place, edge in marked.items()
            }
    return marked


def _orientation(path: Path, edges: Mapping[Place, Edges], settings: ReadSettings) -> tuple[Orientation, Finding]:
    if settings.orientation is not None:
        return settings.orientation, Finding("orientation", f"a trial is a {settings.orientation}", "given")
    ways = {orientation.infer(e) for e in edges.values()} - {None}
    way = next(iter(ways), None)
    if way is None or len(ways) > 1:
        why = "the four tables seem to differ" if ways else "neither headings nor shape show it"
        raise ReadError(
            f"{path}: is a trial a column or a row? Here {why}. Give it: {SETTING.orientation} column or "
            f"{SETTING.orientation} row"
        )
    return way, Finding("orientation", f"a trial is a {way}", "inferred", ("orientation", way))


@dataclass(frozen=True, eq=False)
class _ClassTrials:
    """Trials of one class: n names, `f64[T, 2]` samples of each as written, and the names of trials with one eye only."""

    names: tuple[str, ...]
    samples: tuple[npt.NDArray[np.float64], ...]
    named: bool
    one_eyed: tuple[str, ...]


def _pair(left: Lanes, right: Lanes) -> _ClassTrials:
    """Combine both eyes of each trial by its name, or by its position where the tables have no names."""
    if (left.names is None) != (right.names is None):
        bare, named = (left, right) if left.names is None else (right, left)
        raise ReadError(
            f"{bare.table}: this table does not name its trials, while {named.table} does. Name them in both."
        )
    at = [{n: i for i, n in enumerate(_names(lanes))} for lanes in (left, right)]
    names = tuple(dict.fromkeys((*at[0], *at[1])))
    samples = []
    for name in names:
        both = np.full((max(len(left.samples), len(right.samples)), 2), np.nan)
        for lane, lanes in enumerate((left, right)):
            if name in at[lane]:
                both[: len(lanes.samples), lane] = lanes.samples[:, at[lane][name]]
        written = np.flatnonzero(~np.isnan(both).all(axis=1))
        if not len(written):
            raise ReadError(
                f"{left.table}: the trial {name!r} holds no sample in either eye. Remove it from both tables."
            )
        samples.append(both[: written[-1] + 1])
    one_eyed = tuple(n for n in names if (n in at[0]) != (n in at[1]))
    return _ClassTrials(names, tuple(samples), left.names is not None, one_eyed)


def _names(lanes: Lanes) -> tuple[str, ...]:
    return lanes.names if lanes.names is not None else tuple(str(i + 1) for i in range(lanes.samples.shape[1]))


def _time(
    path: Path, lanes: Mapping[Place, Lanes], recorded: list[_ClassTrials], settings: ReadSettings
) -> Time | None:
    clocks = [_class_time(lanes["left", c], lanes["right", c]) for c in (0, 1)]
    if all(clock is None for clock in clocks):
        return None
    if any(clock is None for clock in clocks):
        raise ReadError(
            f"{path}: the tables of one class have a time and those of the other have none. Give it to all, or to none."
        )
    values = [
        _to_length(clock, len(s))
        for clock, r in zip(clocks, recorded, strict=True)
        if clock is not None
        for s in r.samples
    ]
    units: set[TimeUnit] = {lane.time_unit for lane in lanes.values() if lane.time_unit is not None}
    if settings.time_unit is not None:
        return Time(np.concatenate(values), settings.time_unit, "given")
    if len(units) > 1:
        raise ReadError(
            f"{path}: the tables name different units of time: {listed(sorted(units))}. Name one: {SETTING.time_unit} ms"
        )
    return Time(np.concatenate(values), next(iter(units), None))


def _class_time(left: Lanes, right: Lanes) -> npt.NDArray[np.float64] | None:
    """The time of both eyes: the longer of the two, which must agree where both are given."""
    times = [lanes.time for lanes in (left, right) if lanes.time is not None]
    if len(times) == 2:
        common = min(map(len, times))
        if not np.allclose(times[0][:common], times[1][:common], rtol=1e-9, atol=1e-6, equal_nan=True):
            row = int(np.argmin(np.isclose(times[0][:common], times[1][:common], rtol=1e-9, atol=1e-6, equal_nan=True)))
            raise ReadError(
                f"{right.table}: both eyes of a class must have one time; sample {row + 1} has {times[1][row]:g} here "
                f"and {times[0][row]:g} in {left.table}."
            )
    return max(times, key=len, default=None)


def _to_length(time: npt.NDArray[np.float64], samples: int) -> npt.NDArray[np.float64]:
    """The first `samples` timestamps, NaN where there are fewer."""
    return np.concatenate((time[:samples], np.full(max(samples - len(time), 0), np.nan)))


def _pairing_findings(recorded: list[_ClassTrials], classes: tuple[str, str]) -> tuple[Finding, ...]:
    named = all(r.named for r in recorded)
    shared = len(set(recorded[0].names) & set(recorded[1].names))
    what = "name" if named else "position"
    findings = [
        Finding("trial names", "from the tables" if named else "none in the tables: their positions", "recognised"),
        Finding("participant", f"the {what} of the trial; {shared} have trials of both classes", "default"),
    ]
    for r, label in zip(recorded, classes, strict=True):
        if r.one_eyed:
            findings.append(Finding(f"one eye only, {label}", listed(r.one_eyed), "recognised"))
    return tuple(findings)

"""Samples of several files, or of several sheets, as those of one recording."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, cast

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax.readers.assembly.time_units import inferred_unit
from smilejax.readers.samples import EYES_IN_ORDER, SECONDS, Eye, NameRole, Names, PupilUnit, Samples, Time
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

_COUNT = re.compile(r"\d[\d,]*(?: of \d[\d,]*)?(?:$|,| (?!(?:Hz|mm|um|ms|s|px|au)\b)[a-z])")
"""How a finding begins that counts something: "6 of 6 messages", "6, with pauses of 2 s"; not "60 Hz"."""
AREAS: dict[PupilUnit | None, str] = {
    "mm2": "mm2, an area",
    "px2": "px2, an area",
    "au2": "au2, an area in arbitrary units",
}
"""Units of areas, and how messages explain them."""


def combined(parts: Sequence[Samples], name: str, settings: ReadSettings) -> Samples:
    """The samples of all parts, one after the other; messages name the file of each row.

    Arguments:
        parts: each with the names `file` or `sheet` where they stand.
        name: how messages name the whole.
        settings: of which `recorded_eye` is the eye of the parts that do not say which they hold, where others do, and `unit`
            the unit of all.

    Raises:
        ReadError: parts do not go together: one has a time and another none, or their clocks or rates differ.
    """
    if len(parts) == 1:
        return parts[0]
    eyes: tuple[Eye, ...] = tuple(eye for eye in EYES_IN_ORDER if any(eye in part.eyes for part in parts))
    nameless = [part for part in parts if not part.eyes]
    eye = settings.recorded_eye
    if nameless and eyes and eye is not None:
        return combined([part if part.eyes else _of_eye(part, eye) for part in parts], name, settings)
    if nameless and eyes:
        raise ReadError(
            f"{name}: {nameless[0].file} does not say which eye it holds, while others do. Give it: {SETTING.recorded_eye} left"
        )
    return Samples(
        file=name,
        place=parts[0].place,
        line=np.concatenate([part.line for part in parts]),
        pupil=np.concatenate([part.pupil for part in parts]),
        eyes=eyes,
        units=(None, None) if settings.unit else (_unit(parts, 0, name), _unit(parts, 1, name)),
        time=_time(parts, name),
        rate_hz=_rate(parts, name),
        names=_names(parts),
        invalid=_marks([part.invalid for part in parts], parts),
        blink=_marks([part.blink for part in parts], parts),
        zero=_zero(parts, name),
        onset=_onsets(parts),
        findings=_findings(parts),
        unused=tuple(dict.fromkeys(head for part in parts for head in part.unused)),
        events=tuple(event for part in parts for event in part.events),
    )


def _of_eye(part: Samples, eye: Eye) -> Samples:
    """A part with one pupil that names no eye, which stands in column 0, as one of an eye."""
    if eye == "left":
        return replace(part, eyes=(eye,))
    invalid, blink = (None if mark is None else mark[:, ::-1] for mark in (part.invalid, part.blink))
    return replace(part, eyes=(eye,), pupil=part.pupil[:, ::-1], units=part.units[::-1], invalid=invalid, blink=blink)


def _unit(parts: Sequence[Samples], eye: int, name: str) -> PupilUnit | None:
    units = {part.units[eye]: part.file for part in parts if ("left", "right")[eye] in part.eyes or not part.eyes}
    if len(units) > 1:
        held = listed(f"{file}: {AREAS.get(unit, unit) if unit else 'not stated'}" for unit, file in units.items())
        raise ReadError(f"{name}: the files are in different units ({held}). {_way_on(list(units))}")
    return next(iter(units), None)


def _way_on(units: Sequence[PupilUnit | None]) -> str:
    """What helps where files are in different units."""
    stated = [unit for unit in units if unit is not None]
    if AREAS.keys() & stated and (set(units) - AREAS.keys()):
        return (
            f"An area and a diameter do not go together. Read the files with areas apart, where {SETTING.area} takes the "
            "diameter: smilejax convert writes such a table, which can be read with the others."
        )
    if len(stated) == 1 and stated[0] not in AREAS:
        return f"If all are in {stated[0]}, say so: {SETTING.unit} {stated[0]}. Else convert one kind."
    return "Convert one kind, or read each kind apart: smilejax convert writes it in mm where its unit is a length."


def _time(parts: Sequence[Samples], name: str) -> Time | None:
    times = [part.time for part in parts]
    if all(time is None for time in times):
        return None
    for part in parts:
        if part.time is None:
            raise ReadError(f"{name}: {part.file} has no time, while others have one.")
    known = [cast(Time, time) for time in times]
    units = [time.unit or inferred_unit(part.file, time.values) for time, part in zip(known, parts, strict=True)]
    if len(set(units)) == 1:
        same = {time.unit for time in known}
        unit = next(iter(same)) if len(same) == 1 else units[0]
        how: Literal["given", "recognised"] = "given" if all(time.how == "given" for time in known) else "recognised"
        return Time(np.concatenate([time.values for time in known]), unit, how)
    # one file in seconds and another in ms: each by its own, in the finest
    finest = min(units, key=lambda unit: SECONDS[unit])
    values = [
        time.values if unit == finest else time.values * (SECONDS[unit] / SECONDS[finest])
        for time, unit in zip(known, units, strict=True)
    ]
    return Time(np.concatenate(values), finest)


def _rate(parts: Sequence[Samples], name: str) -> float | None:
    rates = {part.rate_hz: part.file for part in parts if part.rate_hz is not None}
    if len(rates) > 1 and any(part.time is None for part in parts):
        raise ReadError(f"{name}: the files have no time and different rates: {listed(f'{r:g} Hz' for r in rates)}.")
    return next(iter(rates), None)


def _names(parts: Sequence[Samples]) -> dict[NameRole, Names]:
    roles = dict.fromkeys(role for part in parts for role in part.names)
    return {role: Names.chained([part.names.get(role) or Names.one("", len(part)) for part in parts]) for role in roles}


def _marks(marks: Sequence[npt.NDArray[np.bool_] | None], parts: Sequence[Samples]) -> npt.NDArray[np.bool_] | None:
    if all(mark is None for mark in marks):
        return None
    return np.concatenate(
        [np.zeros((len(part), 2), np.bool_) if mark is None else mark for mark, part in zip(marks, parts, strict=True)]
    )


def _zero(parts: Sequence[Samples], name: str) -> npt.NDArray[np.float64] | None:
    zeros = [part.zero for part in parts]
    if all(zero is None for zero in zeros):
        return None
    if any(zero is None for zero in zeros):
        raise ReadError(f"{name}: some files give the onsets of trials and others do not.")
    return np.concatenate([cast("npt.NDArray[np.float64]", zero) for zero in zeros])


def _onsets(parts: Sequence[Samples]) -> npt.NDArray[np.int64] | None:
    """Onsets of all parts, numbered on from part to part. By one set of settings all parts are cut, or none is."""
    onsets, first = [], 0
    for part in parts:
        if part.onset is None:
            return None
        onsets.append(part.onset + first)
        first += int(part.onset.max(initial=-1)) + 1
    return np.concatenate(onsets)


def _in_each(finding: Finding, parts: int) -> Finding:
    """What all parts share; of a count that it holds for each of them, since what is found is counted over all."""
    if parts < 2 or not _COUNT.match(finding.value):
        return finding
    return replace(finding, value=f"{finding.marked} (in each)")


def _findings(parts: Sequence[Samples]) -> tuple[Finding, ...]:
    """Findings of all parts: those that all share once, of the others how many parts each holds for."""
    counts: dict[Finding, int] = {}
    for part in parts:
        for finding in dict.fromkeys(part.findings):
            counts[finding] = counts.get(finding, 0) + 1
    files = list(dict.fromkeys(name for part in parts if "file" in part.names for name in part.names["file"].names))
    several_files = Finding("files", f"{len(files)}: {listed(files, 4)}", "recognised")
    shared = [several_files] if len(files) > 1 else []
    shared += [_in_each(finding, len(parts)) for finding, n in counts.items() if n == len(parts)]
    values: dict[str, list[Finding]] = {}
    for finding, n in counts.items():
        if n < len(parts):
            values.setdefault(finding.what, []).append(finding)
    rest = [
        found[0]
        if len(found) == 1
        else Finding(
            what,
            listed((f.marked for f in found), 4),
            "warning" if any(f.how == "warning" for f in found) else found[0].how,
        )
        for what, found in values.items()
    ]
    return (*shared, *rest)

"""Two eyes and their units: every pupil as a diameter in one unit, or an error that says which do not go together."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax._util.fast_median import fast_median
from smilejax.readers.rows import group
from smilejax.readers.samples import EYES_IN_ORDER, PupilUnit
from smilejax.recordings.source import Finding, How
from smilejax.recordings.trials import Unit
from smilejax.settings import ReadSettings

F64 = npt.NDArray[np.float64]

TO_MM: dict[PupilUnit, float] = {"mm": 1.0, "um": 1e-3, "m": 1e3, "cm": 10.0}
"""Millimetres of one of each unit of length."""

LIKELY_MM = (1.5, 9.0)
"""Medians that are a diameter in mm: the range of human pupils (Kret & Sjak-Shie 2019)."""

NARROWEST_MM = 1.0
"""Medians below are no pupil in mm."""

LIKELY_AREA_MM2 = (9.0, 64.0)
"""Medians above `LIKELY_MM` that are an area in mm2: of diameters from 3.4 to 9 mm."""

METRES = (0.0005, 0.02)
"""Medians that are a diameter in metres, as faceLAB and the Open Gaze interface write it: 0.5 to 20 mm."""

SAME_SIZE = (0.5, 2.0)
"""Two eyes of one person differ by less than this factor; more are two units, or two measures."""

OTHER_UNIT = 8.0
"""Participants whose medians differ by more than this factor were not recorded in one unit: pupils span 1.5 to 9 mm."""


def diameters(
    file: str,
    pupil: F64,
    stated: tuple[PupilUnit | None, PupilUnit | None],
    participant: npt.NDArray[np.int64],
    participants: Sequence[str],
    settings: ReadSettings,
) -> tuple[F64, Unit, tuple[Finding, ...]]:
    """All pupils as diameters in one unit.

    Arguments:
        file: how messages name the file.
        pupil: `f64[S, 2]`, NaN where missing.
        stated: units of the left and right eye as the file states them.
        participant: `i64[S]`, index of each row's participant into `participants`.
        settings: of which `unit` goes before what the file states, and `area` says that the pupil is an area.

    Returns:
        `f64[S, 2]` in mm, au or px, that unit, and what was found and converted.

    Raises:
        ReadError: the eyes, or the participants, are not in one unit, or the values cannot be in the unit that is stated.
    """
    recorded = [eye for eye in (0, 1) if np.isfinite(pupil[:, eye]).any()]
    if not recorded:
        return pupil, "mm", ()
    units: list[PupilUnit | None] = [settings.unit or stated[eye] for eye in (0, 1)]
    _check_areas(file, units, recorded, settings)
    values, power, areas = _without_areas(pupil, units, recorded, settings)
    _check_participants(file, values, participant, participants, OTHER_UNIT**power)
    findings = list(areas)
    for eye in recorded:
        units[eye], how = _settled(file, values, eye, units[eye], recorded, settings)
        findings += how
    written = {units[eye] for eye in recorded}
    findings += _to_mm(values, units, stated, recorded, settings)
    both = {units[eye] for eye in recorded}
    if len(both) > 1:
        raise ReadError(
            f"{file}: both eyes must have one unit; the left is in {units[0]} and the right in {units[1]}. Name the unit "
            f"({SETTING.unit}), or read one eye: leave the other column out."
        )
    _check_eyes(file, values, recorded, power)
    unit = both.pop()
    assert unit in ("mm", "au", "px")
    median = _median(values[:, recorded])
    source = "given" if settings.unit else "recognised" if any(stated[e] for e in recorded) else "inferred"
    again = source == "inferred" and len(written) == 1 and (unit != "mm" or median >= NARROWEST_MM)
    sets = ("unit", str(written.pop())) if again else None
    return values, unit, (Finding("pupil unit", f"{unit} (median {median:.4g})", source, sets), *findings)  # type: ignore[arg-type]


def _without_areas(
    pupil: F64, units: list[PupilUnit | None], recorded: list[int], settings: ReadSettings
) -> tuple[F64, int, list[Finding]]:
    """A copy of the pupils, areas as diameters where the settings say so; 2 where areas stay, else 1; and what was done.

    `units` are changed with them.
    """
    values, power, findings = pupil.copy(), 1, []
    for eye in recorded:
        if units[eye] == "au2" and not settings.area:
            units[eye], power = "au", 2  # what differs k times in diameter differs k squared times in area
            value = f"an area in arbitrary units, kept as it is; {SETTING.area} takes the diameter"
            findings.append(Finding(f"{_eye(eye)} pupil", value, "recognised"))
        elif settings.area:
            values[:, eye] = 2 * np.sqrt(values[:, eye] / math.pi)
            units[eye] = _length_of(units[eye])
            findings.append(Finding(f"{_eye(eye)} pupil", "area, converted to the diameter of a circle", "given"))
    return values, power, findings


def _to_mm(
    values: F64,
    units: list[PupilUnit | None],
    stated: tuple[PupilUnit | None, PupilUnit | None],
    recorded: list[int],
    settings: ReadSettings,
) -> list[Finding]:
    """Bring lengths to mm, in place, and say which."""
    findings = []
    for eye in recorded:
        unit = units[eye]
        if unit is not None and unit in TO_MM and unit != "mm":
            values[:, eye] *= TO_MM[unit]
            how: How = "given" if settings.unit else "recognised" if stated[eye] else "inferred"
            findings.append(Finding(f"{_eye(eye)} pupil", f"{unit}, converted to mm", how))
            units[eye] = "mm"
    return findings


def _median(values: F64) -> float:
    """The median of the values that are there."""
    return fast_median(values[np.isfinite(values)])


def _length_of(unit: PupilUnit | None) -> PupilUnit | None:
    return {"mm2": "mm", "px2": "px", "au2": "au"}.get(str(unit), unit)  # type: ignore[return-value]


def _eye(eye: int) -> str:
    return EYES_IN_ORDER[eye] + " eye's"


def _check_areas(file: str, units: list[PupilUnit | None], recorded: list[int], settings: ReadSettings) -> None:
    for eye in recorded:
        if units[eye] in ("mm2", "px2") and not settings.area and settings.unit is None:
            raise ReadError(
                f"{file}: the heading says that the pupil is an area ({units[eye]}). Convert it to the diameter of a circle of "
                f"this area by {SETTING.area}, or take the numbers as they are, as arbitrary units: {SETTING.unit} au"
            )


def _settled(
    file: str, values: F64, eye: int, unit: PupilUnit | None, recorded: list[int], settings: ReadSettings
) -> tuple[PupilUnit, list[Finding]]:
    """The unit of an eye: as stated, if its values can be, else from its median and that of the other eye."""
    median = _median(values[:, eye])
    if unit in ("au", "px"):
        return unit, []
    if unit is not None:
        _check_length(file, eye, median, unit)
        return unit, []
    if METRES[0] <= median <= METRES[1]:
        return "m", [Finding(f"{_eye(eye)} unit", f"m (median {median:.4g})", "inferred")]
    others = [_median(values[:, e]) for e in recorded if e != eye]
    if others and LIKELY_MM[0] <= others[0] <= LIKELY_MM[1] and 500 <= median / others[0] <= 2000:
        value = f"um: its median, {median:.4g}, is {median / others[0]:.4g} times the other eye's"
        return "um", [Finding(f"{_eye(eye)} unit", value, "warning")]
    if LIKELY_AREA_MM2[0] < median <= LIKELY_AREA_MM2[1]:
        diameter = 2 * math.sqrt(median / math.pi)
        raise ReadError(
            f"{file}: the median of the {EYES_IN_ORDER[eye]} pupil is {median:.4g}: too much for a diameter in mm (up to "
            f"{LIKELY_MM[1]:g}). As an area in mm2 it is a diameter of {diameter:.3g} mm: {SETTING.area}. "
            f"For arbitrary units: {SETTING.unit} au"
        )
    return ("mm" if NARROWEST_MM <= median <= LIKELY_MM[1] else "au"), []


def _check_length(file: str, eye: int, median: float, unit: PupilUnit) -> None:
    in_mm = median * TO_MM[unit]
    if not NARROWEST_MM <= in_mm <= LIKELY_MM[1]:
        other = (
            f" If it is an area, {SETTING.area} makes it a diameter of {2 * math.sqrt(median / math.pi):.3g}."
            if in_mm > 9
            else ""
        )
        fitting = [(u, median * mm) for u, mm in TO_MM.items() if LIKELY_MM[0] <= median * mm <= LIKELY_MM[1]]
        other += "".join(f" In {u} it would be {mm:.4g} mm: {SETTING.unit} {u}." for u, mm in fitting)
        raise ReadError(
            f"{file}: the {EYES_IN_ORDER[eye]} pupil cannot be in {unit}: its median, {median:.4g}, would "
            f"be {in_mm:.4g} mm, and "
            f"pupils are {LIKELY_MM[0]:g} to {LIKELY_MM[1]:g} mm wide.{other} For arbitrary units or "
            f"pixels: {SETTING.unit} au or px"
        )


def _check_eyes(file: str, values: F64, recorded: list[int], power: int) -> None:
    """Both eyes of one size, where they were measured together; `power` is 2 for areas."""
    if len(recorded) < 2:
        return
    both = np.isfinite(values).all(axis=1)
    if not both.any():
        return
    left, right = (_median(values[both, eye]) for eye in (0, 1))
    if not SAME_SIZE[0] ** power <= left / right <= SAME_SIZE[1] ** power:
        raise ReadError(
            f"{file}: the eyes are not in one unit: where both were measured the left pupil's median is "
            f"{left:.4g} and the right "
            f"one's {right:.4g}. Convert one of them, or read one eye: leave the other column out."
        )


def _check_participants(
    file: str,
    values: F64,
    participant: npt.NDArray[np.int64],
    participants: Sequence[str],
    most: float,
) -> None:
    """All participants in one unit, each eye for itself."""
    order, start = group(participant)
    codes = participant[order[start[:-1]]]
    for eye in (0, 1):
        medians = {}
        column = values[order, eye]
        for i in np.argsort(codes).tolist():
            mine = column[start[i] : start[i + 1]]
            if np.isfinite(mine).any():
                medians[participants[codes[i]]] = _median(mine)
        if not medians or max(medians.values()) <= most * min(medians.values()):
            continue
        middle = math.sqrt(max(medians.values()) * min(medians.values()))
        small = [name for name, m in medians.items() if m <= middle]
        large = [name for name, m in medians.items() if m > middle]
        raise ReadError(
            f"{file}: the participants are not in one unit: the {EYES_IN_ORDER[eye]} pupil's median is "
            f"{medians[small[0]]:.4g} for "
            f"{listed(small)} and {medians[large[0]]:.4g} for {listed(large)}. Convert one kind, or read them apart "
            f"({SETTING.exclude} leaves participants out)."
        )

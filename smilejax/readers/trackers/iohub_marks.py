"""What ioHub writes beside a pupil: the status of a sample, and which measure of the pupil it is."""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from smilejax.readers.samples import Eye, PupilUnit
from smilejax.recordings.source import Finding

UNITS: dict[int, PupilUnit] = {70: "au2", 71: "au", 77: "mm"}
"""Units by the kind of measure: an area, a diameter, a diameter in mm."""

OTHER_KINDS = {72: "a width", 73: "a height", 74: "a major axis", 75: "a minor axis", 76: "a radius"}
OTHER_KINDS |= {kind + 6: f"{words} in mm" for kind, words in OTHER_KINDS.items()}

LOST = {0: (False, False), 2: (False, True), 20: (True, False), 22: (True, True)}
"""Which eye is lost, left and right, by the status of a sample of both eyes."""


def lost(status: npt.NDArray[np.float64], *, both: bool) -> tuple[npt.NDArray[np.bool_] | None, tuple[Finding, ...]]:
    """Which samples are marked as lost, `bool[S, 2]`, or None where the status means something else: that is a tracker's own.

    Arguments:
        status: `f64[S]`, NaN where there is none.
        both: whether samples are of both eyes; of one, each status above 0 is lost.
    """
    known = status[~np.isnan(status)]
    if not len(known):
        return None, ()
    others = sorted(set(np.unique(known).tolist()) - set(LOST))
    if others:
        shown = ", ".join(f"{value:g}" for value in others[:5])
        value = f"not used: it has {shown} beside 0, 2, 20 and 22, and their meaning is the tracker's own"
        return None, (Finding("status of samples", value, "warning"),)
    marks = np.zeros((len(status), 2), np.bool_)
    for code, eyes in LOST.items():
        marks[status == code] = eyes if both else code > 0
    words = "0 is good, 2 lost on the right, 20 on the left, 22 on both" if both else "0 is good, others are lost"
    return marks, (Finding("status of samples", f"{words}; {np.count_nonzero(marks.any(axis=1))} lost", "recognised"),)


def pupil_units_of(kinds: Mapping[Eye, npt.NDArray[np.float64]]) -> tuple[dict[Eye, PupilUnit], tuple[Finding, ...]]:
    """The unit of each eye's pupil, by the kind of measure beside it, where that is one of a diameter or an area."""
    units: dict[Eye, PupilUnit] = {}
    findings: list[Finding] = []
    for eye, values in kinds.items():
        found = [int(kind) for kind in np.unique(values[~np.isnan(values)]) if kind in UNITS or kind in OTHER_KINDS]
        if len(found) == 1 and found[0] in UNITS:
            units[eye] = UNITS[found[0]]
        elif found:
            shown = " and ".join(OTHER_KINDS.get(kind, UNITS.get(kind, "")) for kind in found)
            findings.append(Finding(f"measure of the {eye} pupil", f"{shown}, no plain diameter", "warning"))
    return units, tuple(findings)

"""Marks of validity in a table of samples. Programs write them as words or as codes, and codes have two polarities:
Tobii Studio counts from 0, good, to 4, lost; Tobii's SDK writes 1 for good and 0 for bad. What a code means is known by the
format, and held against the pupils that stand beside it."""

from typing import Literal

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import ReadError
from smilejax.readers.columns import cell_values
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.samples import Eye
from smilejax.recordings.source import Finding

Polarity = Literal["low is good", "one is good"]
"""`low is good`: 0 and 1 are good, 2, 3 and 4 are not (a lost eye is 4). `one is good`: 1 is good, 0 is not."""

SURE = 0.5
"""By how much shares of rows with a pupil must differ for the pupils to overrule what the format says of its codes."""

ENOUGH = 5
"""Rows of each code that must be there for the pupils to overrule the format."""

_WORDS = {"valid": True, "true": True, "yes": True, "invalid": False, "false": False, "no": False}


def invalid(
    table: RawTable,
    columns: dict[Eye, int],
    pupil: npt.NDArray[np.float64],
    expected: Polarity,
    *,
    sure: bool = True,
) -> tuple[npt.NDArray[np.bool_] | None, tuple[Finding, ...]]:
    """Which samples the tracker marks as invalid, `bool[R, 2]`, or None where no eye has marks. An empty cell is no mark.

    Arguments:
        table: R rows.
        columns: the column of the marks of each eye that has one.
        pupil: `f64[R, 2]`, as the file writes it.
        expected: what the format's codes mean.
        sure: whether the format fixes the meaning; else one code for all rows is good where pupils stand beside it.

    Raises:
        ReadError: naming the first cell that is no mark of validity.
    """
    if not columns:
        return None, ()
    codes = {eye: _codes(table, column) for eye, column in columns.items()}
    marks = np.zeros((len(table.line), 2), np.bool_)
    findings: list[Finding] = []
    worded = [eye for eye, (_, words) in codes.items() if words]
    numbered = [eye for eye in codes if eye not in worded]
    for eye in worded:
        marks[:, _lane(eye)] = codes[eye][0] == 0
    if numbered:
        values = np.concatenate([codes[eye][0] for eye in numbered])
        has = np.concatenate([pupil[:, _lane(eye)] > 0 for eye in numbered])
        good, finding = _good_codes(values, has, expected, sure)
        findings.append(finding)
        for eye in numbered:
            code = codes[eye][0]
            marks[:, _lane(eye)] = ~np.isin(code, good) & ~np.isnan(code)
    heads = [cell_values.heading(table, column) for column in columns.values()]
    return marks, (
        Finding("validity", " and ".join(heads), "recognised"),
        *findings,
        _counted(marks, pupil, list(columns)),
    )


def _lane(eye: Eye) -> int:
    return 0 if eye == "left" else 1


def _codes(table: RawTable, column: int) -> tuple[npt.NDArray[np.float64], bool]:
    """Codes of a column, NaN where a cell is empty, and whether they are words: valid is then 1 and invalid 0."""
    rows, names = cell_values.names(table, column)
    filled = [name for name in names if name.casefold() not in cell_values.MISSING_WORDS]
    words = bool(filled) and all(name.casefold() in _WORDS for name in filled)
    values = np.full(len(names), np.nan)
    for i, name in enumerate(names):
        if name not in filled:
            continue
        values[i] = float(_WORDS[name.casefold()]) if words else _code(name)
        if np.isnan(values[i]):
            row = int(np.argmax(rows == i))
            raise ReadError(
                f"{table.at(row)}, column {cell_values.heading(table, column)}: a mark of validity must be Valid or Invalid, "
                f"True or False, or a code from 0 to 4; the cell holds {name!r}. Correct it, or remove the column."
            )
    return values[rows], words


def _code(name: str) -> float:
    """A code from 0 to 4, also as `4.0` or `4,0`, or -1, by which some exports say that there is none; else NaN."""
    try:
        value = float(name.replace(",", "."))
    except ValueError:
        return float("nan")
    return value if value in (-1, 0, 1, 2, 3, 4) else float("nan")


def _good_codes(
    values: npt.NDArray[np.float64], has: npt.NDArray[np.bool_], expected: Polarity, sure: bool
) -> tuple[tuple[int, ...], Finding]:
    """Which codes are good: as the format has it, unless the pupils beside them say otherwise."""
    if (values > 1).any():
        usual = "0 and 1 are good, 2 to 4 are not"
        if expected == "low is good":
            return (0, 1), _said(usual, "recognised")
        return (0, 1), _said(
            f"{usual}: codes above 1 stand in it, so that it counts from 0, good, to 4, lost", "warning"
        )
    count = [int(np.count_nonzero(values == code)) for code in (0, 1)]
    share = [float(has[values == code].mean()) if count[code] else 0.0 for code in (0, 1)]
    beside = "; ".join(
        f"{share[code]:.0%} of {count[code]} samples with {code} have a pupil" for code in (0, 1) if count[code]
    )
    if min(count) >= ENOUGH and abs(share[0] - share[1]) > SURE:
        good = 0 if share[0] > share[1] else 1
        shown = f"{good} is good and {1 - good} is not"
        if (good == 0) == (expected == "low is good"):
            return (good,), _said(f"{shown}: {beside}", "inferred")
        return (good,), _said(f"{shown}, against what this format usually means: {beside}", "warning")
    for code in (0, 1):
        if not sure and not count[1 - code] and share[code] > SURE and (code == 1) == (expected == "low is good"):
            return (code,), _said(f"{code} is good: {beside}", "warning")
    if expected == "low is good":
        return (0, 1), _said("0 and 1 are good", "recognised")
    return (1,), _said("1 is good and 0 is not", "recognised")


def _said(value: str, how: Literal["recognised", "inferred", "warning"]) -> Finding:
    return Finding("codes of validity", value, how)


def _counted(marks: npt.NDArray[np.bool_], pupil: npt.NDArray[np.float64], eyes: list[Eye]) -> Finding:
    """How many samples are marked, and how many of them hold a number nevertheless, which is not used."""
    parts = []
    for eye in eyes:
        bad = marks[:, _lane(eye)]
        behind = int(np.count_nonzero(bad & (pupil[:, _lane(eye)] > 0)))
        unused = f", {behind} of them with a pupil that is not used" if behind else ""
        parts.append(f"{eye}: {np.count_nonzero(bad)} of {len(bad)}{unused}")
    return Finding("samples marked invalid", "; ".join(parts), "inferred")

"""Marks of validity in a table of samples. Programs write them as words or as codes, and codes have two polarities:
Tobii Studio counts from 0, good, to 4, lost; Tobii's SDK writes 1 for good and 0 for bad. What a code means is known by the
format, and held against the pupils that stand beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
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
    has = {eye: pupil[:, _lane(eye)] > 0 for eye in codes}
    marks = np.zeros((len(table.line), 2), np.bool_)
    findings: list[Finding] = []
    worded = [eye for eye, code in codes.items() if code.words]
    numbered = [eye for eye in codes if eye not in worded]
    for eye in worded:
        marks[:, _lane(eye)] = codes[eye].are(0)
    if numbered:
        good, finding = _good_codes([(codes[eye], has[eye]) for eye in numbered], expected, sure)
        findings.append(finding)
        for eye in numbered:
            code = codes[eye].values
            marks[:, _lane(eye)] = (~np.isin(code, good) & ~np.isnan(code))[codes[eye].rows]
    heads = [cell_values.heading(table, column) for column in columns.values()]
    return marks, (
        Finding("validity", " and ".join(heads), "recognised"),
        *findings,
        _counted(marks, has),
    )


def _lane(eye: Eye) -> int:
    return 0 if eye == "left" else 1


@dataclass(frozen=True, eq=False)
class _Codes:
    """Codes of a column of R rows.

    Arguments:
        rows: `i64[R]`, indices into `values`.
        values: the different codes, NaN for an empty cell.
        words: whether they are words: valid is then 1 and invalid 0.
    """

    rows: npt.NDArray[np.int64]
    values: npt.NDArray[np.float64]
    words: bool

    def are(self, code: int) -> npt.NDArray[np.bool_]:
        """`bool[R]`: which rows have a code."""
        return (self.values == code)[self.rows]


def _codes(table: RawTable, column: int) -> _Codes:
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
    return _Codes(rows, values, words)


def _code(name: str) -> float:
    """A code from 0 to 4, also as `4.0` or `4,0`, or -1, by which some exports say that there is none; else NaN."""
    try:
        value = float(name.replace(",", "."))
    except ValueError:
        return float("nan")
    return value if value in (-1, 0, 1, 2, 3, 4) else float("nan")


def _good_codes(
    eyes: Sequence[tuple[_Codes, npt.NDArray[np.bool_]]], expected: Polarity, sure: bool
) -> tuple[tuple[int, ...], Finding]:
    """Which codes are good: as the format has it, unless the pupils beside them say otherwise.

    Arguments:
        eyes: the codes of each eye, and `bool[R]`, which rows have a pupil of it.
    """
    if any((codes.values > 1).any() for codes, _ in eyes):
        usual = "0 and 1 are good, 2 to 4 are not"
        if expected == "low is good":
            return (0, 1), _said(usual, "recognised")
        return (0, 1), _said(
            f"{usual}: codes above 1 stand in it, so that it counts from 0, good, to 4, lost", "warning"
        )
    there = [[codes.are(code) for codes, _ in eyes] for code in (0, 1)]
    count = [sum(int(np.count_nonzero(rows)) for rows in of) for of in there]
    both = [sum(int(np.count_nonzero(r & has)) for r, (_, has) in zip(of, eyes, strict=True)) for of in there]
    share = [both[code] / count[code] if count[code] else 0.0 for code in (0, 1)]
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


def _counted(marks: npt.NDArray[np.bool_], has: Mapping[Eye, npt.NDArray[np.bool_]]) -> Finding:
    """How many samples are marked, and how many of them hold a number nevertheless, which is not used."""
    parts = []
    for eye, pupil in has.items():
        bad = marks[:, _lane(eye)]
        behind = int(np.count_nonzero(bad & pupil))
        unused = f", {behind} of them with a pupil that is not used" if behind else ""
        parts.append(f"{eye}: {np.count_nonzero(bad)} of {len(bad)}{unused}")
    return Finding("samples marked invalid", "; ".join(parts), "inferred")

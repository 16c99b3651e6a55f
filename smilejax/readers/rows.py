"""Rows of a file put trial by trial, with names and places for messages."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import ReadError
from smilejax.readers.samples import Names


@dataclass(frozen=True, eq=False)
class Rows:
    """S rows of N trials, one trial after the other.

    Arguments:
        file: how messages name the file.
        place: what a row is called there, `line` or `row`.
        line: `i64[S]`, where each row stands in the file.
        start: `i64[N + 1]`, first row of each trial, and S.
        name: N names of trials for messages.
        files: names of the files in which rows stand, `i64[S]` and the names, where there are several.
    """

    file: str
    place: str
    line: npt.NDArray[np.int64]
    start: npt.NDArray[np.int64]
    name: tuple[str, ...]
    files: Names | None = None

    def at(self, row: int) -> str:
        """How messages name a row: `pupil.csv, line 12`."""
        file = self.file if self.files is None else self.files.at(row)
        return f"{file}, {self.place} {self.line[row]}"

    def span(self, trial: int) -> str:
        """Where a trial stands: `lines 2 to 601`."""
        line = self.line[self.start[trial] : self.start[trial + 1]]
        return f"{self.place} {line[0]}" if len(line) == 1 else f"{self.place}s {line.min()} to {line.max()}"

    def trial_of(self, row: int) -> int:
        """The trial a row belongs to."""
        return int(np.searchsorted(self.start, row, side="right")) - 1

    def inner(self) -> npt.NDArray[np.bool_]:
        """`bool[S - 1]`: which rows are followed by one of the same trial."""
        inner = np.ones(self.start[-1] - 1, np.bool_)
        inner[self.start[1:-1] - 1] = False
        return inner

    def slices(self) -> list[slice]:
        """The rows of each trial."""
        return [slice(int(a), int(b)) for a, b in zip(self.start[:-1], self.start[1:], strict=True)]


def group(codes: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Order that puts rows with the same code together, codes by first appearance, rows as they stood.

    Arguments:
        codes: `i64[S]`, 0 or above.

    Returns:
        `order i64[S]` and `start i64[N + 1]`.
    """
    begin = np.flatnonzero(np.diff(codes, prepend=codes[:1] - 1))  # of stretches of one code
    length = np.diff(begin, append=len(codes))
    _, first, inverse = np.unique(codes[begin], return_index=True, return_inverse=True)
    rank = np.empty(len(first), np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    group_of = rank[inverse]
    start = np.concatenate(([0], np.cumsum(np.bincount(group_of, length, len(first)).astype(np.int64))))
    if len(first) == len(begin):
        return np.arange(len(codes)), start
    by_group = np.argsort(group_of, kind="stable")
    ahead = np.cumsum(length[by_group]) - length[by_group]  # rows of the stretches put before each
    return np.repeat(begin[by_group] - ahead, length[by_group]) + np.arange(len(codes)), start


def constant(rows: Rows, codes: npt.NDArray[np.int64], names: Sequence[str], what: str) -> npt.NDArray[np.int64]:
    """The code of each trial, `i64[N]`, from the codes of its rows, `i64[S]`.

    Raises:
        ReadError: where a code changes within a trial, with both lines.
    """
    first = codes[rows.start[:-1]]
    changed = codes != np.repeat(first, np.diff(rows.start))
    if changed.any():
        row = int(np.argmax(changed))
        trial = rows.trial_of(row)
        raise ReadError(
            f"{rows.at(row)}: the {what} must be the same throughout a trial; {rows.name[trial]} has "
            f"{names[first[trial]]!r} in {rows.place} {rows.line[rows.start[trial]]} and {names[codes[row]]!r} here. "
            "If these are two trials, their names must differ."
        )
    return first

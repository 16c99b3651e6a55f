"""What kinds of bytes a text holds, and whether its quotation marks stand around whole fields."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

PIECE = 1 << 18
"""Bytes that are looked at together, so that they stay in the processor's cache."""

_TAB, _NEWLINE, _RETURN, _SPACE, _QUOTE, _X, _DELETE = b'\t\n\r "x\x7f'
_LOWER_CASE = np.uint8(0x20)


@dataclass(frozen=True)
class Counts:
    """How many bytes of a text are newlines, carriage returns, quotation marks, control characters (but these and tab), and
    beyond ASCII; and whether there is a letter x, as in hexadecimal numbers."""

    newlines: int
    returns: int
    quotes: int
    control: int
    beyond_ascii: int
    has_x: bool


def count_bytes(text: bytes | bytearray) -> Counts:
    """Count the bytes of a text by their kind."""
    buffer = np.frombuffer(text, np.uint8)
    newlines = quotes = returns = control = beyond = 0
    has_x = False
    for start in range(0, len(buffer), PIECE):
        piece = buffer[start : start + PIECE]
        lines = _how_many(piece == _NEWLINE)
        newlines += lines
        quotes += _how_many(piece == _QUOTE)
        has_x = has_x or bool((piece | _LOWER_CASE == _X).any())
        if low := _how_many(piece < _SPACE) - lines:
            ends = _how_many(piece == _RETURN)
            returns += ends
            control += low - ends - _how_many(piece == _TAB)
        if high := _how_many(piece >= _DELETE):
            deletes = _how_many(piece == _DELETE)
            control += deletes
            beyond += high - deletes
    return Counts(newlines, returns, quotes, control, beyond, has_x)


def _how_many(marks: npt.NDArray[np.bool_]) -> int:
    return int(np.count_nonzero(marks))


def quotes_around_fields(text: bytes | bytearray, delimiter: str) -> bool:
    """Whether quotation marks stand around whole fields, within one line, and doubled within them.

    Arguments:
        text: whole lines, each with its newline.
        delimiter: between the fields.
    """
    buffer = np.frombuffer(text, np.uint8)
    border = (ord(delimiter), _NEWLINE, _QUOTE)
    return all(_around_fields(buffer[start:stop], border) for start, stop in _pieces_of_lines(text))


def _pieces_of_lines(text: bytes | bytearray) -> Iterator[tuple[int, int]]:
    """From where to where pieces of whole lines go."""
    start = 0
    while start < len(text):
        stop = text.rfind(b"\n", start, start + PIECE) + 1 or text.find(b"\n", start) + 1 or len(text)
        yield start, stop
        start = stop


def _around_fields(piece: npt.NDArray[np.uint8], border: tuple[int, int, int]) -> bool:
    """Of whole lines: whether every opening mark stands behind a border (a delimiter, a newline or another mark), and every
    closing one before one."""
    marks, lines = np.flatnonzero(piece == _QUOTE), np.flatnonzero(piece == _NEWLINE)
    if len(marks) % 2 or (np.searchsorted(marks, lines) % 2).any():
        return False
    before = piece[marks[::2] - 1]  # before the first byte stands the newline at the end of the piece
    behind = piece[marks[1::2] + 1]
    a, b, c = border
    return all(((beside == a) | (beside == b) | (beside == c)).all() for beside in (before, behind))

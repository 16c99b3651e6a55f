"""What a page is made of: paragraphs, tables, figures, and the sections that hold them. Plain values; templates draw them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from smilejax.evaluation.study.study_record import StudyRecord

MOST_ROWS = 40
"""Rows of a table below a figure before only every k-th is shown: about a printed page (our choice)."""


@dataclass(frozen=True)
class Table:
    """A table of texts.

    Arguments:
        caption: what it holds. head: of each column. rows: each as long as head; the first cell names the row.
        text_columns: numbers of the columns that hold text; the others hold numbers and are aligned to the right.
        note: printed below it.
    """

    kind: ClassVar[str] = "table"
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text_columns: tuple[int, ...] = (0,)
    note: str = ""


@dataclass(frozen=True)
class Key:
    """One entry of a figure's legend: a name, and the CSS variable, dash and marker that stand for it.

    Arguments:
        dash: of an SVG stroke, empty for a solid line. marker: empty, "circle", "square" or "diamond".
        band: CSS variable of the band around the line, empty for none. wide: stroke width in px.
    """

    name: str
    color: str
    dash: str = ""
    marker: str = ""
    band: str = ""
    wide: float = 2.0
    line: bool = True


@dataclass(frozen=True)
class Figure:
    """A figure, what it shows in words, and its numbers.

    Arguments:
        id: unique on the page. title: a few words. caption: how it is read. label: its content, for screen readers.
        spec: Plotly's JSON, with CSS variables as colours. height: in px. width: the most px, 0 for the whole column.
        keys: the legend. tables: the same numbers.
    """

    kind: ClassVar[str] = "figure"
    id: str
    title: str
    caption: str
    label: str
    spec: str
    tables: tuple[Table, ...]
    keys: tuple[Key, ...] = ()
    height: int = 340
    width: int = 0


@dataclass(frozen=True)
class FigureGrid:
    """Small figures in columns."""

    kind: ClassVar[str] = "grid"
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Fold:
    """Tables that are shown on request.

    Arguments:
        summary: what they hold. tables: one or more.
        as_written: they hold names of settings and columns, which keep their words whatever was recorded (see `Wording`).
    """

    kind: ClassVar[str] = "fold"
    summary: str
    tables: tuple[Table, ...]
    as_written: bool = False


@dataclass(frozen=True)
class Code:
    """A command, with a button that copies it. It keeps its words whatever was recorded (see `Wording`)."""

    kind: ClassVar[str] = "code"
    as_written: ClassVar[bool] = True
    text: str


@dataclass(frozen=True)
class Points:
    """A list of sentences."""

    kind: ClassVar[str] = "points"
    items: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """A paragraph."""

    kind: ClassVar[str] = "words"
    text: str


Block = Table | Figure | FigureGrid | Fold | Code | Points | Words
Blocks = tuple[Block, ...]


def always(record: StudyRecord) -> str:
    """Nothing is missing: the `missing` of a section that every study has."""
    return ""


@dataclass(frozen=True)
class Section:
    """A section of every report that has something to show in it.

    Arguments:
        id: unique on the page; what links name. title: its heading. short: its name in the navigation.
        blocks: what stands in it.
        missing: why a study has nothing to show here, as a sentence; empty where it has. The section is then left out, and
            the reason is given once, at the end of the page.
        of_watchers: of participants who watch stimuli; a report of faces does not speak of it.
    """

    id: str
    title: str
    short: str
    blocks: Callable[[StudyRecord], Blocks]
    missing: Callable[[StudyRecord], str] = always
    of_watchers: bool = False


def thinned(count: int, what: str = "points", most: int = MOST_ROWS) -> tuple[range, str]:
    """Which of `count` rows a table shows, and the sentence that says so (empty where all are shown).

    Example:
        >>> rows, note = thinned(200, most=50)
        >>> len(rows), note
        (50, 'Every 4th of 200 points; the figure shows all of them.')
    """
    step = max(-(-count // most), 1)
    note = "" if step == 1 else f"Every {_ordinal(step)} of {count:,} {what}; the figure shows all of them."
    return range(0, count, step), note


def _ordinal(number: int) -> str:
    """10th, 21st, and "other" for 2, to stand after "every"."""
    if number == 2:
        return "other"
    ending = "th" if number % 100 in (11, 12, 13) else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"

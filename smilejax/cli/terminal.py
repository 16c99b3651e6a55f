"""Where things are printed: tables on standard output, progress on standard error."""

import os
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.style import StyleType
from rich.table import Table
from rich.text import Text

from smilejax._util.number_text import time_words


class _Console(Console):
    """A console whose reader may go away, as in `smilejax check data | head`: that is no error."""

    def on_broken_pipe(self) -> None:
        """Stop printing; the command goes on and ends with 0."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


class _Table(Table):
    """A table whose texts are printed as they are: a class may be called `[b]`, and a participant `:m:`."""

    def add_row(self, *cells: RenderableType | None, style: StyleType | None = None, end_section: bool = False) -> None:
        """Add a row; texts are no markup."""
        plain = (Text(cell) if isinstance(cell, str) else cell for cell in cells)
        super().add_row(*plain, style=style, end_section=end_section)


LINES = 10
"""Lines of progress where there is no terminal to draw a bar on, unless `SMILEJAX_PROGRESS_LINES` says how many."""
RECENT_S = 60.0
"""The time left is told by how fast things ended in this time: what was found on disk ends at once, and trainings on more
trials take longer than others."""
IN_NOTEBOOK = "JPY_PARENT_PID" in os.environ
"""Whether the shell is that of a notebook's cell (`!smilejax ...`): Jupyter sets this for its kernels. The shell looks like a
terminal there, but what a bar draws over itself stays as a line for each time that it was drawn."""
out = _Console(highlight=False, soft_wrap=False, emoji=False, markup=False)
err = Console(stderr=True, highlight=False, emoji=False, markup=False, force_terminal=False if IN_NOTEBOOK else None)
"""What is printed is printed as it is: names of files, columns and people are no markup, and `:m:` is no emoji."""
WARNING = "yellow"


def table(title: str, *columns: str, right: Sequence[str] = ()) -> Table:
    """An empty table; columns named in `right` are numbers."""
    made = _Table(title=title, header_style="", show_edge=False, pad_edge=False)
    for column in columns:
        made.add_column(Text(column), justify="right" if column in right else "left", overflow="fold")
    return made


def indented(text: str) -> Padding:
    """A name in a table that stands under another one; its further lines are indented too."""
    return Padding(Text(text), (0, 0, 0, 2))


def printed(made: Table) -> None:
    """Print a table, and an empty line after it."""
    title, made.title = made.title, None  # on a line of its own: a narrow table would wrap it
    out.print(Text(str(title)), style="bold")
    out.print(made)
    out.print()


def paragraph(text: str) -> None:
    """Print a paragraph as it is (no markup), and an empty line."""
    out.print(text)
    out.print()


def bullet(text: str) -> None:
    """Print an item of a list, its further lines indented."""
    row = Table.grid(padding=(0, 1))
    row.add_row("-", Text(text))
    out.print(row)


def note(text: str) -> None:
    """Print what should be known and stops nothing, to standard error."""
    err.print(f"Note: {text}.", soft_wrap=True)


def warning_line(text: str) -> Text:
    """What should be looked at, on one line: the word in amber."""
    return Text.assemble(("warning", WARNING), f": {text}")


def warning(text: str) -> None:
    """Print what should be looked at and stops nothing, to standard error."""
    err.print(warning_line(text), soft_wrap=True)


@contextmanager
def working(what: str) -> Iterator[Callable[[int, int], None]]:
    """A spinner while something runs; nothing where standard error is no terminal.

    Gives what is called with the bytes that are done, and of how many.
    """
    with err.status(what) as status:
        yield lambda done, of: status.update(f"{what}: {done / 1e6:,.0f} of {of / 1e6:,.0f} MB")


def bar(*, left: bool = True) -> Progress:
    """A bar with what is done of how much, and the time left unless its words say that; it goes when done."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        *((TimeRemainingColumn(),) if left else ()),
    )
    return Progress(*columns, console=err, transient=True)


def in_lines() -> Callable[[int, int, str], None]:
    """Progress where there is no terminal: a line for each tenth, or for another part of all.

    Returns what is called with the number done, the number of all, and what they are ("runs, 3 a second").
    """
    asked = os.environ.get("SMILEJAX_PROGRESS_LINES", "")
    lines = int(asked) if asked.isdecimal() and int(asked) else LINES
    printed_part = -1

    def show(done: int, of: int, words: str) -> None:
        nonlocal printed_part
        part = lines * done // of if of else lines
        if part > printed_part:
            printed_part = part
            what, _, speed = words.partition(", ")
            of_all = f"{what}: {done} of {of} ({done / max(of, 1):.0%})"
            err.print(f"{of_all}, {speed}" if speed else of_all, soft_wrap=True)

    return show


class Counting:
    """How many things have ended, of how many, how fast, and how long the others will take.

    Arguments:
        total: of things, at most. what: what they are.
        show: shows how many have ended, of how many, and in words what they are and how fast they end.
        announce: shows what is being done from now on. clock: seconds from any moment on.
        at_most: whether some may turn out not to be needed, see `spared`.
    """

    def __init__(
        self,
        total: int,
        what: str,
        show: Callable[[int, int, str], None],
        announce: Callable[[str], None],
        *,
        at_most: bool = False,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._total, self._doing, self._show, self._announce = total, what, show, announce
        self._at_most, self._clock = at_most, clock
        self._done = 0
        self._then: deque[tuple[float, int]] = deque()

    def ended(self, count: int) -> None:
        """So many more have ended."""
        now, self._done = self._clock(), self._done + count
        self._then.append((now, self._done))
        while len(self._then) > 2 and self._then[1][0] < now - RECENT_S:
            self._then.popleft()
        self._show(self._done, self._total, self._words())

    def spared(self, count: int) -> None:
        """So many are not needed, and no others will turn out so."""
        self._total, self._at_most = self._total - count, False
        self._show(self._done, self._total, self._words())

    def stage(self, doing: str) -> None:
        """What is being done now. What ended before says nothing of how fast this goes."""
        self._doing = doing
        self._then.clear()
        self._announce(doing)

    def _words(self) -> str:
        if not self._then or (passed := self._clock() - self._then[0][0]) <= 1 or self._done == self._then[0][1]:
            return self._doing
        speed = (self._done - self._then[0][1]) / passed
        left = time_words((self._total - self._done) / speed)
        most = "at most about " if self._at_most else "about "
        return f"{self._doing}, {speed:.3g} a second" + (f", {most}{left} left" if self._done < self._total else "")


@contextmanager
def counting(total: int, what: str, *, at_most: bool = False) -> Iterator[Counting]:
    """Progress over things of one kind, with how many a second and the time left: a bar, or lines where there is no terminal.

    Arguments:
        total, what, at_most: as in `Counting`.
    """
    if not err.is_terminal:
        yield Counting(total, what, in_lines(), lambda now: err.print(now, soft_wrap=True), at_most=at_most)
        return
    count = TextColumn("{task.fields[count]}", markup=False)  # not while something is done that is not counted
    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), count)
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(what, total=total, count="")
        yield Counting(
            total,
            what,
            lambda done, of, words: progress.update(
                task, completed=done, total=of, description=words, count=f"{done}/{of}"
            ),
            lambda now: progress.update(task, description=now, count=""),
            at_most=at_most,
        )

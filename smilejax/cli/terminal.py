"""Where things are printed: tables on standard output, progress on standard error."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, RenderableType
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.style import StyleType
from rich.table import Table
from rich.text import Text


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
"""Lines of progress where there is no terminal to draw a bar on."""
out = _Console(highlight=False, soft_wrap=False, emoji=False, markup=False)
err = Console(stderr=True, highlight=False, emoji=False, markup=False)
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


def bar() -> Progress:
    """A bar with what is done of how much, and the time left; it goes when done."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=err, transient=True)


def in_lines() -> Callable[[int, int, str], None]:
    """Progress where there is no terminal: a line for each tenth.

    Returns what is called with the number done, the number of all, and what they are ("runs, 3 a second").
    """
    printed_tenth = -1

    def show(done: int, of: int, words: str) -> None:
        nonlocal printed_tenth
        tenth = LINES * done // of if of else LINES
        if tenth > printed_tenth:
            printed_tenth = tenth
            what, _, speed = words.partition(", ")
            of_all = f"{what}: {done} of {of} ({done / max(of, 1):.0%})"
            err.print(f"{of_all}, {speed}" if speed else of_all, soft_wrap=True)

    return show


@contextmanager
def counting(total: int, what: str) -> Iterator[tuple[Callable[[int], None], Callable[[str], None]]]:
    """Progress over things of one kind, with how many a second: a bar, or lines where there is no terminal.

    Yields two functions: one to call with how many more have ended, and one to call with what is being done now.
    """
    began, done, doing = 0.0, 0, what

    def words() -> str:
        passed = time.perf_counter() - began
        return f"{doing}, {done / passed:.3g} a second" if done and passed > 1 else doing

    def counts(show: Callable[[int, int, str], None]) -> Callable[[int], None]:
        def more(count: int) -> None:
            nonlocal began, done
            began, done = began or time.perf_counter(), done + count
            show(done, total, words())

        return more

    if not err.is_terminal:
        yield counts(in_lines()), lambda now: err.print(now, soft_wrap=True)
        return
    with bar() as progress:
        task = progress.add_task(what, total=total)

        def stage(now: str) -> None:
            nonlocal doing
            doing = now
            progress.update(task, description=words())

        yield counts(lambda done, of, text: progress.update(task, completed=done, total=of, description=text)), stage

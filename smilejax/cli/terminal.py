"""Where things are printed: tables on standard output, progress on standard error."""

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from rich.table import Table


class _Console(Console):
    """A console whose reader may go away, as in `smilejax check data | head`: that is no error of ours."""

    def on_broken_pipe(self) -> None:
        """Stop printing, and end well."""
        self.quiet = True
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


LINES = 10
"""Lines of progress where there is no terminal to draw a bar on."""
out = _Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False)


def table(title: str, *columns: str, right: Sequence[str] = ()) -> Table:
    """An empty table; columns named in `right` are numbers."""
    made = Table(title=title, header_style="", show_edge=False, pad_edge=False)
    for column in columns:
        made.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return made


def printed(made: Table) -> None:
    """Print a table, and a line to part it from what follows."""
    title, made.title = made.title, None  # on a line of its own: a narrow table would break it
    out.print(title, style="bold")
    out.print(made)
    out.print()


def note(text: str) -> None:
    """What should be known and stops nothing."""
    err.print(f"Note: {text}.", markup=False, soft_wrap=True)


@contextmanager
def working(what: str) -> Iterator[None]:
    """A spinner while something runs; nothing where standard error is no terminal."""
    with err.status(what):
        yield


def bar() -> Progress:
    """A bar with what is done of how much, and the time left; it goes when done."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=err, transient=True)


def in_lines() -> Callable[[int, int, str], None]:
    """Progress where there is no terminal, a line for each tenth: told what is done, of how many, and what in words."""
    said = -1

    def tell(done: int, of: int, words: str) -> None:
        nonlocal said
        tenth = LINES * done // of if of else LINES
        if tenth > said:
            said = tenth
            what, _, speed = words.partition(", ")
            of_all = f"{what}: {done} of {of} ({done / max(of, 1):.0%})"
            err.print(f"{of_all}, {speed}" if speed else of_all, markup=False, soft_wrap=True)

    return tell


@contextmanager
def counted(total: int, what: str) -> Iterator[tuple[Callable[[int], None], Callable[[str], None]]]:
    """Progress over things of one kind, with how many a second: a bar, or lines where there is no terminal.

    Yields what is told that so many more have ended, and what is told what is being done.
    """
    began, done, doing = 0.0, 0, what

    def words() -> str:
        passed = time.perf_counter() - began
        return f"{doing}, {done / passed:.3g} a second" if done and passed > 1 else doing

    def counts(tell: Callable[[int, int, str], None]) -> Callable[[int], None]:
        def more(count: int) -> None:
            nonlocal began, done
            began, done = began or time.perf_counter(), done + count
            tell(done, total, words())

        return more

    if not err.is_terminal:
        yield counts(in_lines()), lambda now: err.print(now, markup=False, soft_wrap=True)
        return
    with bar() as progress:
        task = progress.add_task(what, total=total)

        def said(now: str) -> None:
            nonlocal doing
            doing = now
            progress.update(task, description=words())

        yield counts(lambda done, of, text: progress.update(task, completed=done, total=of, description=text)), said

"""Where things are printed: tables on standard output, progress on standard error."""

import os
import sys
from collections.abc import Iterator, Sequence
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

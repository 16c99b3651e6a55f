"""A line of progress that is written over itself; in a notebook a bar. It imports nothing of notebooks unless it is in one."""

import sys
from html import escape
from typing import Protocol, runtime_checkable

from smilejax._util.errors import SettingsError


@runtime_checkable
class Stream(Protocol):
    """Where text can be written: an open file, standard output, a notebook's."""

    def write(self, text: str, /) -> object:
        """Write text."""

    def flush(self) -> object:
        """Show what was written."""


class ProgressLine:
    """A line that is written over itself, and ended when all is done; in a notebook a bar, of which the last state is kept.

    Arguments:
        every: things done between two writings, from 1 up; the last one is always written.
        to: standard output by default, or the notebook.

    Raises:
        SettingsError: `every` is no whole number from 1 up.
    """

    def __init__(self, every: int, to: Stream | None) -> None:
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise SettingsError(f"every must be a whole number from 1 up; it is {every!r}.")
        self._every, self._to, self._width = every, to, 0
        self._written: int | None = None
        self._ended = False
        self._bar: _NotebookBar | None = None

    def write(self, done: int, total: int, words: str, *, always: bool = False) -> None:
        """Write how far it is, if so many more are done than when it was last written, or `always`."""
        if not always and done < total and self._written is not None and done < self._written + self._every:
            return
        start = "" if self._written is None or self._ended else "\r"
        self._written, self._ended = done, done >= total
        if self._to is None and _in_notebook():
            self._bar = self._bar or _NotebookBar()
            self._bar.show(done, total, words)
            return
        to = self._to or sys.stdout  # looked up now: it may have been replaced
        to.write(start + words.ljust(self._width) + ("\n" if self._ended else ""))
        self._width = 0 if self._ended else len(words)
        to.flush()


def _in_notebook() -> bool:
    """Whether this is a notebook's kernel, which can change what it has shown."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return getattr(shell, "kernel", None) is not None


class _NotebookBar:
    """A bar below a notebook's cell. It is one output that changes, so that a saved notebook holds its last state alone."""

    def __init__(self) -> None:
        self._shown: _Display | None = None

    def show(self, done: int, total: int, words: str) -> None:
        html = (
            f'<progress value="{done}" max="{max(total, 1)}" style="vertical-align: middle; width: 12em"></progress> '
            f"{escape(words)}"
        )
        shown = {"text/plain": words, "text/html": html}
        if self._shown is None:
            from IPython.display import display

            self._shown = display(shown, raw=True, display_id=True)
        else:
            self._shown.update(shown, raw=True)


class _Display(Protocol):
    """What IPython gives to change an output by."""

    def update(self, shown: object, *, raw: bool) -> None: ...

"""Progress in one line, or a bar in a notebook: handed to `train` or `train_runs`, which print nothing themselves."""

import sys
from collections.abc import Callable
from html import escape
from typing import Protocol, runtime_checkable

from smilejax._util.errors import SettingsError
from smilejax.training.run import EpochProgress, OnEpochEnd


@runtime_checkable
class Stream(Protocol):
    """Where text can be written: an open file, standard output, a notebook's."""

    def write(self, text: str, /) -> object:
        """Write text."""

    def flush(self) -> object:
        """Show what was written."""


def print_epochs(every: int = 1, *, to: Stream | None = None) -> OnEpochEnd:
    """What `train(..., on_epoch_end=print_epochs())` writes: one line, rewritten after each epoch; in a notebook a bar.

    Arguments:
        every: epochs between two writings, from 1 up; the last epoch is always written.
        to: standard output by default, or the notebook.

    Raises:
        SettingsError: `every` is no whole number from 1 up.

    Example:
        >>> from smilejax.training import EpochProgress, print_epochs
        >>> print_epochs()(EpochProgress(40, 40, 0.31, 0.9, 0.42, 0.81))  # doctest: +NORMALIZE_WHITESPACE
        epoch 40 of 40: training loss 0.310, accuracy 90.0%; validation loss 0.420, accuracy 81.0%
    """
    line = _Line(every, to)

    def on_epoch_end(progress: EpochProgress) -> None:
        words = f"epoch {progress.epoch} of {progress.epochs}: "
        words += f"training loss {progress.train_loss:.3f}, accuracy {100 * progress.train_accuracy:.1f}%"
        if progress.validation_loss == progress.validation_loss:  # NaN: no trials are held out
            words += f"; validation loss {progress.validation_loss:.3f}, "
            words += f"accuracy {100 * progress.validation_accuracy:.1f}%"
        line.write(progress.epoch, progress.epochs, words)

    return on_epoch_end


def print_runs(total: int, every: int = 1, *, to: Stream | None = None) -> Callable[[int], None]:
    """What `train_runs(..., progress=print_runs(len(plan)))` writes: one line, rewritten as runs end; in a notebook a bar.

    Arguments:
        total: runs of the plan. every: runs between two writings, from 1 up; the last run is always written.
        to: standard output by default, or the notebook.

    Raises:
        SettingsError: `every` is no whole number from 1 up.

    Example:
        >>> from smilejax.training import print_runs
        >>> print_runs(12)(12)
        12 of 12 runs
    """
    line = _Line(every, to)
    return lambda done: line.write(done, total, f"{done} of {total} runs")


class _Line:
    """A line that is written over itself, and ended when all is done; in a notebook a bar, of which the last state is kept."""

    def __init__(self, every: int, to: Stream | None) -> None:
        if isinstance(every, bool) or not isinstance(every, int) or every < 1:
            raise SettingsError(f"every must be a whole number from 1 up; it is {every!r}.")
        self._every, self._to, self._width = every, to, 0
        self._written: int | None = None
        self._bar: _NotebookBar | None = None

    def write(self, done: int, total: int, words: str) -> None:
        if done < total and self._written is not None and done < self._written + self._every:
            return
        start, self._written = "" if self._written is None else "\r", done
        if self._to is None and _in_notebook():
            self._bar = self._bar or _NotebookBar()
            self._bar.show(done, total, words)
            return
        to = self._to or sys.stdout  # looked up now: it may have been replaced
        to.write(start + words.ljust(self._width) + ("\n" if done >= total else ""))
        self._width = len(words)
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

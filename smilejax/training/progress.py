"""Progress in one line, or a bar in a notebook: handed to `train` or `train_runs`, which print nothing themselves."""

from collections.abc import Callable

from smilejax._util.progress_line import ProgressLine, Stream
from smilejax.training.run import EpochProgress, OnEpochEnd


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
    line = ProgressLine(every, to)

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
    line = ProgressLine(every, to)
    return lambda done: line.write(done, total, f"{done} of {total} runs")

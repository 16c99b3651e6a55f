"""Progress of a study in one line, or as a bar in a notebook. No JAX in here."""

from collections.abc import Callable
from typing import TypedDict

from smilejax._util.progress_line import ProgressLine, Stream


class StudyProgress(TypedDict):
    """The arguments of `evaluate` by which it says how far it is."""

    progress: Callable[[int], None]
    spared: Callable[[int], None]
    note: Callable[[str], None]


def print_trainings(total: int, every: int = 1, *, to: Stream | None = None) -> StudyProgress:
    """What `evaluate(prepared, **print_trainings(prepared.runs))` writes: one line as trainings end; in a notebook a bar.

    Arguments:
        total: trainings of the study, at most.
        every: trainings between two writings, from 1 up; what is being done is always written.
        to: standard output by default, or the notebook.

    Raises:
        SettingsError: `every` is no whole number from 1 up.

    Example:
        >>> import io
        >>> written = io.StringIO()
        >>> shown = print_trainings(4, to=written)
        >>> shown["progress"](1)
        >>> shown["spared"](3)
        >>> written.getvalue().split("\\r")
        ['training: 1 of 4 trainings', 'training: 1 of 1 trainings\\n']
    """
    line, done, doing = ProgressLine(every, to), 0, "training"

    def write(*, always: bool = False) -> None:
        line.write(done, total, f"{doing}: {done} of {total} trainings", always=always)

    def progress(further: int) -> None:
        nonlocal done
        done += further
        write()

    def spared(count: int) -> None:
        nonlocal total
        total -= count
        write(always=True)

    def note(words: str) -> None:
        nonlocal doing
        doing = words
        line.write(done, total, words, always=True)  # not all that is done is counted

    return {"progress": progress, "spared": spared, "note": note}

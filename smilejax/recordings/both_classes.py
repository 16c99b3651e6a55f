"""The one check that a recording has trials of both classes; each purpose that needs them names itself."""

from smilejax._util.errors import DataError
from smilejax.recordings.kinds import kind_of
from smilejax.recordings.recording import Recording


def require_both_classes(trials: Recording, purpose: str) -> None:
    """Check, before any work, that there are labelled trials of either class.

    Arguments:
        purpose: what needs them, as the subject of the sentence: "a study".

    Raises:
        DataError: naming the purpose and the numbers of trials.
    """
    first, second = (int((trials.label == label).sum()) for label in (0, 1))
    if not first or not second:
        raise DataError(
            f"{purpose} needs {kind_of(trials).trials} of both classes; there are {first} {trials.class_names[0]} and {second} "
            f"{trials.class_names[1]}.",
            hint="Check the labels with `smilejax check`.",
        )

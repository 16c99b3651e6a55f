"""What several commands check of recordings before minutes of work."""

from smilejax.errors import DataError
from smilejax.trials import Trials


def require_both_classes(trials: Trials) -> None:
    """Raise `DataError` unless there are trials of either class: training would refuse them too, but later."""
    counts = [int((trials.label == k).sum()) for k in (0, 1)]
    if 0 in counts:
        raise DataError(
            f"training needs trials of both classes; there are {counts[0]} {trials.class_names[0]} and "
            f"{counts[1]} {trials.class_names[1]}. Check the labels with `smilejax check`."
        )

"""Columns of the user's own that a recording keeps, one value for each trial: age, sex, folds. No classifier sees them."""

from smilejax._util.errors import SETTING, DataError, listed
from smilejax.recordings.stimulus_table import Covariate


def kept_column(recording: object, name: str, *, setting: str) -> tuple[str, ...]:
    """The N texts of a kept column; empty where a trial has no value.

    Arguments:
        recording: of N trials. setting: by which the column was asked for, for messages.

    Raises:
        DataError: the recording keeps no such column.

    Example:
        >>> from types import SimpleNamespace
        >>> one = SimpleNamespace(columns=(Covariate("age", numbers=(8.0, None)), Covariate("sex", words=("f", "m"))))
        >>> kept_column(one, "age", setting="by"), kept_column(one, "sex", setting="by")
        (('8', ''), ('f', 'm'))
    """
    kept: tuple[Covariate, ...] = getattr(recording, "columns", ())
    found = next((one for one in kept if one.name == name), None)
    if found is None:
        there = f"it keeps {listed(one.name for one in kept)}" if kept else "it keeps none"
        raise DataError(
            f"{SETTING(setting)} must name a column that the recording keeps; there is no {name!r}, and {there}.",
            hint=f"Read it with the column: {SETTING.columns} {name}.",
            setting=setting,
        )
    if found.words is not None:
        return found.words
    return tuple("" if value is None else f"{value:.12g}" for value in found.numbers or ())

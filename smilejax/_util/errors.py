"""The errors users meet. Each message says the rule, what arrived, and the likely hint.

Everything a user can hint is a `SmilejaxError`; the command line prints its message and exits with 2. Anything else that
escapes is a fault of ours and keeps its traceback.
"""

from collections.abc import Iterable


class SmilejaxError(Exception):
    """Base of every error that the caller can hint."""


class SettingsError(SmilejaxError):
    """A setting is out of its range, or two settings contradict each other."""


class TrialsError(SmilejaxError):
    """The recordings contradict themselves: shapes, rate, unit, labels or trial ids."""


class ReadError(SmilejaxError):
    """A file cannot be read as pupil recordings. The message names the file and, where there is one, the row."""


class DataError(SmilejaxError):
    """The recordings are readable, but cannot serve the purpose: one class only, no labels, nothing left to train on."""


class CheckpointError(SmilejaxError):
    """A saved model is damaged, foreign, of another version, or stands where one is to be written."""


class StudyError(SmilejaxError):
    """A study on disk is unfinished, damaged, foreign, or of another version."""


class OutputError(SmilejaxError):
    """An output cannot be written: the place is not writable, or something already stands there."""


def listed(items: Iterable[object], most: int = 8) -> str:
    """Join items for a message, cutting a long list: `a, b, c and 12 more`."""
    texts = [str(item) for item in items]
    if len(texts) <= most:
        return ", ".join(texts)
    return ", ".join(texts[:most]) + f" and {len(texts) - most} more"

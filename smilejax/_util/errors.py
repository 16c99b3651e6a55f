"""The errors users meet. Each says the rule, what arrived, and a likely correction (the hint).

Everything that a user can correct is a `SmilejaxError`; the command line prints it and exits with 2. Anything else that
escapes is a fault of this package and keeps its traceback.

An error about a setting knows that setting. A Python user reads `resample_hz must be ...`; the command line, which calls it
`--resample-hz`, words the same error with `in_words`. Where a message, a rule or a hint names a setting, the name stands in
braces: `"below the upper end of {range_mm}"`.
"""

import enum
import re
from collections.abc import Callable, Iterable
from typing import Final


class _NotGiven(enum.Enum):
    """Stands for a value that an error does not have; None can be a value."""

    NOT_GIVEN = "not given"


NOT_GIVEN: Final = _NotGiven.NOT_GIVEN
_NAMED = re.compile(r"\{([a-z][a-z0-9_]*)\}")


class SmilejaxError(Exception):
    """Base of every error that the caller can correct.

    Arguments:
        message: the whole text, where the error is not about one setting; a hint is added to it.
        setting: the name of the setting, as Python spells it.
        rule: what the setting must be, to be read after "must be".
        value: what arrived.
        hint: a likely correction, as a sentence.

    Example:
        >>> print(SmilejaxError(setting="epochs", rule="a whole number from 1 up", value=0))
        epochs must be a whole number from 1 up; it is 0.
        >>> print(SmilejaxError("Too little memory.", hint="Lower {resample_hz}."))
        Too little memory. Lower resample_hz.
    """

    def __init__(
        self,
        message: str = "",
        *,
        setting: str | None = None,
        rule: str | None = None,
        value: object = NOT_GIVEN,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self._message, self._setting, self._rule, self._value, self._hint = message, setting, rule, value, hint

    @property
    def setting(self) -> str | None:
        """The setting that is wrong, as Python spells it; None where the error is not about one."""
        return self._setting

    @property
    def rule(self) -> str | None:
        """What the setting must be."""
        return self._rule

    @property
    def value(self) -> object:
        """What arrived; `NOT_GIVEN` where the error does not say."""
        return self._value

    @property
    def hint(self) -> str | None:
        """A likely correction."""
        return self._hint

    def in_words(self, name: Callable[[str], str] = str, value: Callable[[object], str] = repr) -> str:
        """The error as text.

        Arguments:
            name: how a setting is called, from its name in Python.
            value: how a value is written.
        """

        def named(text: str) -> str:
            return _NAMED.sub(lambda found: name(found[1]), text)

        parts = [named(self._message)] if self._message else []
        if self._setting is not None and self._rule is not None:
            arrived = "" if self._value is NOT_GIVEN else f"; it is {value(self._value)}"
            parts.append(f"{name(self._setting)} must be {named(self._rule)}{arrived}.")
        if self._hint:
            parts.append(named(self._hint))
        return " ".join(parts)

    @property
    def marked(self) -> str:
        """The error as text with names of settings still in braces, to become a part of another error's message."""
        return self.in_words(lambda name: f"{{{name}}}")

    def __str__(self) -> str:
        return self.in_words()

    def __reduce__(self) -> tuple[Callable[..., "SmilejaxError"], tuple[object, ...]]:
        return _made, (type(self), self._message, self._setting, self._rule, self._value, self._hint)


def _made(
    kind: type[SmilejaxError], message: str, setting: str | None, rule: str | None, value: object, hint: str | None
) -> SmilejaxError:
    """An error from what `__reduce__` kept of it."""
    return kind(message, setting=setting, rule=rule, value=value, hint=hint)


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


class DataWarning(UserWarning):
    """Something in the recordings that should be looked at, such as names that look alike."""


class OutputError(SmilejaxError):
    """An output cannot be written: the place is not writable, or something already stands there."""


def listed(items: Iterable[object], most: int = 8) -> str:
    """Join items for a message, cutting a long list: `a, b, c and 12 more`."""
    texts = [str(item) for item in items]
    if len(texts) <= most:
        return ", ".join(texts)
    return ", ".join(texts[:most]) + f" and {len(texts) - most} more"

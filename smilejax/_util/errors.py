"""The errors users meet. Each says the rule, what arrived, and a likely correction (the hint).

Everything that a user can correct is a `SmilejaxError`; the command line prints it and exits with 2. Anything else that
escapes is a fault of this package and keeps its traceback.

An error about a setting knows that setting. A Python user reads `resample_hz must be ...`; the command line, which calls it
`--resample-hz`, words the same error with `in_words`. Where a message, a rule or a hint names a setting, `SETTING` marks it:
`f"below the upper end of {SETTING.range_mm}"`. No text from outside can hold that mark: file
names, headings and arguments stay as they are. `SETTING.none` stands for None, which the command line writes `none`.
"""

import enum
import re
import secrets
from collections.abc import Callable, Iterable
from typing import Final


class _NotGiven(enum.Enum):
    """Stands for a value that an error does not have; None can be a value."""

    NOT_GIVEN = "not given"


NOT_GIVEN: Final = _NotGiven.NOT_GIVEN
_MARK: Final = secrets.token_hex(16)
"""Drawn anew in each process: a file, a heading or an argument that was written before cannot hold it."""
_MARKED = re.compile(rf"<{_MARK}:(\w+)>")


class _SettingNames:
    """Marks the name of a setting inside a message: `SETTING.rate_hz`, or `SETTING(name)` of a name that is a variable."""

    def __call__(self, name: str) -> str:
        return f"<{_MARK}:{name}>"

    def __getattr__(self, name: str) -> str:
        if name.startswith("_"):
            raise AttributeError(name)
        return self(name)


SETTING: Final = _SettingNames()


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
        >>> print(SmilejaxError("Too little memory.", hint=f"Lower {SETTING.resample_hz}."))
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
        super().__init__(plain_text(message))
        self._message, self._setting, self._rule, self._value, self._hint = message, setting, rule, value, hint

    @property
    def setting(self) -> str | None:
        """The setting that is wrong, as Python spells it; None where the error is not about one."""
        return self._setting

    @property
    def settings_named(self) -> tuple[str, ...]:
        """Every setting that the error names, the one that is wrong first, as Python spells them."""
        first = [] if self._setting is None else [self._setting]
        found = _MARKED.findall(" ".join(text for text in (self._message, self._rule, self._hint) if text))
        return tuple(dict.fromkeys([*first, *(name for name in found if name != "none")]))

    @property
    def rule(self) -> str | None:
        """What the setting must be; other settings as Python spells them."""
        return None if self._rule is None else plain_text(self._rule)

    @property
    def value(self) -> object:
        """What arrived; `NOT_GIVEN` where the error does not say."""
        return self._value

    @property
    def hint(self) -> str | None:
        """A likely correction; settings as Python spells them."""
        return None if self._hint is None else plain_text(self._hint)

    def in_words(self, name: Callable[[str], str] | None = None, value: Callable[[object], str] = repr) -> str:
        """The error as text.

        Arguments:
            name: how a setting is called, from its name in Python, and None, from `none`; None for as in Python.
            value: how a value is written.
        """
        return " ".join(part for part in self.text_and_hint(name or _in_python, value) if part)

    def text_and_hint(self, name: Callable[[str], str], value: Callable[[object], str] = repr) -> tuple[str, str]:
        """What is wrong, and the hint, each as text; empty where there is none. Arguments as of `in_words`."""
        parts = [worded(self._message, name)] if self._message else []
        if self._setting is not None and self._rule is not None:
            arrived = "" if self._value is NOT_GIVEN else f"; it is {value(self._value)}"
            parts.append(f"{name(self._setting)} must be {worded(self._rule, name)}{arrived}.")
        return " ".join(parts), worded(self._hint, name) if self._hint else ""

    @property
    def reason(self) -> str:
        """What is wrong without the hint, as a result words it: whoever reads a paper has nothing to correct."""
        return self.text_and_hint(_in_python)[0]

    @property
    def marked(self) -> str:
        """The error as text with names of settings still marked, to become a part of another error's message."""
        return self.in_words(SETTING)

    def __str__(self) -> str:
        return self.in_words()

    def __reduce__(self) -> tuple[Callable[..., "SmilejaxError"], tuple[object, ...]]:
        texts = [None if text is None else _MARKED.split(text) for text in (self._message, self._rule, self._hint)]
        return _made, (type(self), self._setting, self._value, *texts)


def plain_text(text: str) -> str:
    """A text with settings as Python spells them."""
    return worded(text, _in_python)


def worded(text: str, name: Callable[[str], str]) -> str:
    """A text with settings as `name` calls them, from their names in Python."""
    return _MARKED.sub(lambda found: name(found[1]), text)


def _made(kind: type[SmilejaxError], setting: str | None, value: object, *texts: list[str] | None) -> SmilejaxError:
    """An error from what `__reduce__` kept of it: texts as pieces, every second one a setting, marked as this process does."""
    message, rule, hint = (
        None if text is None else "".join(SETTING(part) if at % 2 else part for at, part in enumerate(text))
        for text in texts
    )
    return kind(message or "", setting=setting, rule=rule, value=value, hint=hint)


def _in_python(name: str) -> str:
    return "None" if name == "none" else name


class SettingsError(SmilejaxError):
    """A setting is out of its range, or two settings contradict each other."""


class TrialsError(SmilejaxError):
    """The recordings contradict themselves: shapes, rate, unit, labels or trial ids."""


class FacesError(SmilejaxError):
    """The recordings of faces contradict themselves: shapes, rate, confidence, labels or names of videos."""


class ReadError(SmilejaxError):
    """A file cannot be read as recordings. The message names the file and, where there is one, the row."""


class DataError(SmilejaxError):
    """The recordings are readable, but cannot serve the purpose: one class only, no labels, nothing left to train on."""


class CheckpointError(SmilejaxError):
    """A saved model is damaged, foreign, of another version, or stands where one is to be written."""


class StudyError(SmilejaxError):
    """A study on disk is unfinished, damaged, foreign, or of another version."""


class DataWarning(UserWarning):
    """Something in the recordings that should be looked at, such as names that look alike.

    Arguments:
        message: the text, in which `SETTING` may mark names of settings.
    """

    def __init__(self, message: str) -> None:
        super().__init__(plain_text(message))
        self._message = message

    def in_words(self, name: Callable[[str], str]) -> str:
        """The warning as text; settings as `name` calls them."""
        return worded(self._message, name)


class OutputError(SmilejaxError):
    """An output cannot be written: the place is not writable, or something already stands there."""


def listed(items: Iterable[object], most: int = 8) -> str:
    """Join items for a message, cutting a long list: `a, b, c and 12 more`."""
    texts = [str(item) for item in items]
    if len(texts) <= most:
        return ", ".join(texts)
    return ", ".join(texts[:most]) + f" and {len(texts) - most} more"

"""What is known of the stimuli besides their class: one row for each stimulus, with covariates such as luminance or source."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from smilejax._util import summaries
from smilejax._util.errors import DataError, listed


@dataclass(frozen=True)
class Covariate:
    """One property of S stimuli: numbers or words.

    Arguments:
        name: the heading of its column.
        numbers: S numbers, in whatever unit the table has; None for an empty cell. None where the covariate is words.
        words: S words, the empty text for an empty cell. None where the covariate is numbers.

    Raises:
        DataError: both or neither were given, or a number is not finite.
    """

    name: str
    numbers: tuple[float | None, ...] | None = None
    words: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if (self.numbers is None) == (self.words is None):
            raise DataError(f"the covariate {self.name!r} must be numbers or words, one of both.")
        odd = [value for value in self.numbers or () if value is not None and not math.isfinite(value)]
        if odd:
            raise DataError(f"numbers of the covariate {self.name!r} must be finite; one is {odd[0]}.")

    @property
    def values(self) -> tuple[float | None, ...] | tuple[str, ...]:
        """The numbers or words."""
        return self.words if self.words is not None else self.numbers or ()

    @property
    def kind(self) -> str:
        """`numbers` or `words`."""
        return "words" if self.numbers is None else "numbers"

    def at(self, rows: Sequence[int]) -> "Covariate":
        """The covariate of some of the stimuli, by their rows."""
        if self.words is not None:
            return replace(self, words=tuple(self.words[row] for row in rows))
        assert self.numbers is not None
        return replace(self, numbers=tuple(self.numbers[row] for row in rows))


@dataclass(frozen=True, repr=False)
class StimulusTable:
    """Covariates of S stimuli, as `read_stimulus_table` reads them or as they are given.

    Arguments:
        name: of the file, or what messages shall call the table.
        stimuli: S names, as the recordings have them.
        covariates: of these stimuli, one or more.
        sha256: of the file's content; None where the table is from no file.
        notes: what was left out or taken otherwise than written, as sentences.

    Raises:
        DataError: a stimulus or a covariate stands twice, there is none, or a covariate has another number of values.

    Example:
        >>> StimulusTable("mine", ("A1", "H1"), (Covariate("luminance", numbers=(70.2, 75.8)),))
        StimulusTable(mine; 2 stimuli; luminance (numbers))
    """

    name: str
    stimuli: tuple[str, ...]
    covariates: tuple[Covariate, ...]
    sha256: str | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for what, names in (
            ("stimulus", self.stimuli),
            ("covariate", tuple(one.name for one in self.covariates)),
        ):
            if not names:
                raise DataError(f"{self.name}: a stimulus table needs at least one {what}; there is none.")
            if twice := [name for name in dict.fromkeys(names) if names.count(name) > 1]:
                raise DataError(f"{self.name}: each {what} must stand once in a stimulus table; {twice[0]!r} does not.")
        for one in self.covariates:
            if len(one.values) != len(self.stimuli):
                raise DataError(
                    f"{self.name}: a covariate must have one value for each of {len(self.stimuli)} stimuli; {one.name!r} has "
                    f"{len(one.values)}."
                )

    def __repr__(self) -> str:
        return f"StimulusTable({'; '.join(text for _, text in self._summary())})"

    def _repr_html_(self) -> str:
        return summaries.as_html("StimulusTable", self._summary())

    def _summary(self) -> list[tuple[str, str]]:
        return [
            ("name", self.name),
            ("stimuli", summaries.counted(len(self.stimuli), "stimulus", "stimuli")),
            ("covariates", self.in_words()),
        ]

    def in_words(self) -> str:
        """The covariates with their kinds, as `source (words), luminance (numbers)`."""
        return listed(f"{one.name} ({one.kind})" for one in self.covariates)

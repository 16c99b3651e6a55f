"""`Step`: everything about one cleaning step. No jax in here; a step's function imports it when it is called."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Generic, NamedTuple, Protocol, TypeVar

from smilejax._util.errors import SETTING
from smilejax.preprocess.sample_reason import SampleReason

if TYPE_CHECKING:
    import numpy as np
    from jaxtyping import Array

    from smilejax.preprocess.program import Program
    from smilejax.preprocess.state import State
    from smilejax.preprocess.steps.fill_gaps import Interpolation
    from smilejax.preprocess.steps.low_pass import Phase

OURS = "our choice"
KRET = "Kret & Sjak-Shie 2019"
HERSHMAN = "Hershman et al. 2018"
MATHOT = "Mathôt 2013"
MATHOT_2018 = "Mathôt et al. 2018"


class Described(NamedTuple):
    """One step of a recipe in words."""

    name: str
    does: str
    """With its numbers and their units."""
    source: str
    """Who published the step, `after` them where its numbers are not theirs; empty where there is nothing to cite."""


class Known(NamedTuple):
    """What is known of the recording that a recipe is described for."""

    rate_hz: float | None = None
    in_mm: bool | None = None
    """Whether the unit is mm."""
    start_ms: float | None = None
    """Time of the first sample of every trial relative to onset."""


class SharedSettings(Protocol):
    """The settings of steps that clean pupils and faces alike; see the modules of these steps."""

    @property
    def duration_ms(self) -> float | None: ...  # noqa: D102
    @property
    def max_missing(self) -> float: ...  # noqa: D102
    @property
    def max_gap_ms(self) -> float: ...  # noqa: D102
    @property
    def interpolation(self) -> Interpolation: ...  # noqa: D102
    @property
    def lowpass_hz(self) -> float | None: ...  # noqa: D102
    @property
    def lowpass_order(self) -> int: ...  # noqa: D102
    @property
    def lowpass_phase(self) -> Phase: ...  # noqa: D102
    @property
    def resample_hz(self) -> float | None: ...  # noqa: D102


RecipeT_contra = TypeVar("RecipeT_contra", contravariant=True)
"""The recipe whose settings a step reads: that of pupils, that of faces, or `SharedSettings`."""


class Step(Generic[RecipeT_contra]):
    """One cleaning step. Each is a subclass with one instance, in a module of its own, and is listed in `STEPS` (pupils) or
    `FACE_STEPS` (faces), or in both.

    What a step does not override does nothing: a step without settings checks none, one without words is not described.
    """

    name: ClassVar[str]
    """As reports and `stages` call it. Unique."""
    settings: ClassVar[type | None] = None
    """Its settings: a frozen dataclass, from which `Recipe` inherits them."""
    off: ClassVar[tuple[tuple[str, object], ...]] = ()
    """Settings and the values that leave the step out, of which the first decides; empty where it is always done."""
    compiled: ClassVar[tuple[str, ...]] = ()
    """Settings that a compiled program is made for; all others are numbers that it is given."""
    neutral: ClassVar[bool] = True
    """Whether there are numbers with which the step changes nothing. Recipes with and without it then share a program."""
    causal: ClassVar[bool] = False
    """Whether what it gives up to a time does not depend on samples after it, so that it can be done on a stream of samples.
    Where that depends on the recipe, `why_not_causal` says more. Steps are judged by samples, not by the trial's status."""
    shown: ClassVar[bool] = True
    """Whether the step changes samples, so that `stages` shows what it made."""
    reasons: ClassVar[tuple[SampleReason, ...]] = ()
    """Reasons that it gives to samples."""

    @property
    def takes_away(self) -> bool:
        """Whether the step marks samples, which lose their value."""
        return any(not reason.carries_value for reason in self.reasons)

    def check(self, recipe: RecipeT_contra) -> None:
        """Raise `SettingsError` where a setting of this step is out of its range."""

    def check_together(self, recipe: RecipeT_contra) -> None:
        """Raise `SettingsError` where a setting of this step contradicts another setting."""

    def check_rate(self, recipe: RecipeT_contra, rate_hz: float) -> None:
        """Raise `SettingsError` where a recording at this rate cannot be cleaned by a settled recipe."""

    def settle(
        self, recipe: RecipeT_contra, *, rate_hz: float, duration_ms: float, start_ms: float
    ) -> Mapping[str, object]:
        """Settings that the recipe leaves to the recording, with the recording's values. May raise `SettingsError`.

        Arguments:
            rate_hz, duration_ms, start_ms: of the recording: its rate, its longest trial, and the time of the first sample of
                every trial relative to onset.
        """
        return {}

    def words(self, recipe: RecipeT_contra, known: Known) -> Iterator[Described]:
        """What the step does under this recipe; nothing where it is left out."""
        return iter(())

    def why_not_causal(self, recipe: RecipeT_contra, *, rate_hz: float, in_mm: bool) -> str:
        """What would make the step causal under a settled recipe for a recording at this rate, as a hint; empty where it is."""
        if self.causal or not self.included(recipe, rate_hz):
            return ""
        if not self.off:
            return "There is no causal form of it."
        name, value = self.off[0]
        return f"Leave it out: {SETTING(name)} {SETTING.none if value is None else value}."

    def included(self, recipe: RecipeT_contra, rate_hz: float) -> bool:
        """Whether the step is done under a settled recipe, for a recording at this rate."""
        return all(getattr(recipe, name) != value for name, value in self.off[:1])

    def numbers(
        self, recipe: RecipeT_contra, program: Program, *, in_mm: bool, start_ms: float
    ) -> Mapping[str, float | np.ndarray]:
        """The numbers that `run` is given; neutral ones where the recipe leaves the step out.

        Arguments:
            in_mm: whether the recording's unit is mm. start_ms: time of its first samples relative to onset.
        """
        return {}

    def run(self, state: State, numbers: Mapping[str, Array], program: Program) -> State:
        """The step itself, on one trial or on B next to each other. Pure; compiled, with `program` static."""
        return state

    def __repr__(self) -> str:
        return f"Step({self.name!r})"


def by(source: str, as_published: bool) -> str:
    """Whom a step is from: `after` them where its numbers, or a part of it, are not theirs."""
    return source if as_published else f"after {source}"

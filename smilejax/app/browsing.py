"""Going through trials and deciding which to leave out: a state, and functions from one state to the next. No page, no file."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from smilejax._util.errors import SettingsError

Which = Literal["all", "undecided", "excluded", "accepted"]
"""Which trials are gone through."""
WHICH: tuple[Which, ...] = ("all", "undecided", "excluded", "accepted")
REASONS = ("blinks", "signal lost", "noise", "drift", "artefact", "participant looked away", "wrong trial")
"""Reasons to choose from; any other may be typed."""
MOST_LETTERS = 200
"""Of a reason."""


@dataclass(frozen=True)
class TrialName:
    """Which trial: trials are unique within a participant."""

    participant: str
    trial: str


@dataclass(frozen=True)
class WhyExcluded:
    """Why a trial is left out.

    Arguments:
        reason: in words. blind: whether its class had not been shown when this was decided; None where it is not known.
    """

    reason: str
    blind: bool | None


@dataclass(frozen=True)
class Browsing:
    """Where one is among the trials, and what was decided.

    Arguments:
        trials: N names, in the order of the recording.
        order: rows in the order in which they are shown.
        row: which is shown now, 0 to N - 1.
        which: those that are gone through. participant: whose; None for all.
        excluded: by row. accepted: rows that were looked at and kept.
        class_shown: whether classes are shown. seen: rows whose class has been shown.
    """

    trials: tuple[TrialName, ...]
    order: tuple[int, ...]
    row: int
    which: Which = "all"
    participant: str | None = None
    excluded: Mapping[int, WhyExcluded] = field(default_factory=dict)
    accepted: frozenset[int] = frozenset()
    class_shown: bool = False
    seen: frozenset[int] = frozenset()

    @property
    def passed(self) -> tuple[int, ...]:
        """Rows that are gone through, in their order."""
        return tuple(row for row in self.order if self._fits(row))

    @property
    def place(self) -> tuple[int, int]:
        """The number of the trial shown among those that are gone through, from 1, and how many these are; 0 where it is none
        of them: a decision may have taken it out."""
        passed = self.passed
        return (passed.index(self.row) + 1 if self.row in passed else 0), len(passed)

    def _fits(self, row: int) -> bool:
        if self.participant is not None and self.trials[row].participant != self.participant:
            return False
        decided = {"excluded": row in self.excluded, "accepted": row in self.accepted}
        decided["undecided"] = not any(decided.values())
        return self.which == "all" or decided[self.which]


def browsing(participant: Sequence[str], trial: Sequence[str]) -> Browsing:
    """The first state for a recording: at the first trial, nothing decided, classes hidden.

    Trials are shown participant by participant, in an order within each that tells nothing of their class: that of a digest of
    their names. Files are often sorted by class.
    """
    names = tuple(map(TrialName, participant, trial))
    people = {name: at for at, name in enumerate(dict.fromkeys(participant))}
    order = sorted(range(len(names)), key=lambda row: (people[names[row].participant], _digest(names[row])))
    return Browsing(names, tuple(order), order[0])


def _digest(name: TrialName) -> bytes:
    return hashlib.sha256(repr((name.participant, name.trial)).encode("utf-8", "surrogatepass")).digest()


def moved(state: Browsing, by: int) -> Browsing:
    """So many trials on, or back where below 0; it ends at the first and the last."""
    passed = state.passed
    if not passed:
        return state
    if state.row in passed:
        at = min(max(passed.index(state.row) + by, 0), len(passed) - 1)
        return _at(state, passed[at])
    places = {row: at for at, row in enumerate(state.order)}  # a decision took it out: on from where it was
    here = places[state.row]
    later = [row for row in passed if places[row] > here]
    sooner = [row for row in passed if places[row] < here]
    if by > 0:
        return _at(state, later[min(by, len(later)) - 1] if later else sooner[-1])
    return _at(state, sooner[max(by, -len(sooner))] if sooner else later[0])


def jumped(state: Browsing, number: object) -> Browsing:
    """To the trial of this number among those that are gone through, from 1.

    Raises:
        SettingsError: there is no such number.
    """
    passed = state.passed
    whole = int(number) if isinstance(number, int | float) and float(number).is_integer() else 0
    if not 1 <= whole <= len(passed):
        raise SettingsError(setting="number", rule=f"a whole number from 1 to {len(passed)}", value=number)
    return _at(state, passed[whole - 1])


def accepted(state: Browsing) -> Browsing:
    """The trial shown is kept, also where it was left out before."""
    rest = {row: one for row, one in state.excluded.items() if row != state.row}
    return replace(state, excluded=rest, accepted=state.accepted | {state.row})


def excluded(state: Browsing, reason: str) -> Browsing:
    """The trial shown is left out.

    Raises:
        SettingsError: no reason is given, or one that is too long.
    """
    words = " ".join(reason.split())
    if not 1 <= len(words) <= MOST_LETTERS:
        hint = f"Choose one, as {REASONS[0]!r}, or type one."
        raise SettingsError(setting="reason", rule=f"1 to {MOST_LETTERS} letters long", value=words[:40], hint=hint)
    why = WhyExcluded(words, state.row not in state.seen)
    return replace(state, excluded={**state.excluded, state.row: why}, accepted=state.accepted - {state.row})


def narrowed(state: Browsing, which: Which, participant: str | None) -> Browsing:
    """Go through some of the trials only; at the first of them, unless the one shown is among them."""
    narrower = replace(state, which=which, participant=participant)
    passed = narrower.passed
    return _at(narrower, passed[0]) if passed and state.row not in passed else narrower


def class_shown(state: Browsing, shown: bool) -> Browsing:
    """Show classes, or hide them. What was seen stays seen: it is kept with what is decided."""
    return _at(replace(state, class_shown=shown), state.row)


def with_exclusions(state: Browsing, given: Mapping[int, WhyExcluded]) -> Browsing:
    """The trials that a file leaves out, by row, instead of those before."""
    return replace(state, excluded=dict(given), accepted=state.accepted - given.keys())


def with_accepted(state: Browsing, given: Iterable[int]) -> Browsing:
    """The trials that a file accepts, by row, instead of those before. What is excluded stays excluded."""
    return replace(state, accepted=frozenset(given) - state.excluded.keys())


def _at(state: Browsing, row: int) -> Browsing:
    return replace(state, row=row, seen=state.seen | {row} if state.class_shown else state.seen)

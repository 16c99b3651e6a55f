"""Where labels live: on stimuli, smilers, participants, or single trials of each participant."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import DataError
from smilejax.preprocess.dataset import Dataset
from smilejax.settings import Scheme
from smilejax.splits.study_design import Design, constant, design_of

PERMUTED: dict[Scheme, str] = {
    "within smiler pairs": "within smiler pairs",
    "stimulus": "among stimuli",
    "smiler": "among smilers",
    "participant": "among participants",
    "within participant": "within participants",
    "trial": "among trials",
}
"""Where labels are permuted under each scheme, to stand after "permuted"."""


MORE: dict[Scheme, str] = {
    "within smiler pairs": "smilers",
    "stimulus": "stimuli of both classes",
    "smiler": "smilers of both classes",
    "participant": "participants of both classes",
    "within participant": "trials of both classes",
    "trial": "trials of both classes",
}
"""What it takes more of, to permute labels in more ways."""


def where_permuted(scheme: Scheme, within_folds: bool) -> str:
    """Where labels were permuted, to stand after "permuted".

    Example:
        >>> permuted("stimulus", True)
        'among stimuli that are held out together'
    """
    if not within_folds:
        return PERMUTED[scheme]
    what = "within participants, among trials" if scheme == "within participant" else PERMUTED[scheme]
    return f"{what} that are held out together"


@dataclass(frozen=True)
class PermutationScheme:
    """How labels may be permuted.

    Arguments:
        scheme: the way taken unless another is asked for. "within smiler pairs": each smiler's stimuli swap their labels
            or not; "stimulus", "smiler", "participant": labels are permuted among these; "within participant": among the
            trials of each participant; "trial": among all trials. None where the design settles none.
        allowed: all ways that the design allows, `scheme` first.
        why: what in the data led there, in words.
    """

    scheme: Scheme | None
    allowed: tuple[Scheme, ...]
    why: str


def permutation_scheme(dataset: Dataset) -> PermutationScheme:
    """Find where labels live, looking at the trials that can be scored.

    With stimuli of one label each that several trials share, on the stimuli: within smilers, where most smilers give both
    classes; among smilers, where each gives one; else, and where there is one smiler, among stimuli. (Where smilers were
    recorded without stimuli, each smiler's genuine and posed trials count as a stimulus each.) Else with participants of one
    label each, on participants. Else on the trials of each participant.

    Where stimuli and participants both have one label each, it is on whichever contains the other. Where neither does, as
    in two groups of people who watch a set of stimuli each, classes differ in people and in stimuli, and the data cannot
    say which it was: then `scheme` is None, and one must be chosen for a reason from outside the data.

    Raises:
        DataError: no trial can be scored.

    Example:
        >>> import jax, smilejax
        >>> study = smilejax.simulate_study(smilejax.SimulationSettings(participants=2, smilers=2), key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> permutation_scheme(dataset).scheme
        'within smiler pairs'
    """
    return place_of(design_of(dataset))


def place_of(design: Design) -> PermutationScheme:
    """As `permutation_scheme`, of a design."""
    y, people = design.y[design.scorable], design.participant[design.scorable]
    stimuli = stimuli_of(design)[design.scorable]
    has_people, has_stimuli = design.recorded("participant"), bool(np.all(stimuli >= 0))
    of_people, of_stimuli = has_people and constant(y, people), has_stimuli and constant(y, stimuli)
    inside_people, inside_stimuli = constant(people, stimuli), constant(stimuli, people)
    n_people, n_stimuli = len(np.unique(people)), len(np.unique(stimuli))
    if of_stimuli and of_people and not inside_people and not inside_stimuli:
        why = (
            f"each of {n_stimuli} stimuli has one label, and so has each of {n_people} participants, and neither contains the "
            "other: the classes differ in people and in stimuli at once"
        )
        return PermutationScheme(None, (*_among_stimuli(design, stimuli, n_stimuli).allowed, "participant"), why)
    # One person sees each stimulus once; labels are the stimuli's all the same.
    shared = n_stimuli < len(y) or not has_people or n_people == 1
    if of_stimuli and shared and not (of_people and inside_people):
        return _among_stimuli(design, stimuli, n_stimuli)
    if of_people:
        return PermutationScheme("participant", ("participant",), f"each of {n_people} participants has one label")
    if has_people:
        return _within_people(y, people, n_people)
    why = (
        "neither who watched nor what was seen is known: where trials share either, permuting single trials makes chance "
        "look significant"
    )
    return PermutationScheme("trial", ("trial",), why)


def stimuli_of(design: Design) -> npt.NDArray[np.int32]:
    """`i32[N]`, codes of the stimuli, -1 where unknown. Where smilers alone are known, each one's two classes are two."""
    if design.recorded("stimulus") or not design.recorded("smiler"):
        return design.stimulus
    return np.where(design.scorable, 2 * design.smiler + design.y, -1)


def _within_people(y: npt.NDArray[np.int32], people: npt.NDArray[np.int32], n: int) -> PermutationScheme:
    both = len(np.intersect1d(people[y == 0], people[y == 1]))
    rest = "" if both == n else ", while the others keep theirs"
    why = f"labels vary from trial to trial, and {both} of {n} participants have both{rest}"
    return PermutationScheme("within participant", ("within participant",), why)


def _among_stimuli(design: Design, stimuli: npt.NDArray[np.int32], n: int) -> PermutationScheme:
    """Which of the ways that permute whole stimuli."""
    smilers, y = design.smiler[design.scorable], design.y[design.scorable]
    why = f"each of {n} stimuli has one label for all who watch it"
    total = len(np.unique(smilers))
    if not design.recorded("smiler") or not constant(smilers, stimuli) or total in (1, n):
        return PermutationScheme("stimulus", ("stimulus",), why)
    if constant(y, smilers):
        return PermutationScheme("smiler", ("smiler",), f"{why}, and each of {total} smilers gives one class")
    both = len(np.intersect1d(smilers[y == 0], smilers[y == 1]))
    why = f"{why}, and {both} of {total} smilers give both classes"
    # Both ways are valid; where few smilers give both, few labels could be swapped.
    if 2 * both > total:
        return PermutationScheme("within smiler pairs", ("within smiler pairs", "stimulus"), why)
    return PermutationScheme("stimulus", ("stimulus", "within smiler pairs"), why)


def allowed(place: PermutationScheme, scheme: Scheme | None) -> Scheme:
    """The scheme to take, if the design allows it."""
    if scheme is not None and scheme not in place.allowed:
        raise DataError(
            f"labels must be permuted where they live; scheme {scheme!r} is the wrong place, since {place.why}. Its p would "
            f"mean nothing. Use {' or '.join(map(repr, place.allowed))}."
        )
    chosen = scheme or place.scheme
    if chosen is None:
        raise DataError(
            f"labels must have one place in the design, to be permuted there; {place.why}. Choose the scheme yourself "
            f"(scheme, or --scheme), of {', '.join(map(repr, place.allowed))}: 'participant' where people were put into groups "
            "at random."
        )
    return chosen


def check_scheme(dataset: Dataset, scheme: Scheme | None) -> None:
    """Raise `DataError` unless the design allows a scheme, or settles one where none is asked for."""
    allowed(place_of(design_of(dataset)), scheme)

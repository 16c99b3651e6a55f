"""Permutation schemes: whether labels belong to stimuli, smilers, participants, or single trials of each participant."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, DataError
from smilejax.preprocess.dataset import Dataset
from smilejax.settings import Scheme
from smilejax.splits.study_design import Design, design_of, same_within_groups

PERMUTED: dict[Scheme, str] = {
    "within smiler pairs": "within smiler pairs",
    "stimulus": "among stimuli",
    "smiler": "among smilers",
    "participant": "among participants",
    "within participant": "within participants",
    "trial": "among trials",
}
"""Among which units labels are permuted under each scheme, to follow the word "permuted"."""

MORE: dict[Scheme, str] = {
    "within smiler pairs": "smilers",
    "stimulus": "stimuli of both classes",
    "smiler": "smilers of both classes",
    "participant": "participants of both classes",
    "within participant": "trials of both classes",
    "trial": "trials of both classes",
}
"""What to record more of, so that labels can be permuted in more ways."""


def where_permuted(scheme: Scheme, within_folds: bool) -> str:
    """Among which units labels were permuted, to follow the word "permuted".

    Example:
        >>> where_permuted("stimulus", True)
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
        scheme: the default. "within smiler pairs": the stimuli of each smiler exchange their labels or not; "stimulus",
            "smiler", "participant": labels are permuted among these; "within participant": among the trials of each
            participant; "trial": among all trials. None where the design leaves it open.
        allowed: all schemes that the design allows, `scheme` first.
        why: the property of the data from which the scheme follows, in words.
    """

    scheme: Scheme | None
    allowed: tuple[Scheme, ...]
    why: str


def permutation_scheme(dataset: Dataset) -> PermutationScheme:
    """Determine from the trials that can be scored among which units labels are permuted.

    1. Each stimulus has one label and several trials: among stimuli. More exactly within smilers where most smilers have
       stimuli of both classes, and among smilers where each has one class. (Where smilers were recorded without stimuli, the
       trials of each class of a smiler count as one stimulus.)
    2. Otherwise, each participant has one label: among participants.
    3. Otherwise: among the trials of each participant.

    Where stimuli and participants both have one label each, labels belong to whichever contains the other. Where neither
    does, as with two groups of participants who each watch stimuli of their own, the classes differ in participants and in
    stimuli, and the data cannot separate the two: `scheme` is then None, and one must be chosen by knowledge of the study.

    Raises:
        DataError: no trial can be scored.

    Example:
        >>> import jax, smilejax
        >>> small = smilejax.SimulationSettings(participants=2, smilers=2, duration_ms=2000)
        >>> study = smilejax.simulate_study(small, key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> permutation_scheme(dataset).scheme
        'within smiler pairs'
    """
    return scheme_of(design_of(dataset))


def scheme_of(design: Design) -> PermutationScheme:
    """As `permutation_scheme`, of a design."""
    y, participants = design.y[design.scorable], design.participant[design.scorable]
    stimuli = stimuli_of(design)[design.scorable]
    has_participants, has_stimuli = design.recorded("participant"), bool(np.all(stimuli >= 0))
    of_participants, of_stimuli = (
        has_participants and same_within_groups(y, participants),
        has_stimuli and same_within_groups(y, stimuli),
    )
    inside_participants, inside_stimuli = (
        same_within_groups(participants, stimuli),
        same_within_groups(stimuli, participants),
    )
    n_participants, n_stimuli = len(np.unique(participants)), len(np.unique(stimuli))
    if of_stimuli and of_participants and not inside_participants and not inside_stimuli:
        why = (
            f"each of {n_stimuli} stimuli and each of {n_participants} participants has one label, and neither contains the "
            "other: the classes differ in participants and in stimuli at once"
        )
        return PermutationScheme(None, (*_among_stimuli(design, stimuli, n_stimuli).allowed, "participant"), why)
    # A single participant sees each stimulus once, and the labels are still those of the stimuli.
    shared = n_stimuli < len(y) or not has_participants or n_participants == 1
    if of_stimuli and shared and not (of_participants and inside_participants):
        return _among_stimuli(design, stimuli, n_stimuli)
    if of_participants:
        return PermutationScheme(
            "participant", ("participant",), f"each of {n_participants} participants has one label"
        )
    if has_participants:
        return _within_participants(y, participants, n_participants)
    why = (
        "neither participants nor stimuli are known; if trials share either, a test that permutes single trials rejects too "
        "often"
    )
    return PermutationScheme("trial", ("trial",), why)


def stimuli_of(design: Design) -> npt.NDArray[np.int32]:
    """`i32[N]`, codes of the stimuli, -1 where unknown. Where only smilers are known, each class of a smiler is a stimulus."""
    if design.recorded("stimulus") or not design.recorded("smiler"):
        return design.stimulus
    return np.where(design.scorable, 2 * design.smiler + design.y, -1)


def _within_participants(y: npt.NDArray[np.int32], participants: npt.NDArray[np.int32], n: int) -> PermutationScheme:
    both = len(np.intersect1d(participants[y == 0], participants[y == 1]))
    rest = "" if both == n else " (labels of the others are not permuted)"
    why = f"labels vary from trial to trial, and {both} of {n} participants have trials of both classes{rest}"
    return PermutationScheme("within participant", ("within participant",), why)


def _among_stimuli(design: Design, stimuli: npt.NDArray[np.int32], n: int) -> PermutationScheme:
    """Which of the schemes that permute whole stimuli."""
    smilers, y = design.smiler[design.scorable], design.y[design.scorable]
    why = f"each of {n} stimuli has one label for all participants"
    total = len(np.unique(smilers))
    if not design.recorded("smiler") or not same_within_groups(smilers, stimuli) or total in (1, n):
        return PermutationScheme("stimulus", ("stimulus",), why)
    if same_within_groups(y, smilers):
        return PermutationScheme("smiler", ("smiler",), f"{why}, and each of {total} smilers has stimuli of one class")
    both = len(np.intersect1d(smilers[y == 0], smilers[y == 1]))
    why = f"{why}, and {both} of {total} smilers have stimuli of both classes"
    # Both schemes are valid; where few smilers have both classes, few labels could be exchanged.
    if 2 * both > total:
        return PermutationScheme("within smiler pairs", ("within smiler pairs", "stimulus"), why)
    return PermutationScheme("stimulus", ("stimulus", "within smiler pairs"), why)


def allowed(found: PermutationScheme, scheme: Scheme | None) -> Scheme:
    """The scheme to take, if the design allows it."""
    if scheme is not None and scheme not in found.allowed:
        raise DataError(
            f"labels must be permuted among the units that carry them; scheme {scheme!r} does not fit, since {found.why}. Its "
            "p would not be valid.",
            hint=f"Use {' or '.join(map(repr, found.allowed))}.",
        )
    chosen = scheme or found.scheme
    if chosen is None:
        raise DataError(
            f"the design does not determine among which units labels are permuted: {found.why}.",
            hint=f"Choose {SETTING.scheme} from {', '.join(map(repr, found.allowed))}: 'participant' where participants "
            "were assigned to groups at random.",
        )
    return chosen


def check_scheme(dataset: Dataset, scheme: Scheme | None) -> None:
    """Raise `DataError` unless the design allows the scheme, or determines one where it is None."""
    allowed(scheme_of(design_of(dataset)), scheme)

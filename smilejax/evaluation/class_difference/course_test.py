"""Do the classes differ anywhere along the trial? The cluster-based permutation test, with labels permuted as the design asks.

Labels are exchanged among the units that carry them, as in the permutation test of a network (`splits.permutations`). Where
each stimulus has one class, those are stimuli: exchanged within participants instead, stimuli would be taken for all that there
are, and differences between single stimuli for a difference between the classes.

| labels are a property of | t at each step | permutations |
|---|---|---|
| stimuli (or smilers) | between the courses of stimuli, each the mean over its participants | labels of stimuli |
| stimuli of smilers of both classes | the same, within smilers | labels of stimuli within smilers |
| participants | between the courses of participants, each the mean over its trials | labels of participants |
| single trials of participants | paired: of participants' differences between the classes | signs of these differences |
| single trials, nothing else known | between the courses of trials | labels of trials |

Exchanged among stimuli, labels say nothing about other participants: if each had a class effect of its own, 0 on average, the
mean of these participants would be found. So where labels belong to stimuli or smilers and three participants have trials of
both classes, the signs of participants' differences are exchanged as well, and a difference is shown for other stimuli and
other participants only where both tests find one (as with the two F of Clark 1973). Measured: docs/statistics.md.

Before courses of stimuli are averaged, each participant's mean course over all own trials is subtracted, whatever their labels:
a stimulus that a participant with a large pupil did not watch is then not low for that reason.
"""

from contextlib import suppress
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from jaxtyping import Bool, Float

from smilejax._util.errors import DataError
from smilejax._util.nan_mean import nan_mean
from smilejax._util.number_text import several
from smilejax.evaluation.class_difference.contrast import MIN_COUNT, participant_means
from smilejax.evaluation.statistics.cluster_test import PERMUTATIONS, ClusterTest, cluster_test, paired_cluster_test
from smilejax.settings import Scheme
from smilejax.settings.checks import require
from smilejax.splits.permutations.enumeration import Carriers, carriers_of, draw
from smilejax.splits.permutations.schemes import MORE, PERMUTED, allowed, scheme_of
from smilejax.splits.study_design import Design

Floats = npt.NDArray[np.float64]

NULLS: dict[Scheme, str] = {
    "within smiler pairs": "the pupil of these participants does not depend on which stimulus of a smiler is of which class",
    "stimulus": "the pupil of these participants does not depend on which stimuli are of which class",
    "smiler": "the pupil of these participants does not depend on which smilers are of which class",
    "participant": "the pupil does not depend on which participants are of which class",
    "within participant": "each participant's difference between the classes could as well have had the other sign",
    "trial": "the pupil does not depend on which trials are of which class",
}
"""What the test can reject, by the units whose labels are exchanged."""


@dataclass(frozen=True, eq=False)
class CourseTest:
    """Whether the classes differ anywhere along the trial.

    Arguments:
        scheme, why: among which units labels were exchanged, and what in the design led to it.
        where: the same, to stand after "exchanged". null: the hypothesis that is tested.
        units: what t is computed over, in words: "19 stimuli".
        all_permutations: whether all that exist were gone through, so that the test is exact; else they were drawn.
        test: its result; steps are those given.
        participants: the same by the signs of participants' differences, beside a test among stimuli or smilers; None where
            `test` is that itself, labels belong to participants, or fewer than three participants have both classes.
    """

    scheme: Scheme
    why: str
    where: str
    null: str
    units: str
    all_permutations: bool
    test: ClusterTest
    participants: ClusterTest | None


def course_test(
    x: Float[np.ndarray, "N T"],
    valid: Bool[np.ndarray, "N T"],
    design: Design,
    *,
    scheme: Scheme | None = None,
    permutations: int = PERMUTATIONS,
    seed: int | np.random.Generator,
) -> CourseTest:
    """Test whether the classes' courses differ anywhere, by the permutations that the design allows.

    Arguments:
        x: `f[N, T]`, traces of all N trials, cut to the window; valid: `bool[N, T]`.
        design: labels and groups; trials that are not scorable are left out. Of a dataset: `splits.study_design.design_of`.
        scheme: None takes the one of `splits.permutation_scheme`; another one must be allowed by the design.
        permutations: how many are drawn; all where no more exist.
        seed: of the draw.

    Raises:
        DataError: a scheme that the design does not allow or leaves open, or fewer than three units of a class (or three
            participants, or smilers, with both).
        SettingsError: fewer than one permutation.

    Example:
        >>> import jax, smilejax
        >>> from smilejax.splits.study_design import design_of
        >>> small = smilejax.SimulationSettings(participants=4, smilers=4, duration_ms=2000)
        >>> study = smilejax.simulate_study(small, key=jax.random.key(0))
        >>> dataset = smilejax.prepare(study.trials, smilejax.Recipe())
        >>> x, valid = np.asarray(dataset.x[:, :, 0]), np.asarray(dataset.valid)
        >>> found = course_test(x, valid, design_of(dataset), seed=0)
        >>> found.where, found.units, found.all_permutations, found.test.smallest_p
        ('within smiler pairs', '8 stimuli of 4 smilers', True, 0.125)
    """
    require(permutations >= 1, "permutations", "a whole number from 1 up", permutations)
    found = scheme_of(design)
    chosen = allowed(found, scheme)
    rng = np.random.default_rng(seed)
    values = np.where(valid, x, np.nan).astype(np.float64)
    units, complete, test = (_paired if chosen == "within participant" else _between)(
        values, design, chosen, permutations, rng
    )
    signs = None
    if chosen in ("stimulus", "smiler", "within smiler pairs") and design.recorded("participant"):
        with suppress(DataError):  # too few participants with trials of both classes
            signs = _paired(values, design, "within participant", permutations, rng)[2]
    return CourseTest(chosen, found.why, PERMUTED[chosen], NULLS[chosen], units, complete, test, signs)


def _paired(
    values: Floats, design: Design, scheme: Scheme, permutations: int, rng: np.random.Generator
) -> tuple[str, bool, ClusterTest]:
    """By the signs of participants' differences."""
    label = np.where(design.scorable, design.y, -1)
    first, second = participant_means(np.nan_to_num(values), np.isfinite(values), label, design.participant)
    difference = second - first
    difference = difference[np.isfinite(difference).any(1)]
    count = len(difference)
    if count < MIN_COUNT:
        raise _too_few(scheme, several(count, "participant") + " with trials of both classes", "participants")
    test = paired_cluster_test(difference, permutations=permutations, seed=rng)
    return several(count, "participant"), test.count == 2 ** (count - 1) - 1, test


def _between(
    values: Floats, design: Design, scheme: Scheme, permutations: int, rng: np.random.Generator
) -> tuple[str, bool, ClusterTest]:
    """By the labels of the units that carry them."""
    carriers = carriers_of(design, scheme)
    pairs = sum(min(int(carriers.y[rows].sum()), int((1 - carriers.y[rows]).sum())) for rows in carriers.strata)
    if pairs < MIN_COUNT or carriers.distinct < 2:
        raise _too_few(scheme, carriers.words, MORE[scheme])
    if scheme != "participant" and design.recorded("participant"):
        values = _without_participants(values, design)
    courses = np.stack([nan_mean(values[carriers.of == unit], 0) for unit in range(len(carriers.y))])
    permuted = draw(carriers, min(permutations, carriers.distinct - 1), rng)
    test = cluster_test(courses, carriers.y, permuted, strata=_strata(carriers))
    return carriers.words, len(permuted) == carriers.distinct - 1, test


def _without_participants(values: Floats, design: Design) -> Floats:
    """Minus each participant's mean course over all own trials."""
    rest = values.copy()
    for participant in np.unique(design.participant[design.scorable]):
        own = design.scorable & (design.participant == participant)
        rest[own] -= nan_mean(values[own], 0)
    return rest


def _strata(carriers: Carriers) -> npt.NDArray[np.int64]:
    strata = np.zeros(len(carriers.y), np.int64)
    for number, rows in enumerate(carriers.strata):
        strata[rows] = number
    return strata


def _too_few(scheme: Scheme, words: str, more: str) -> DataError:
    return DataError(
        f"a test of the time course by permutations {PERMUTED[scheme]} needs {MIN_COUNT} of either class; there "
        f"{'is' if words.startswith('1 ') else 'are'} {words}.",
        hint=f"Record more {more}.",
    )

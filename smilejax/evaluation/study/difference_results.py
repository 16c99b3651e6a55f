"""The class difference as `study.json` holds it. No JAX in here."""

from dataclasses import dataclass
from typing import Literal

from smilejax.evaluation.study.score_results import ScoreInterval
from smilejax.settings import Scheme

SINGLE_FRAMES = "there is a single frame of each video, and no course."
"""Why the time course of photos, and of the apex of smiles, is not tested."""


@dataclass(frozen=True)
class CourseCluster:
    """Neighbouring steps at which t lies beyond the threshold on one side.

    Arguments:
        from_ms, to_ms: of its steps. They describe the cluster; where the classes begin and end to differ is not tested.
        mass: sum of |t|, with the sign of t: above 0 where the second class is higher.
        p: corrected for all steps.
    """

    from_ms: float
    to_ms: float
    mass: float
    p: float


@dataclass(frozen=True)
class CourseTestScores:
    """Whether the classes differ anywhere in the window: the cluster-based permutation test.

    Arguments:
        scheme: among which units labels were exchanged. where: the same, to stand after "exchanged".
        why: what in the design led to it. null: the hypothesis that is tested. units: what t is computed over.
        threshold_p: two-sided p of t from which on a step belongs to a cluster.
        p: of the largest cluster, 1 where there is none. smallest_p: the smallest attainable one, 1 / (1 + permutations).
        p_participants, smallest_p_participants: the same by the signs of participants' differences, beside a test among
            stimuli or smilers; None where there is no second test.
        permutations: how many. all_permutations: whether no more exist.
        clusters: in the order of time.
    """

    scheme: Scheme
    where: str
    why: str
    null: str
    units: str
    threshold_p: float
    p: float
    smallest_p: float
    p_participants: float | None
    smallest_p_participants: float | None
    permutations: int
    all_permutations: bool
    clusters: tuple[CourseCluster, ...]


@dataclass(frozen=True)
class CourseTestResult:
    """The test of the time course; `scores` is None where there is none, for `why_not`."""

    why_not: str
    scores: CourseTestScores | None


@dataclass(frozen=True)
class ClassDifferenceResult:
    """The difference between the classes in the cleaned signal, second class minus first, before any standardisation.

    Arguments:
        channel, unit: what was compared.
        from_ms, to_ms: the window: the trial from its onset, or from the end of the baseline where that is later.
        over: "within participants" who have trials of both classes, "between participants" of one class each, or "trials".
        interval: estimate, low and high in the unit; None where there is none.
        why_no_interval: empty where there is one.
        course_test: whether the classes differ anywhere in the window.
    """

    channel: str
    unit: str
    from_ms: float
    to_ms: float
    over: Literal["within participants", "between participants", "trials"]
    interval: ScoreInterval
    why_no_interval: str
    course_test: CourseTestResult

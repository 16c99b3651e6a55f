"""Which labels are exchanged in which design, and what that finds and does not find."""

import numpy as np
import pytest

from smilejax._util.errors import DataError
from smilejax.evaluation.class_difference import course_test
from smilejax.evaluation.statistics import cluster_test, paired_cluster_test
from smilejax.splits.permutations.enumeration import carriers_of, draw
from smilejax.splits.study_design import Design

STEPS = 30


def design(y, participant, stimulus=None, smiler=None, scorable=None) -> Design:
    """A design whose stimuli and smilers may be unknown."""
    n = len(y)
    unknown = np.full(n, -1, np.int32)
    return Design(
        y=np.asarray(y, np.int32),
        scorable=np.ones(n, bool) if scorable is None else scorable,
        participant=unknown if participant is None else np.asarray(participant, np.int32),
        stimulus=unknown if stimulus is None else np.asarray(stimulus, np.int32),
        smiler=unknown if smiler is None else np.asarray(smiler, np.int32),
        class_names=("posed", "genuine"),
    )


def crossed(participants: int = 8, stimuli: int = 10) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Class, participant and stimulus of trials, each stimulus of one class."""
    stimulus = np.tile(np.arange(stimuli), participants)
    return stimulus % 2, np.repeat(np.arange(participants), stimuli), stimulus


def slow(rows: int, rng: np.random.Generator) -> np.ndarray:
    return np.cumsum(rng.normal(size=(rows, STEPS)), axis=1) / 5


def run(x, made: Design, **options):
    return course_test(x, np.isfinite(x), made, **{"permutations": 199, "seed": 0} | options)


def test_labels_of_stimuli_are_exchanged_among_stimuli_and_t_is_over_stimuli() -> None:
    """By a loop: participants' mean courses subtracted, mean over participants, the same draws."""
    rng = np.random.default_rng(0)
    y, participant, stimulus = crossed()
    x = slow(80, rng) + 5 * rng.normal(size=8)[participant][:, None]
    x[rng.random(x.shape) < 0.05] = np.nan
    x[5] = np.nan
    made = design(y, participant, stimulus)
    found = run(x, made)
    centred = x.copy()
    for p in range(8):
        centred[participant == p] -= np.nanmean(x[participant == p], axis=0)
    courses = np.array([np.nanmean(centred[stimulus == s], axis=0) for s in range(10)])
    permuted = draw(carriers_of(made, "stimulus"), 125, np.random.default_rng(0))
    expected = cluster_test(courses, np.arange(10) % 2, permuted)
    np.testing.assert_allclose(found.test.t, expected.t)
    assert found.test.p == expected.p
    assert (found.scheme, found.where, found.units) == ("stimulus", "among stimuli", "10 stimuli")
    assert (found.all_permutations, found.test.count) == (True, 125), "252 labellings, each with its mirror"


def test_differences_between_single_stimuli_are_not_taken_for_one_between_the_classes() -> None:
    """No class effect, but each stimulus has one of its own: over participants it would be found nearly always."""
    rng = np.random.default_rng(1)
    y, participant, stimulus = crossed(participants=12, stimuli=8)
    by_stimuli, by_participants = [], []
    for _ in range(40):
        x = 2 * slow(8, rng)[stimulus] + slow(96, rng) / 3
        by_stimuli.append(run(x, design(y, participant, stimulus), permutations=34).test.p <= 0.06)
        by_participants.append(run(x, design(y, participant), permutations=99).test.p <= 0.05)
    assert np.mean(by_participants) > 0.6
    assert np.mean(by_stimuli) < 0.2


def test_a_class_effect_is_found_in_each_design() -> None:
    rng = np.random.default_rng(2)
    y, participant, stimulus = crossed()
    effect = 2.0 * (np.arange(STEPS) > 15)
    x = slow(80, rng) + y[:, None] * effect
    designs = {
        "stimulus": design(y, participant, stimulus),
        "within smiler pairs": design(y, participant, stimulus, stimulus // 2),
        "within participant": design(y, participant),
        "trial": design(y, None),
    }
    for scheme, made in designs.items():
        found = run(x, made)
        assert found.scheme == scheme
        assert found.test.p == pytest.approx(
            {"within smiler pairs": 1 / 16}.get(scheme, found.test.smallest_p), abs=0.02
        )
    of_one_class = np.repeat(np.arange(20), 4)
    groups = of_one_class % 2
    found = run(x + (groups - y)[:, None] * effect, design(groups, of_one_class))
    assert (found.scheme, found.units) == ("participant", "20 participants")
    assert found.test.p <= 0.01


def test_where_stimuli_are_unknown_signs_of_participants_differences_are_exchanged() -> None:
    rng = np.random.default_rng(3)
    y, participant, _ = crossed()
    x = slow(80, rng)
    found = run(x, design(y, participant))
    own = np.array(
        [x[(participant == p) & (y == 1)].mean(0) - x[(participant == p) & (y == 0)].mean(0) for p in range(8)]
    )
    expected = paired_cluster_test(own, permutations=199, seed=0)
    np.testing.assert_allclose(found.test.t, expected.t)
    assert (found.test.p, found.test.count, found.all_permutations) == (expected.p, 127, True)
    assert found.units == "8 participants"
    assert "other sign" in found.null


def test_beside_a_test_among_stimuli_the_signs_of_participants_differences_are_exchanged_too() -> None:
    """Each participant has a class effect of its own; those who are here lie above 0, and stimuli do not differ."""
    rng = np.random.default_rng(7)
    y, participant, stimulus = crossed()
    own = np.array([2.0, -1.5, 2.0, -1.5, 2.0, -1.5, 2.0, -1.0])
    x = slow(80, rng) / 4 + (y * own[participant])[:, None]
    found = run(x, design(y, participant, stimulus))
    alone = run(x, design(y, participant))
    assert found.participants is not None
    np.testing.assert_allclose(found.participants.t, alone.test.t)
    assert found.test.p < 0.05 < found.participants.p
    assert alone.participants is None
    assert run(x[:20], design(y[:20], participant[:20], stimulus[:20])).participants is None, "two participants"


def test_trials_that_are_not_scorable_change_nothing() -> None:
    rng = np.random.default_rng(4)
    y, participant, stimulus = crossed()
    x = slow(80, rng)
    scorable = np.arange(80) % 7 > 0
    made = design(y, participant, stimulus, scorable=scorable)
    other = design(np.where(scorable, y, 1 - y), participant, stimulus, scorable=scorable)
    one, two = run(x, made), run(np.where(scorable[:, None], x, 1e6), other)
    np.testing.assert_array_equal(one.test.t, two.test.t)


def test_too_few_units_and_designs_that_leave_it_open_are_refused() -> None:
    y, participant, stimulus = crossed(stimuli=4)
    x = slow(32, np.random.default_rng(0))
    with pytest.raises(DataError, match=r"among stimuli needs 3 of either class; there are 4 stimuli\. Record more"):
        run(x, design(y, participant, stimulus))
    with pytest.raises(DataError, match="needs 3 of either class; there are 2 participants with trials of both"):
        run(x[:8], design(y[:8], participant[:8]))
    of_one_class = participant % 2
    with pytest.raises(DataError, match="does not determine among which units"):
        run(x, design(of_one_class, participant, 2 * stimulus + of_one_class))
    with pytest.raises(DataError, match="must be permuted among the units that carry them"):
        run(x, design(y, participant, stimulus), scheme="trial")

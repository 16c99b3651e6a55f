"""The crossed interval: its parts against formulas, its coverage, what it does with the edges of a design."""

import math

import numpy as np
import pytest
from scipy import stats

from smilejax._util.errors import DataError, SettingsError
from smilejax.evaluation.metrics import measure
from smilejax.evaluation.statistics import auc_of, balanced_accuracy_of, crossed_interval, crossed_interval_of

Array = np.ndarray


def crossed(people: int, stimuli: int) -> tuple[Array, Array, Array]:
    """Class, participant, stimulus: all see all, every other stimulus is of class 1."""
    stimulus = np.tile(np.arange(stimuli), people)
    return stimulus % 2, np.repeat(np.arange(people), stimuli), stimulus


def hits(rng: np.random.Generator, people: int, stimuli: int, *, studies: int = 1, effect: float = 0.5) -> Array:
    logit = effect + 0.7 * rng.normal(size=(studies, people, 1)) + 0.7 * rng.normal(size=(studies, 1, stimuli))
    return (rng.random(logit.shape) < 1 / (1 + np.exp(-logit))).astype(np.float64).reshape(studies, -1)


def by_formula(v: Array, people: int, stimuli: int) -> tuple[float, float]:
    """Half width and centre of a balanced design, from sums of squares; class 1 is every other stimulus."""
    v = v.reshape(people, stimuli)
    of_people = v.mean(1).var(ddof=1) / people
    of_stimuli = sum(v.mean(0)[k::2].var(ddof=1) / (stimuli / 2) for k in (0, 1)) / 4
    of_cells = sum(v[:, k::2].var(ddof=1) / (people * stimuli / 2) for k in (0, 1)) / 4
    total = max(of_people + of_stimuli - of_cells, of_people, of_stimuli)
    df = total**2 / (of_people**2 / (people - 1) + of_stimuli**2 / (stimuli - 2) + of_cells**2 / (people * stimuli - 2))
    df = max(df, min(people - 1, stimuli - 2))
    if total == of_people:
        df = people - 1
    if total == of_stimuli:
        df = stimuli - 2
    return float(stats.t.ppf(0.975, df) * math.sqrt(total)), float(v.mean())


@pytest.mark.parametrize(("people", "stimuli"), [(8, 6), (6, 12), (12, 10)])
def test_a_balanced_design_against_sums_of_squares(rng: np.random.Generator, people: int, stimuli: int) -> None:
    values = hits(rng, people, stimuli, studies=6)
    found = crossed_interval(values, *crossed(people, stimuli), draws=20_000, seed=1)
    for i, v in enumerate(values):
        half, centre = by_formula(v, people, stimuli)
        assert found.estimate[i] == pytest.approx(centre)
        assert found.high[i] == pytest.approx(min(centre + half, 1), rel=0.02)
        assert found.low[i] == pytest.approx(max(centre - half, 0), abs=0.02 * half + 0.005)


def test_without_stimuli_it_is_the_t_interval_over_people(rng: np.random.Generator) -> None:
    y, participant, _ = crossed(8, 10)
    v = hits(rng, 8, 10)[0]
    found = crossed_interval(v, y, participant, np.full(80, -1), draws=40_000, seed=2)
    scores = v.reshape(8, 10).mean(1)
    low, high = stats.t.interval(0.95, 7, scores.mean(), stats.sem(scores))
    np.testing.assert_allclose((found.low, found.high), (low, high), atol=0.01 * (high - low))
    assert str(found.units) == "8 participants"
    # A stimulus that only one person saw adds nothing: cells are then stimuli, and the two cancel.
    nested = crossed_interval(v, y, participant, np.arange(80), draws=40_000, seed=2)
    np.testing.assert_allclose((nested.low, nested.high), (low, high), atol=0.03 * (high - low))


def test_it_covers(rng: np.random.Generator) -> None:
    """95 % of 600 studies, give or take (standard error 0.9 %); percentiles of people alone cover 70 to 90 %."""
    x, w = np.polynomial.hermite_e.hermegauss(40)
    truth = (w / (1 + np.exp(-(0.5 + math.sqrt(2) * 0.7 * x)))).sum() / w.sum()
    for people, stimuli in ((8, 6), (12, 10)):
        found = crossed_interval(
            hits(rng, people, stimuli, studies=600), *crossed(people, stimuli), draws=500, seed=rng
        )
        assert 0.925 < np.mean((found.low <= truth) & (truth <= found.high)) < 0.985


def test_level_seed_and_order_of_trials(rng: np.random.Generator) -> None:
    y, participant, stimulus = crossed(8, 6)
    v = hits(rng, 8, 6)[0]
    one = crossed_interval(v, y, participant, stimulus, seed=5)
    again = crossed_interval(v, y, participant, stimulus, seed=5)
    other = crossed_interval(v, y, participant, stimulus, seed=6)
    assert (one.low, one.high) == (again.low, again.high) != (other.low, other.high)
    assert other.high - other.low == pytest.approx(one.high - one.low, rel=0.1)
    narrow = crossed_interval(v, y, participant, stimulus, level=0.5, seed=5)
    assert one.low < narrow.low < narrow.high < one.high
    order = rng.permutation(48)
    moved = crossed_interval(v[order], y[order], participant[order], stimulus[order], seed=5)
    np.testing.assert_allclose((moved.low, moved.high), (one.low, one.high))
    # Whose trial it was matters.
    mixed = crossed_interval(v, y, rng.permutation(participant), stimulus, seed=5)
    assert mixed.low != pytest.approx(one.low)


def test_trials_that_were_not_scored_are_as_if_absent(rng: np.random.Generator) -> None:
    y, participant, stimulus = crossed(9, 8)
    v = hits(rng, 9, 8)[0]
    gone = (rng.random(72) < 0.2) | (participant == 4)
    found = crossed_interval(np.where(gone, np.nan, v), y, participant, stimulus, seed=1)
    kept = crossed_interval(v[~gone], y[~gone], participant[~gone], stimulus[~gone], seed=1)
    assert (found.estimate, found.low, found.high) == (kept.estimate, kept.low, kept.high)
    assert str(found.units) == "8 participants and 8 stimuli"
    assert found.units.trials == (~gone).sum()
    means = [v[~gone & (y == k)].mean() for k in (0, 1)]
    assert found.estimate == pytest.approx(np.mean(means))


def test_many_classifiers_share_the_draws(rng: np.random.Generator) -> None:
    design = crossed(8, 6)
    values = hits(rng, 8, 6, studies=3)
    together = crossed_interval(values, *design, seed=1)
    for i in range(3):
        alone = crossed_interval(values[i], *design, seed=1)
        assert (together.low[i], together.high[i]) == pytest.approx((alone.low, alone.high))


def test_a_difference_between_classifiers(rng: np.random.Generator) -> None:
    design = crossed(12, 10)
    one = hits(rng, 12, 10)[0]
    other = np.where(rng.random(120) < 0.9, one, 1 - one)
    found = crossed_interval(one - other, *design, seed=1)
    assert found.estimate == pytest.approx(one.mean() - other.mean())
    apart = crossed_interval(one, *design, seed=1)
    assert found.high - found.low < apart.high - apart.low  # what both share cancels
    assert crossed_interval(-np.where(one > 0, one, 0.9 * other), *design, seed=1).low >= -1


def test_no_spread_no_interval() -> None:
    design = crossed(5, 4)
    found = crossed_interval(np.ones(20), *design, seed=1)
    assert found.estimate == 1
    assert np.isnan([found.low, found.high]).all()


def test_the_edges_of_a_design(rng: np.random.Generator) -> None:
    y, participant, stimulus = crossed(6, 8)
    v = hits(rng, 6, 8)[0]
    none = np.full(48, -1)
    trials = crossed_interval(v, y, none, none, draws=20_000, seed=1)
    assert str(trials.units) == "48 trials"
    error = math.sqrt(sum(v[y == k].var(ddof=1) / 24 for k in (0, 1)) / 4)
    assert trials.high - trials.low == pytest.approx(2 * stats.t.ppf(0.975, 46) * error, rel=0.03)
    single = crossed_interval(v, y, np.zeros(48, int), stimulus, seed=1)  # one person: over stimuli alone
    assert str(single.units) == "1 participant and 8 stimuli"
    assert np.isfinite(single.low)
    lone = crossed_interval(v, y, np.zeros(48, int), none, seed=1)  # one person and nothing else: nothing to draw
    assert math.isnan(lone.low)
    two = crossed_interval(v, y, participant, np.where(y == 1, 7, stimulus), seed=1)  # class 1 is one stimulus
    assert math.isnan(two.high)
    one_class = crossed_interval(v, np.ones(48, int), participant, stimulus, seed=1)
    assert math.isnan(one_class.estimate)
    assert math.isnan(one_class.low)
    nothing = crossed_interval(np.full(48, np.nan), y, participant, stimulus, seed=1)
    assert math.isnan(nothing.estimate)


def test_people_of_one_class_each_are_drawn_within_it(rng: np.random.Generator) -> None:
    """Two groups of people: Welch's interval, were it not that both are taken to vary alike."""
    participant = np.repeat(np.arange(12), 5)
    y = (participant >= 4).astype(int)
    v = rng.random(60)
    scores = v.reshape(12, 5).mean(1)
    error = math.sqrt((scores[:4].var(ddof=1) / 4 + scores[4:].var(ddof=1) / 8) / 4)
    df = (1 / 4 + 1 / 8) ** 2 / (1 / (16 * 3) + 1 / (64 * 7))
    found = crossed_interval(v, y, participant, np.full(60, -1), draws=40_000, seed=1)
    assert found.high - found.low == pytest.approx(2 * stats.t.ppf(0.975, df) * error, rel=0.02)


def test_half_recorded_codes_and_wrong_settings_are_refused(rng: np.random.Generator) -> None:
    y, participant, stimulus = crossed(6, 8)
    v = hits(rng, 6, 8)[0]
    broken = np.where(np.arange(48) < 3, -1, participant)
    with pytest.raises(DataError, match=r"needs the participant of every scored trial or of none; 3 of 48 have none"):
        crossed_interval(v, y, broken, stimulus, seed=1)
    with pytest.raises(SettingsError, match=r"level must be above 0 and below 1; it is 1\.5"):
        crossed_interval(v, y, participant, stimulus, level=1.5, seed=1)
    with pytest.raises(SettingsError, match="draws must be a whole number from 2 up; it is 1"):
        crossed_interval(v, y, participant, stimulus, draws=1, seed=1)


def test_weighted_statistics_are_those_of_repeated_trials(rng: np.random.Generator) -> None:
    p, y = rng.random(30).round(1), rng.integers(0, 2, 30)
    p[3], y[5] = np.nan, -1
    weights = rng.integers(0, 4, (20, 30))
    auc, balanced = auc_of(p, y), balanced_accuracy_of(np.stack([p, p**2]), y)
    for w in weights:
        rows = np.repeat(np.arange(30), w)
        rows = rows[np.isfinite(p[rows]) & (y[rows] >= 0)]
        expected = measure(p[rows], y[rows], np.ones(len(rows), bool)).auc
        assert auc(w[None].astype(float))[0] == pytest.approx(expected)
        for i, v in enumerate((p, p**2)):
            means = [v[rows][y[rows] == k].mean() for k in (0, 1)]
            assert balanced(w[None].astype(float))[0, i] == pytest.approx(np.mean(means))
    assert np.isnan(auc((y == 1).astype(float)[None])).all()
    assert np.isnan(auc_of(np.full(3, np.nan), np.array([0, 1, 1]))(np.ones((2, 3)))).all()


def test_an_interval_of_the_auc(rng: np.random.Generator) -> None:
    """Over independent trials: within a tenth of DeLong's (1988)."""
    y = np.arange(120) % 2
    p = 0.8 * y + rng.normal(size=120)
    none = np.full(120, -1)
    found = crossed_interval_of(auc_of(p, y), y, none, none, draws=4000, seed=1, limits=(0.0, 1.0))
    wins = (p[y == 1][:, None] > p[y == 0]).astype(float)
    error = math.sqrt(wins.mean(1).var(ddof=1) / 60 + wins.mean(0).var(ddof=1) / 60)
    assert found.estimate == pytest.approx(wins.mean())
    assert found.high - found.low == pytest.approx(2 * stats.t.ppf(0.975, 118) * error, rel=0.1)
    other = auc_of(rng.normal(size=120), y)
    apart = crossed_interval_of(lambda w: auc_of(p, y)(w) - other(w), y, none, none, seed=1)
    assert apart.low < apart.estimate < apart.high


def test_draws_in_blocks_are_the_same_draws(rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch) -> None:
    design, v = crossed(8, 6), hits(rng, 8, 6)[0]
    whole = crossed_interval(v, *design, seed=1)
    monkeypatch.setattr("smilejax.evaluation.statistics.crossed_bootstrap.BLOCK", 48 * 37)
    pieces = crossed_interval(v, *design, seed=1)
    assert pieces.high - pieces.low == pytest.approx(whole.high - whole.low, rel=0.1)
    assert np.isfinite(pieces.low)


def test_a_difference_may_lie_below_0_though_no_trial_of_it_does(rng: np.random.Generator) -> None:
    """Only a score is cut at 0: a lead in a few trials says nothing of where it would lie with others."""
    participant, stimulus = (c.ravel() for c in np.indices((6, 8)))
    values = (rng.random(48) < 0.06).astype(float)
    cut, whole = (
        crossed_interval(values, stimulus % 2, participant, stimulus, difference=difference, seed=1)
        for difference in (False, True)
    )
    assert cut.low == 0
    assert whole.low < 0
    assert whole.estimate - whole.low == pytest.approx(whole.high - whole.estimate)

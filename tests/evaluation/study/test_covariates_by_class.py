"""How a stimulus table differs between the classes, against plain computations and SciPy, and what the verdict says of it."""

import itertools
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from helpers.made_study import SETTINGS, make_raw_results, take
from helpers.small_study import make_dataset
from scipy import stats

from smilejax import Covariate, StimulusTable
from smilejax.evaluation.study import covariates_by_class
from smilejax.evaluation.study.covariates_by_class import covariate_results
from smilejax.evaluation.study.derive_results import compute_results
from smilejax.evaluation.study.raw_results import RawResults
from smilejax.evaluation.study.study_results import StudyResults
from smilejax.evaluation.study.verdict_in_words import verdict

STIMULI = tuple(f"v{k}" for k in range(12))
Y = np.arange(12) % 2
NUMBERS = (3.0, 1.0, 4.0, 1.5, 5.0, 9.0, 2.0, 6.0, 5.5, 3.5, 8.0, 9.5)
WORDS = tuple("aabbcacbacba")


@cache
def _made() -> tuple[RawResults, StudyResults]:
    """A study of twelve stimuli, of class 0 and 1 in turn."""
    raw = make_raw_results()
    return raw, compute_results(raw, SETTINGS)


def _raw(*covariates: Covariate, raw: RawResults | None = None) -> RawResults:
    """The study, or another one of the same stimuli, with this table."""
    raw = _made()[0] if raw is None else raw
    return replace(raw, about=replace(raw.about, stimulus_table=StimulusTable("stimuli.csv", STIMULI, covariates)))


def _one(covariate: Covariate):
    (found,) = covariate_results(_raw(covariate), 0)
    return found


def test_numbers_by_class() -> None:
    found = _one(Covariate("size", numbers=NUMBERS))
    values, first = np.array(NUMBERS), found.classes["posed"]
    assert (first.stimuli, first.mean, first.low, first.high) == (6, values[Y == 0].mean(), 2.0, 8.0)
    assert first.sd == pytest.approx(values[Y == 0].std(ddof=1))
    pooled = np.sqrt((values[Y == 0].var(ddof=1) + values[Y == 1].var(ddof=1)) / 2)
    d = (values[Y == 1].mean() - values[Y == 0].mean()) / pooled
    assert found.standardised_difference == pytest.approx(d * (1 - 3 / (4 * 10 - 1)))
    expected = stats.permutation_test(
        (values[Y == 1], values[Y == 0]),
        lambda a, b: np.abs(a.mean() - b.mean()),
        alternative="greater",
        n_resamples=1000,
    )
    assert (found.p, found.permutations, found.exact) == (pytest.approx(expected.pvalue), 924, True)
    assert (found.separated, found.constant, found.cramers_v) == (False, False, None)


def test_words_by_class() -> None:
    found = _one(Covariate("source", words=WORDS))
    assert list(found.classes["genuine"].words.items()) == [("a", 3), ("b", 2), ("c", 1)]
    table = np.array([[WORDS[::2].count(w), WORDS[1::2].count(w)] for w in "abc"])
    chi2 = stats.chi2_contingency(table, correction=False).statistic
    phi2, (r, k), n = max(0, chi2 / 12 - 2 / 11), (3, 2), 12
    r, k = r - (r - 1) ** 2 / (n - 1), k - (k - 1) ** 2 / (n - 1)
    assert found.cramers_v == pytest.approx(np.sqrt(phi2 / min(r - 1, k - 1)))
    as_high = 0
    for chosen in itertools.combinations(range(12), 6):
        own = [WORDS[k] for k in chosen]
        other = [[own.count(w), WORDS.count(w) - own.count(w)] for w in "abc"]
        as_high += stats.chi2_contingency(other, correction=False).statistic >= chi2 - 1e-9
    assert found.p == pytest.approx(as_high / 924)


def test_complete_separation_and_no_difference_at_all() -> None:
    """Constant within a class: nothing to standardise by, whatever the rounding of means."""
    assert np.mean([60.2] * 6) != 60.2
    found = _one(Covariate("luminance", numbers=tuple(np.where(Y == 1, 75.8, 60.2).tolist())))
    assert (found.separated, found.standardised_difference, found.p) == (True, None, pytest.approx(2 / 924))
    assert found.classes["genuine"].sd == 0.0
    found = _one(Covariate("source", words=tuple(np.where(Y == 1, "MAHNOB", "AFEW").tolist())))
    assert (found.separated, found.cramers_v, found.p) == (True, pytest.approx(1.0), pytest.approx(2 / 924))
    for alike in (Covariate("luminance", numbers=(70.2,) * 12), Covariate("source", words=("x",) * 12)):
        found = _one(alike)
        assert (found.constant, found.separated, found.standardised_difference, found.cramers_v, found.p) == (
            *(True, False),
            *(None, None, None),
        )


def test_more_labellings_than_are_gone_through_are_drawn(monkeypatch) -> None:
    monkeypatch.setattr(covariates_by_class, "ALL", 923)
    found = _one(Covariate("size", numbers=NUMBERS))
    monkeypatch.undo()
    exact = _one(Covariate("size", numbers=NUMBERS))
    assert (found.exact, found.permutations) == (False, covariates_by_class.DRAWS + 1)
    assert found.p == pytest.approx(exact.p, abs=0.02)


def test_stimuli_with_trials_of_both_classes_count_in_both() -> None:
    """Labels of participants: the same stimuli, no difference, and no permutation of stimuli."""
    dataset = make_dataset(participants=8, smilers=6)
    crossed = replace(dataset, y=dataset.participant % 2)
    raw = make_raw_results(dataset=crossed, permutations=0)
    (found,) = covariate_results(_raw(Covariate("size", numbers=NUMBERS), raw=raw), 0)
    assert found.classes["posed"] == found.classes["genuine"]
    assert (found.classes["posed"].stimuli, found.standardised_difference, found.p) == (12, 0.0, None)


def test_only_stimuli_with_trials_that_were_kept_count() -> None:
    raw = _raw(Covariate("size", numbers=NUMBERS))
    trials = raw.trials.assign(kept=raw.trials["kept"] & (raw.trials["stimulus"] != "v3"))
    (found,) = covariate_results(replace(raw, trials=trials), 0)
    assert (found.classes["posed"].stimuli, found.classes["genuine"].stimuli) == (6, 5)


def _limits(*covariates: Covariate) -> tuple[str, ...]:
    raw = _raw(*covariates)
    return verdict(replace(_made()[1], about=raw.about, covariates=covariate_results(raw, 0))).limits


def test_what_the_verdict_says() -> None:
    luminance = Covariate("luminance", numbers=tuple(np.where(Y == 1, 75.8, 70.2).tolist()))
    source = Covariate("source", words=tuple(np.where(Y == 1, "MAHNOB", "AFEW").tolist()))
    assert _limits(source, luminance) == (
        "The covariate source is MAHNOB for every stimulus of genuine and AFEW for every stimulus of posed: the study cannot "
        "separate class from source.",
        "The covariate luminance is 75.8 for every stimulus of genuine and 70.2 for every stimulus of posed: the study cannot "
        "separate class from luminance.",
    )
    several = Covariate("room", words=tuple(f"{'xy'[y]}{k // 6}" for k, y in enumerate(Y)))
    apart = Covariate("size", numbers=tuple(float(k + 100 * y) for k, y in enumerate(Y)))
    assert _limits(several, apart) == (
        "No word of the covariate room is that of stimuli of both classes (genuine: y0, y1; posed: x0, x1): the study cannot "
        "separate class from room.",
        "The covariate size is 101 to 111 for stimuli of genuine and 0 to 10 for stimuli of posed, without overlap: the study "
        "cannot separate class from size.",
    )
    strong = Covariate("size", numbers=tuple(float(k + 6 * y) for k, y in enumerate(Y)))
    mostly = Covariate("source", words=(*("AFEW", "MAHNOB") * 5, "MAHNOB", "AFEW"))
    size, words = _limits(strong, mostly)
    assert size.startswith(
        "The covariate size is 12 on average for stimuli of genuine and 5 for those of posed (standardised difference +1.7"
    )
    assert size.endswith(": the study can hardly separate class from size.")
    assert words.startswith(
        "The covariate source differs between the classes (genuine: 5 MAHNOB, 1 AFEW; posed: 5 AFEW, 1 MAHNOB; Cramér's V = 0.6"
    )
    assert "permutation test over stimuli, p = .080" in words
    assert _limits(Covariate("size", numbers=NUMBERS), Covariate("one", words=("x",) * 12)) == ()


def test_without_a_table_what_was_not_given_is_said_once() -> None:
    def says(results: StudyResults) -> bool:
        return any("no stimulus table was given" in one for one in verdict(results).limits)

    results = _made()[1]
    assert says(results)
    assert not says(replace(results, about=replace(results.about, simulated=True)))
    dataset = make_dataset(participants=8, smilers=6)
    crossed = replace(dataset, y=dataset.participant % 2)
    assert not says(compute_results(make_raw_results(dataset=crossed, permutations=0), SETTINGS))
    own = take(dataset, np.asarray(dataset.y) == np.asarray(dataset.participant) % 2)  # says that stimuli differ
    assert not says(compute_results(make_raw_results(dataset=own, permutations=0), SETTINGS))


def test_a_covariate_that_classifies_as_well_takes_the_conclusion_from_the_response() -> None:
    results = compute_results(make_raw_results(classifiers={"mask": 0.0, "covariates": 9.0}), SETTINGS)
    assert results.verdict.conclusion == "not attributable"
    assert any(
        s.startswith("A negative control does as well as the network: Stimulus covariates")
        for s in results.verdict.findings
    )
    without = compute_results(make_raw_results(classifiers={"mask": 0.0, "covariates": 0.0}), SETTINGS)
    assert without.verdict.conclusion == "attributable"

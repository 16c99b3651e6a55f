"""What a verdict says, case by case, and what it must not say."""

import dataclasses
import re

import jax.numpy as jnp
import numpy as np
import pytest
from helpers.made_study import SETTINGS, make_raw_results, take, without_stimuli
from helpers.small_study import make_dataset

from smilejax.evaluation.names import CONCLUSIONS, Conclusion
from smilejax.evaluation.study.derive_results import compute_results
from smilejax.evaluation.study.score_results import ClassifierResult
from smilejax.evaluation.study.study_results import StudyResults, Verdict
from smilejax.evaluation.study.verdict_in_words import verdict

ALL = {"majority": 0.0, "rocket": 0.0, "mask": 0.0, "baseline": 0.0}


def _judged(**given) -> tuple[Verdict, StudyResults]:
    results = compute_results(make_raw_results(**given), SETTINGS)
    return results.verdict, results


@pytest.fixture(scope="module")
def effect() -> StudyResults:
    return compute_results(make_raw_results(classifiers=ALL), SETTINGS)


@pytest.fixture(scope="module")
def no_effect() -> StudyResults:
    return compute_results(make_raw_results(strength=0.0, classifiers=ALL), SETTINGS)


def _all(found: Verdict) -> str:
    return " ".join((found.headline, *found.findings, *found.limits))


def _says(sentences: tuple[str, ...], opening: str) -> bool:
    return any(sentence.startswith(opening) for sentence in sentences)


def _changed(results: StudyResults, path: str, **values) -> StudyResults:
    """Results with some fields of one part set: `path` names attributes; tuples are searched by `name`."""

    def change(part, names: list[str]):
        if not names:
            return dataclasses.replace(part, **values)
        if isinstance(part, tuple):
            return tuple(change(one, names[1:]) if one.name == names[0] else one for one in part)
        return dataclasses.replace(part, **{names[0]: change(getattr(part, names[0]), names[1:])})

    return change(results, path.split("."))


def _classifier(results: StudyResults, name: str) -> ClassifierResult:
    return next(one for one in results.classifiers if one.name == name)


def test_an_effect_on_new_participants_and_new_stimuli(effect) -> None:
    found = effect.verdict
    assert found.conclusion == "attributable"
    assert found.headline.startswith("The pupil's response distinguishes genuine from posed: balanced accuracy ")
    assert (
        "on participants and stimuli that were not in the training set; chance is 50%; permutation test, p = .031."
        in found.headline
    )
    assert effect.permutation_test.scores.test.p == pytest.approx(1 / 32)
    used = "All 31 permutations were used, since fewer than 10 scored as high: p = (0 + 1) / (31 + 1). The smallest"
    assert any(used in words for words in found.findings)
    assert _says(found.findings, "The network exceeds every negative control: ")
    assert _says(found.findings, "The network exceeds every reference classifier: ")
    assert _says(found.findings, "The classification does not rest on known stimuli alone: ")
    assert any(s.startswith("With shuffled trials") and "nothing about new participants" in s for s in found.findings)
    (limit,) = found.limits
    assert limit.startswith("Each stimulus has one class, and no stimulus table was given")


def test_no_effect_is_not_called_one(no_effect) -> None:
    found = no_effect.verdict
    assert found.conclusion == "not above chance"
    assert found.headline.startswith("No evidence that the pupil's response distinguishes genuine from posed: ")
    assert no_effect.permutation_test.scores.test.p > 0.05
    assert _says(found.findings, "It is not shown that the network classifies known stimuli either")
    assert "exceeds every" not in _all(found)


def test_a_test_that_stopped_says_so() -> None:
    """Four of the first permutations score as high; what was trained behind them is not looked at, and classifiers use all."""
    settings = dataclasses.replace(SETTINGS, stop_after=4)
    results = compute_results(make_raw_results(strength=0.0, classifiers=ALL, settings=settings), settings)
    scores = results.permutation_test.scores
    test = scores.test
    assert (test.stopped_early, test.at_least, test.most) == (True, 4, 31)
    assert test.p == 4 / test.count
    assert test.smallest_p == 1 / 32
    assert len(scores.null) == test.count < 31
    assert scores.runs == (1 + test.count) * 2 * results.verdict_scores.folds
    assert results.classifiers[1].scores.permutation_test.test.count == 31
    stopped = f"The test stopped after {test.count} of 31 permutations, as soon as 4 had scored as high: p = 4 / {test.count}, "
    assert any(stopped in words for words in results.verdict.findings)


def test_a_network_that_learns_stimuli_is_not_one_that_learns_the_response() -> None:
    strength = {"participant-and-stimulus": 0.0, "participant": 3.0, "stimulus": 0.0, "shuffled": 3.0}
    found, _ = _judged(strength=strength, classifiers=ALL)
    assert found.conclusion == "not above chance"
    assert _says(found.findings, "The network classifies known stimuli only, so that it has learnt the stimuli")


def test_a_reference_classifier_that_does_as_well_is_in_the_headline() -> None:
    found, _ = _judged(classifiers=ALL | {"rocket": 6.0})
    assert found.conclusion == "reference as good"
    assert "but the network is not shown to exceed a reference classifier: " in found.headline
    words = next(s for s in found.findings if s.startswith("A reference classifier does as well"))
    assert "MiniRocket (" in words
    assert "Majority class" not in words


@pytest.mark.parametrize("name", ["mask", "baseline"])
def test_a_negative_control_that_does_as_well_leaves_nothing_to_attribute(name: str) -> None:
    """The headline says so: what stands under it cannot contradict it."""
    found, _ = _judged(classifiers=ALL | {name: 6.0})
    assert found.conclusion == "not attributable"
    assert "is not attributable to the pupil's response: a negative control does as well: " in found.headline
    assert "sees nothing of the pupil's response" in next(
        s for s in found.findings if s.startswith("A negative control does as well")
    )
    assert "The pupil's response distinguishes" not in _all(found)


def test_a_negative_control_that_is_not_exceeded_leaves_the_attribution_open(effect) -> None:
    changed = _changed(effect, "classifiers.mask.scores.interval", estimate=0.52, low=0.43, high=0.61)
    changed = _changed(changed, "classifiers.mask.scores.difference", estimate=0.1, low=-0.02, high=0.22)
    found = verdict(changed)
    assert found.conclusion == "not attributable"
    assert "it is not shown to exceed every negative control" in found.headline
    assert _says(
        found.findings, "The network is not shown to exceed Missing-data mask (balanced accuracy 52%; difference 10.0"
    )


def test_without_a_negative_control_nothing_is_attributed() -> None:
    found, _ = _judged(classifiers={"rocket": 0.0})
    assert found.conclusion == "not attributable"
    assert "no negative control could be run" in found.headline


@pytest.mark.parametrize("conclusion", CONCLUSIONS)
def test_a_headline_says_what_its_conclusion_says(effect, no_effect, conclusion: Conclusion) -> None:
    """One study of each conclusion; positive words stand in the headline of the positive ones only."""
    studies = {
        "attributable": effect,
        "reference as good": _changed(
            effect, "classifiers.rocket.scores.difference", estimate=-0.01, low=-0.1, high=0.1
        ),
        "not attributable": _changed(effect, "classifiers.mask.scores.difference", estimate=-0.01, low=-0.1, high=0.1),
        "leaky protocol": dataclasses.replace(effect, verdict_protocol="shuffled"),
        "not above chance": no_effect,
        "not judged": _changed(effect, "permutation_test", scores=None, why_not="none was requested."),
    }
    found = verdict(studies[conclusion])
    assert found.conclusion == conclusion
    positive = found.headline.startswith("The pupil's response distinguishes")
    assert positive is (CONCLUSIONS[conclusion].color in ("green", "blue"))


def test_a_classifier_may_find_what_the_network_does_not() -> None:
    found, results = _judged(strength=0.0, classifiers={"rocket": 3.0})
    assert found.conclusion == "not above chance"
    assert _says(found.findings, "Above chance although the network is not shown to be: MiniRocket (")
    assert results.classifiers[0].scores.permutation_test.p_corrected == pytest.approx(1 / 32)


def test_a_negative_control_that_distinguishes_the_classes_sees_no_response() -> None:
    found, _ = _judged(strength=0.0, classifiers={"baseline": 3.0})
    assert _says(
        found.findings, "Above chance without the pupil's response: Trial length, proportion valid and baseline ("
    )
    assert not _says(found.findings, "Above chance although")


def test_without_stimuli_the_verdict_is_weaker_and_says_so() -> None:
    found, results = _judged(dataset=without_stimuli(make_dataset(participants=8, smilers=6)))
    assert results.verdict_protocol == "participant"
    assert results.protocol("participant").label == "New participants"
    assert "on participants who were not in the training set; chance" in found.headline
    assert any(
        s
        == "The verdict is about participants who were not in the training set, and not about both new participants and new "
        "stimuli: splitting by stimulus needs the stimulus of every trial; 96 of 96 have none."
        for s in found.limits
    )  # and no advice: these are a paper's words
    assert _says(found.limits, "Stimuli were not recorded")


def test_one_participant() -> None:
    dataset = make_dataset(participants=8, smilers=6)
    found, results = _judged(dataset=take(dataset, np.asarray(dataset.participant) == 0))
    assert results.verdict_protocol == "stimulus"
    assert "stimuli that were not in the training set, with participants who were" in found.headline
    assert _says(found.limits, "With 1 participant, the interval says little about other participants")
    assert any("at least two participants" in s for s in found.limits)


def test_one_trial_a_cell() -> None:
    dataset = make_dataset(participants=8, smilers=6)
    first = np.asarray(dataset.smiler) == np.asarray(dataset.participant) % 6
    found, results = _judged(dataset=take(dataset, first), permutations=15)
    assert results.data.one_trial_per_class
    assert _says(found.limits, "Each participant has at most one trial of each class")


@pytest.fixture(scope="module")
def unequal() -> StudyResults:
    dataset = make_dataset(participants=10, smilers=10)
    y, smiler = np.asarray(dataset.y), np.asarray(dataset.smiler)
    return compute_results(
        make_raw_results(dataset=take(dataset, (y == 0) | (smiler == 0)), permutations=9, classifiers=ALL), SETTINGS
    )


def test_unequal_classes(unequal) -> None:
    """The larger class's share stands beside the balanced accuracy."""
    posed, genuine = unequal.data.kept_classes.values()
    assert posed == 10 * genuine
    assert (unequal.data.majority.name, unequal.data.majority.proportion) == ("posed", pytest.approx(10 / 11))
    assert _says(unequal.verdict.findings, "The larger class, posed, holds 91% of the labelled trials that were kept.")
    words = next(s for s in unequal.verdict.limits if s.startswith("The classes are unequal"))
    assert "always predicting posed has an accuracy of 91%" in words


def test_a_design_that_cannot_be_significant() -> None:
    found, results = _judged(dataset=make_dataset(participants=8, smilers=3), permutations=3)
    assert found.conclusion == "not judged"
    assert found.headline.startswith(
        "Whether the pupil's response distinguishes genuine from posed cannot be judged by "
    )
    assert "the smallest attainable p is .250" in found.headline
    assert any("A smaller one needs more smilers." in s for s in found.limits)
    assert results.permutation_test.scores.test.design_smallest_p == 0.25


def test_too_few_permutations_are_another_matter() -> None:
    settings = dataclasses.replace(SETTINGS, permutations=9)
    results = compute_results(make_raw_results(settings=settings), settings)
    assert results.verdict.conclusion == "not judged"
    assert any("A smaller one needs more permutations" in s for s in results.verdict.limits)
    # Where more were requested, there are no more.
    more = _changed(results, "permutation_test.scores", requested=100)
    assert any("A smaller one needs more smilers." in s for s in verdict(more).limits)


def test_no_test() -> None:
    found, _ = _judged(permutations=0)
    assert found.conclusion == "not judged"
    assert "there was no permutation test" in found.headline
    assert any("none was requested." in s for s in found.limits)


def test_runs_that_diverged_are_counted_and_predict_nothing() -> None:
    raw = make_raw_results()
    protocol = raw.protocols[0]
    protocol.predictions.ok[0, 0, 1:] = False
    raw.permutations.predictions.ok[3] = False
    results = compute_results(raw, SETTINGS)
    limits = results.verdict.limits
    assert _says(limits, f"New participants, new stimuli: 2 of {protocol.predictions.ok.size} runs diverged")
    assert _says(limits, "1 permutation diverged; each is counted as one that scored as high as the true labels")
    assert results.permutation_test.scores.test.p == pytest.approx(2 / 32)


def test_all_runs_diverged() -> None:
    raw = make_raw_results(classifiers={"rocket": 1.0})
    for protocol in raw.protocols:
        protocol.predictions.ok[:] = False
    raw.permutations.predictions.ok[:] = False
    found = compute_results(raw, SETTINGS).verdict
    assert found.conclusion == "not judged"
    assert found.headline == (
        "Whether the pupil's response distinguishes genuine from posed cannot be judged: every run diverged."
    )
    assert any("runs diverged and have no predictions." in s for s in found.limits)
    assert not re.search(r"\bnan\b", _all(found))
    assert "None" not in _all(found)


def test_probabilities_that_could_not_be_calibrated() -> None:
    found, _ = _judged(inner=False)
    assert "Probabilities could not be calibrated: no draw leaves both classes." in found.limits


def test_labels_that_are_not_known_are_not_scored() -> None:
    dataset = make_dataset(participants=8, smilers=6)
    y = np.asarray(dataset.y).copy()
    y[::7] = -1
    _, results = _judged(dataset=dataclasses.replace(dataset, y=jnp.asarray(y)))
    assert results.data.unlabelled == int((y < 0).sum())
    assert results.protocols[0].scores.trials_scored == int((y >= 0).sum())


def test_when_the_test_itself_diverged_nothing_is_judged() -> None:
    """And nothing is said of stimuli: a test that failed shows nothing."""
    for part in (slice(0, 1), slice(1, None)):
        raw = make_raw_results()
        raw.permutations.predictions.ok[part] = False
        found = compute_results(raw, SETTINGS).verdict
        assert found.conclusion == "not judged"
        assert "the runs of its permutation test diverged" in found.headline
        assert any("runs of the permutation test diverged" in s for s in found.limits)
        assert "known stimuli only" not in _all(found)
        assert not re.search(r"\bnan\b", _all(found))


def test_one_seed_has_no_standard_deviation_and_no_band() -> None:
    settings = dataclasses.replace(SETTINGS, seeds=1, test_seeds=1, inner_seeds=1, attribution_seeds=1)
    results = compute_results(make_raw_results(settings=settings), settings)
    assert not re.search(r"\bnan\b", _all(results.verdict))
    assert not _says(results.verdict.findings, "Between seeds")
    assert not _says(results.verdict.findings, "Balanced accuracy of the network")
    curves = results.training_curves
    assert (curves.seeds, curves.test_loss.low, curves.test_loss.high) == (1, None, None)


def test_each_of_three_scores_is_named_once(effect) -> None:
    """Mean over seeds, first seeds, ensemble: three numbers of one network, each with what it is."""
    own, test = effect.verdict_scores, effect.permutation_test.scores
    words = next(s for s in effect.verdict.findings if s.startswith("Balanced accuracy of the network: "))
    numbers = [float(number) for number in re.findall(r"([\d.]+)%", words)]
    assert numbers == pytest.approx(
        [100 * v for v in (own.interval.estimate, test.test.observed, own.ensemble.balanced_accuracy)], abs=0.05
    )
    for what in ("as the mean over 3 seeds", "with the first 2 seeds", "for the ensemble"):
        assert words.count(what) == 1


def test_one_permutation_has_no_average() -> None:
    settings = dataclasses.replace(SETTINGS, permutations=1)
    found = compute_results(make_raw_results(settings=settings), settings).verdict
    words = next(s for s in found.findings if s.startswith("Permutation test: "))
    assert "trained again for each of 1 permutation." in words
    assert "; the permutation reached " in words
    assert "on average" not in words


def test_known_stimuli_need_a_difference_that_is_more_than_chance(no_effect) -> None:
    """Above chance with known stimuli, not so with new ones: that alone is no difference between the two."""
    changed = _changed(no_effect, "protocols.participant.scores.interval", estimate=0.65, low=0.6, high=0.7)
    gain = dataclasses.replace(no_effect.known_minus_new_stimuli, estimate=0.1, low=-0.01, high=0.2)
    assert "known stimuli only" not in _all(verdict(dataclasses.replace(changed, known_minus_new_stimuli=gain)))
    gain = dataclasses.replace(gain, low=0.01)
    assert "known stimuli only" in _all(verdict(dataclasses.replace(changed, known_minus_new_stimuli=gain)))


def test_what_folds_do_is_not_taken_for_learnt_stimuli(no_effect) -> None:
    """Known stimuli classified no better than by chance, new ones worse: nothing was learnt, and folds are not balanced."""
    changed = _changed(no_effect, "protocols.participant.scores.interval", estimate=0.5, low=0.4, high=0.6)
    changed = _changed(changed, "protocols.participant-and-stimulus.scores.interval", estimate=0.25, low=0.2, high=0.3)
    changed = _changed(changed, "known_minus_new_stimuli", estimate=0.25, low=0.1, high=0.4)
    assert "known stimuli only" not in _all(verdict(changed))
    learnt = _changed(changed, "protocols.participant.scores.interval", estimate=0.65, low=0.6, high=0.7)
    assert "known stimuli only" in _all(verdict(learnt))
    biased = _changed(learnt, "permutation_test.scores.test", null_mean=0.3)
    assert "known stimuli only" not in _all(verdict(biased))


def test_a_stimulus_that_is_missing_on_a_rejected_trial_changes_nothing() -> None:
    dataset = make_dataset(participants=8, smilers=6)
    raw = make_raw_results(dataset=dataclasses.replace(dataset, status=dataset.status.at[0].set(2)))
    whole = compute_results(raw, SETTINGS)
    trials = raw.trials.copy()
    trials.loc[0, "stimulus"] = None
    unnamed = compute_results(dataclasses.replace(raw, trials=trials), SETTINGS)
    own, other = unnamed.verdict_scores.interval, whole.verdict_scores.interval
    assert own.estimate == other.estimate
    assert own.units == other.units
    assert own.units.stimuli == 12
    assert own.low == pytest.approx(other.low, abs=0.03)  # units are drawn in another order
    assert unnamed.data.stimuli == whole.data.stimuli == 12
    assert unnamed.stimuli


def test_a_classifier_is_named_where_nothing_could_be_tested() -> None:
    found, _ = _judged(permutations=0, classifiers={"rocket": 6.0})
    assert found.conclusion == "not judged"
    assert _says(found.findings, "A reference classifier does as well as the network: MiniRocket (")


def test_a_difference_without_an_interval_is_no_failure_of_the_network() -> None:
    """A perfect network exceeds the majority class by the same in every trial."""
    raw = make_raw_results(strength=50.0, classifiers=ALL)
    raw.classifiers[0].probability[:] = 0.5
    results = compute_results(raw, SETTINGS)
    assert _classifier(results, "majority").scores.difference.low is None
    assert results.verdict.conclusion == "attributable"
    assert "Majority class (balanced accuracy 50%; difference 50.0 points)" in _all(results.verdict)
    assert "not shown to exceed" not in _all(results.verdict)


def test_classifiers_without_predictions_are_not_exceeded() -> None:
    raw = make_raw_results(classifiers=ALL)
    raw.classifiers[2].probability[:] = np.nan  # its runs diverged
    others = (dataclasses.replace(raw.classifiers[1], why_not="no trial is long enough"), *raw.classifiers[2:])
    found = compute_results(dataclasses.replace(raw, classifiers=(raw.classifiers[0], *others)), SETTINGS).verdict
    compared = " ".join(s for s in found.findings if "exceeds" in s)
    assert "MiniRocket" not in compared
    assert "Missing-data mask" not in compared
    assert "MiniRocket could not be run: no trial is long enough." in found.limits
    assert "Missing-data mask has no predictions, since its runs diverged." in found.limits


def test_below_chance_nothing_is_distinguished(effect) -> None:
    """Where folds are not balanced, permuted labels may score lower still."""
    changed = _changed(effect, "protocols.participant-and-stimulus.scores.interval", estimate=0.44, low=0.40, high=0.48)
    found = verdict(_changed(changed, "permutation_test.scores.test", null_mean=0.35))
    assert found.conclusion == "not above chance"
    assert found.headline.startswith(
        "The network does not distinguish genuine from posed above chance: balanced accuracy 44%"
    )
    assert found.headline.endswith("Permuted labels give lower scores still, 35% on average.")
    assert _says(found.limits, "The interval lies below 50%")


def test_the_standard_deviation_of_seeds_is_that_of_the_balanced_accuracy(unequal) -> None:
    """Of unequal classes the plain accuracy varies otherwise."""
    scores = unequal.verdict_scores
    sd = scores.mean_over_seeds.balanced_accuracy.sd
    assert abs(sd - scores.accuracy_spread.sd_seeds) > 0.002
    opening = f"Between seeds, balanced accuracy has a standard deviation of {100 * sd:.1f} points"
    assert _says(unequal.verdict.findings, opening)


def test_a_diverged_seed_is_not_in_the_mean_confusion() -> None:
    raw = make_raw_results()
    raw.protocols[0].predictions.ok[:, :, 0] = False
    confusion = np.array(compute_results(raw, SETTINGS).verdict_scores.mean_over_seeds.confusion)
    assert confusion.sum() == len(raw.trials)


def test_few_participants_are_counted_among_those_scored() -> None:
    dataset = make_dataset(participants=8, smilers=6)
    rejected = jnp.where(dataset.participant < 4, 2, dataset.status)
    found, results = _judged(dataset=dataclasses.replace(dataset, status=rejected))
    assert results.data.participants == 8
    assert _says(found.limits, "With 4 participants, the interval says little about other participants")
    path = f"protocols.{results.verdict_protocol}.scores.interval"
    without = verdict(_changed(results, path, low=None, high=None))
    assert _says(without.limits, "With 4 participants, an interval would say little about other participants")


def test_a_classifier_whose_corrected_p_cannot_reach_alpha_is_named(no_effect) -> None:
    """Four classifiers, and a p that few permutations leave at .04: the network finds nothing where one of them may."""
    test = _classifier(no_effect, "rocket").scores.permutation_test
    low = dataclasses.replace(test, test=dataclasses.replace(test.test, p=0.04), p_corrected=0.12)
    changed = _changed(no_effect, "classifiers.rocket.scores", permutation_test=low)
    changed = _changed(changed, "classifiers.rocket.scores.interval", estimate=1.0)
    opening = "Possibly above chance: MiniRocket (balanced accuracy 100%; p = .040, .120 corrected for 3 classifiers)"
    assert _says(verdict(changed).findings, opening)


def test_the_majority_class_says_how_folds_are_unbalanced_where_there_was_no_test() -> None:
    _, results = _judged(permutations=0, classifiers=ALL)
    changed = _changed(results, "classifiers.majority.scores.interval", estimate=0.12)
    assert _says(
        verdict(changed).limits,
        "The majority class of each training set has a balanced accuracy of 12% on these folds, not 50%",
    )


def test_groups_of_participants_with_stimuli_of_their_own_are_confounded() -> None:
    dataset = make_dataset(participants=8, smilers=6)
    own = take(dataset, np.asarray(dataset.y) == np.asarray(dataset.participant) % 2)
    for data, confounded in ((own, True), (dataset, False)):
        found, results = _judged(dataset=data, permutations=0)
        assert results.data.confounded is confounded
        assert ("the classes differ in participants and in stimuli at once" in _all(found)) is confounded


def test_a_simulated_study_says_so(effect) -> None:
    found = verdict(_changed(effect, "about", simulated=True))
    assert found.limits[0] == "The recording is simulated: this study says nothing about real participants."


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (0.2, "the probabilities are miscalibrated"),
        (0.06, "above the median but within"),
        (0.04, "no more than the median"),
    ],
)
def test_calibration_is_compared_with_the_median_and_the_range(effect, error: float, says: str) -> None:
    """Not with the upper end alone: an error at the upper end is not as small as a perfect model's."""
    scores = {"error": error, "null_median": 0.05, "null_low": 0.01, "null_high": 0.08}
    changed = _changed(effect, "calibration.as_trained", **scores)
    changed = _changed(changed, "calibration.temperature", helps=False)
    words = next(s for s in verdict(changed).findings if s.startswith("The expected calibration error"))
    assert f"as trained is {error:.3f}." in words
    assert "has a median of 0.050 and, 95% of the time, 0.010 to 0.080" in words
    assert says in words


def test_scaling_that_does_not_help_is_named(effect) -> None:
    helps = _changed(effect, "calibration.temperature", helps=True)
    assert not _says(verdict(helps).findings, "Temperature scaling did not help")
    assert "after temperature scaling is" in _all(verdict(helps))
    not_helping = verdict(_changed(effect, "calibration.temperature", helps=False))
    assert _says(
        not_helping.findings, "Temperature scaling did not help on trials that were not used to fit it: log loss "
    )
    assert "The final model is therefore not scaled." in _all(not_helping)


WORDS_OF_SMILES = re.compile(r"smile|video|posed|genuine|people|person|told|control does|right in|coin", re.I)


def test_a_study_of_other_classes_is_not_told_about_smiles() -> None:
    """Every sentence of every case, with classes called Easy and Hard and stimuli without smilers."""
    dataset = make_dataset(participants=8, smilers=6)
    dataset = dataclasses.replace(
        dataset, class_names=("Easy", "Hard"), smiler=jnp.asarray(np.full(len(dataset), -1, np.int32))
    )
    alone = take(dataset, np.asarray(dataset.participant) == 0)
    one_class_each = take(dataset, np.asarray(dataset.y) == np.asarray(dataset.participant) % 2)
    cases = (
        (dataset, 0.0, 31),
        (dataset, 2.0, 31),
        (dataset, 2.0, 0),
        (without_stimuli(dataset), 2.0, 7),
        (alone, 0.0, 7),
        (one_class_each, 2.0, 0),
    )
    for data, strength, permutations in cases:
        found, _ = _judged(dataset=data, strength=strength, permutations=permutations, classifiers=ALL)
        assert not WORDS_OF_SMILES.search(_all(found)), WORDS_OF_SMILES.search(_all(found))
        assert "Hard from Easy" in found.headline

"""What a verdict says, case by case, and what it must not say."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
import scipy.stats
from helpers.made_study import SETTINGS, make_material, take, without_stimuli
from helpers.small_study import make_dataset

from smilejax.evaluation.study.derive_results import compute_results
from smilejax.evaluation.study.verdict_in_words import verdict

FULL = {"majority": 0.0, "rocket": 0.0, "mask": 0.0, "baseline": 0.0}


def _words(**given):
    numbers = compute_results(make_material(**given), SETTINGS)
    return verdict(numbers), numbers


def _all(found) -> str:
    return " ".join((found.headline, *found.findings, *found.limits))


def test_an_effect_is_found_on_new_people_and_new_stimuli() -> None:
    found, numbers = _words(controls=FULL)
    assert found.outcome == "found"
    assert found.headline.startswith("The pupils tell genuine from posed: ")
    assert "on people and stimuli that were never trained on, where a coin has 50%; p = 0.031." in found.headline
    assert numbers["test"]["p"] == pytest.approx(1 / 32)
    assert "The model does better than every control." in found.findings
    assert any(words.startswith("It is not the videos alone that were learnt") for words in found.findings)
    assert any(
        "by shuffled trials" in words.lower() and "nothing about new people" in words for words in found.findings
    )
    assert not found.limits


def test_no_effect_is_not_called_one() -> None:
    found, numbers = _words(strength=0.0, controls=FULL)
    assert found.outcome == "not found"
    assert found.headline.startswith("No evidence that pupils tell genuine from posed: ")
    assert numbers["test"]["p"] > 0.05
    assert any(words.startswith("Nor is it shown that the videos were learnt") for words in found.findings)
    assert "better than every control" not in _all(found)


def test_a_model_of_videos_is_told_from_one_of_smiles() -> None:
    strength = {"participant-and-stimulus": 0.0, "participant": 3.0, "stimulus": 0.0, "shuffled": 3.0}
    found, _ = _words(strength=strength, controls=FULL)
    assert found.outcome == "not found"
    assert any(
        words.startswith("It is the videos that were learnt, as far as this study shows") for words in found.findings
    )


def test_a_control_that_does_as_well_is_named() -> None:
    found, _ = _words(controls=FULL | {"rocket": 6.0})
    assert found.outcome == "found"
    words = next(words for words in found.findings if "control" in words)
    assert words.startswith("A control does as well: MiniRocket (")
    assert "). The model adds nothing that is shown here." in words
    assert "the share of the classes" not in words


def test_a_control_without_the_pupil_that_does_as_well_is_a_warning() -> None:
    found, _ = _words(controls=FULL | {"mask": 6.0})
    assert any(
        "the network on missing samples alone saw nothing of the pupil's answer" in words for words in found.findings
    )


def test_a_control_may_find_what_the_model_does_not() -> None:
    found, numbers = _words(strength=0.0, controls={"rocket": 3.0})
    assert found.outcome == "not found"
    assert any(
        words.startswith("Where the model does not tell the classes apart, a control does: MiniRocket (")
        for words in found.findings
    )
    assert numbers["controls"][0]["test"]["p_corrected"] == pytest.approx(1 / 32)


def test_without_stimuli_the_verdict_is_weaker_and_says_so() -> None:
    found, numbers = _words(dataset=without_stimuli(make_dataset(participants=8, smilers=6)))
    assert numbers["verdict_protocol"] == "participant"
    assert "on people who were never trained on" in found.headline
    assert any("Give the stimulus column" in words for words in found.limits)
    assert any("cannot be told whether the smile or the video was learnt" in words for words in found.limits)


def test_one_participant() -> None:
    dataset = make_dataset(participants=8, smilers=6)
    found, numbers = _words(dataset=take(dataset, np.asarray(dataset.participant) == 0))
    assert numbers["verdict_protocol"] == "stimulus"
    assert "stimuli that were never trained on, watched by people who were" in found.headline
    assert any(words.startswith("1 participant cannot stand for others") for words in found.limits)
    assert any("at least two participants" in words for words in found.limits)


def test_one_trial_a_cell() -> None:
    dataset = make_dataset(participants=8, smilers=6)
    first = np.asarray(dataset.smiler) == np.asarray(dataset.participant) % 6
    found, numbers = _words(dataset=take(dataset, first), permutations=15)
    assert numbers["data"]["single"]
    assert any(words.startswith("Each participant gave one trial of a class at most") for words in found.limits)


def test_unequal_classes() -> None:
    dataset = make_dataset(participants=10, smilers=10)
    y, smiler = np.asarray(dataset.y), np.asarray(dataset.smiler)
    found, numbers = _words(dataset=take(dataset, (y == 0) | (smiler == 0)), permutations=9)
    posed, genuine = numbers["data"]["kept_classes"].values()
    assert posed == 10 * genuine
    words = next(words for words in found.limits if words.startswith("Classes are unequal"))
    assert "always answering posed is right in 91%" in words
    assert "balanced over the classes" in words


def test_a_design_that_cannot_be_significant() -> None:
    found, numbers = _words(dataset=make_dataset(participants=8, smilers=3), permutations=3)
    assert found.outcome == "not judged"
    assert found.headline.startswith("Whether pupils tell genuine from posed cannot be judged by this study: ")
    assert "no p below 0.25 can be reached" in found.headline
    assert any("It takes more smilers." in words for words in found.limits)
    assert numbers["test"]["design_smallest_p"] == 0.25


def test_too_few_relabellings_are_another_matter() -> None:
    settings = dataclasses.replace(SETTINGS, permutations=9)
    numbers = compute_results(make_material(settings=settings), settings)
    found = verdict(numbers)
    assert found.outcome == "not judged"
    assert any("It takes more permutations (--permutations)." in words for words in found.limits)
    # Where more were asked for, no more can be had.
    numbers["test"]["asked"] = 100
    assert any("It takes more smilers." in words for words in verdict(numbers).limits)


def test_no_test() -> None:
    found, _ = _words(permutations=0)
    assert found.outcome == "not judged"
    assert "there was no test" in found.headline
    assert any("None was asked for (--permutations)." in words for words in found.limits)


def test_runs_that_diverged_are_counted_and_answer_nothing() -> None:
    material = make_material()
    scored = material.scored[0]
    scored.answers.ok[0, 0, 1:] = False
    material.tested.answers.ok[3] = False
    numbers = compute_results(material, SETTINGS)
    found = verdict(numbers)
    assert any(words.startswith(f"2 of {scored.answers.ok.size} runs by both diverged") for words in found.limits)
    assert any("1 permuted studies diverged; each counts as one that did as well" in words for words in found.limits)
    assert numbers["test"]["p"] == pytest.approx(2 / 32)


def test_all_runs_diverged() -> None:
    material = make_material(controls={"rocket": 1.0})
    for scored in material.scored:
        scored.answers.ok[:] = False
    material.tested.answers.ok[:] = False
    numbers = compute_results(material, SETTINGS)
    found = verdict(numbers)
    assert found.outcome == "not judged"
    assert found.headline == "Whether pupils tell genuine from posed cannot be judged: no run gave an answer."
    assert any("lower the learning rate" in words for words in found.limits)


def test_probabilities_that_could_not_be_calibrated() -> None:
    found, _ = _words(inner=False)
    assert any(words == "Probabilities are not calibrated: No draw gives that." for words in found.limits)


def test_labels_that_are_not_known_are_not_scored() -> None:
    dataset = make_dataset(participants=8, smilers=6)
    y = np.asarray(dataset.y).copy()
    y[::7] = -1
    hidden = type(dataset)(**{**dataset.__dict__, "y": jnp.asarray(y)})
    _, numbers = _words(dataset=hidden)
    assert numbers["data"]["unlabelled"] == int((y < 0).sum())
    assert numbers["protocols"][0]["trials_scored"] == int((y >= 0).sum())


def test_when_the_test_itself_diverged_nothing_is_judged() -> None:
    """And nothing is said of videos: a test that failed shows nothing."""
    for part in (slice(0, 1), slice(1, None)):
        material = make_material()
        material.tested.answers.ok[part] = False
        found = verdict(compute_results(material, SETTINGS))
        assert found.outcome == "not judged"
        assert "the trainings of its test diverged" in found.headline
        assert any("runs of the test diverged" in words for words in found.limits)
        assert "It is the videos" not in _all(found)
        assert "nan" not in _all(found)


def test_one_seed_has_no_spread_to_speak_of() -> None:
    settings = dataclasses.replace(SETTINGS, seeds=1, test_seeds=1, inner_seeds=1, attribution_seeds=1)
    found = verdict(compute_results(make_material(settings=settings), settings))
    assert "nan" not in _all(found)
    assert not any("The seed alone" in words for words in found.findings)


def test_videos_need_a_difference_that_is_more_than_chance() -> None:
    """Above chance with known videos, not so with new ones: that alone is no difference between the two."""
    strength = {"participant-and-stimulus": 0.05, "participant": 0.25, "stimulus": 0.0, "shuffled": 0.3}
    for seed in range(6):
        material = make_material(strength=strength, seed=seed)
        numbers = compute_results(material, SETTINGS)
        found = verdict(numbers)
        if found.outcome == "not found" and numbers["videos"]["low"] <= 0:
            assert any(words.startswith("Nor is it shown") for words in found.findings)
            return
    pytest.fail("no seed gave such a study")


def test_a_stimulus_that_is_missing_on_a_rejected_trial_changes_nothing() -> None:
    dataset = make_dataset(participants=8, smilers=6)
    material = make_material(dataset=dataclasses.replace(dataset, verdict=dataset.status.at[0].set(2)))
    whole = compute_results(material, SETTINGS)
    trials = material.trials.copy()
    trials.loc[0, "stimulus"] = None
    unnamed = compute_results(dataclasses.replace(material, trials=trials), SETTINGS)
    own, other = unnamed["protocols"][0]["interval"], whole["protocols"][0]["interval"]
    assert own["estimate"] == other["estimate"]
    assert own["units"] == other["units"]
    assert own["units"]["stimuli"] == 12
    assert own["low"] == pytest.approx(other["low"], abs=0.03)  # units are drawn in another order
    assert unnamed["data"]["stimuli"] == whole["data"]["stimuli"] == 12
    assert unnamed["stimuli"]


def test_a_control_is_told_of_where_nothing_could_be_tested() -> None:
    found, _ = _words(permutations=0, controls={"rocket": 6.0})
    assert found.outcome == "not judged"
    assert any(words.startswith("A control does as well: MiniRocket (") for words in found.findings)


def test_a_lead_without_an_interval_is_no_failure_of_the_model() -> None:
    """A perfect model is ahead of the share of the classes by the same in every trial."""
    material = make_material(strength=50.0, controls={"majority": 0.0, "rocket": 0.0})
    material.controls[0].probability[:] = 0.5
    found, numbers = verdict(numbers := compute_results(material, SETTINGS)), numbers
    assert numbers["controls"][0]["difference"]["low"] is None
    assert any(
        words
        == "The model is above the share of the classes (50%; the model's lead is 50.0 points); how sure that is, no "
        "interval says."
        for words in found.findings
    )
    assert "The model does better than every other control." in found.findings
    assert "not shown to do better" not in _all(found)


def test_controls_that_gave_nothing_are_not_beaten() -> None:
    material = make_material(controls=FULL)
    material.controls[2].probability[:] = np.nan  # its runs diverged
    controls = (dataclasses.replace(material.controls[1], why_not="no trial is long enough"), *material.controls[2:])
    material = dataclasses.replace(material, controls=(material.controls[0], *controls))
    found = verdict(compute_results(material, SETTINGS))
    assert (
        "The model does better than the 2 controls that gave an answer; nothing came of MiniRocket, the network on missing "
        "samples alone." in found.findings
    )


def test_below_a_coin_nothing_is_told_apart() -> None:
    """Where folds lean away from the truth, permuted studies may do worse still."""
    _, numbers = _words(controls=FULL)
    numbers["protocols"][0]["interval"] |= {"estimate": 0.44, "low": 0.40, "high": 0.48}
    numbers["test"] |= {"null_mean": 0.35}
    found = verdict(numbers)
    assert found.outcome == "found"
    assert found.headline.startswith(
        "The study does better than permuted ones, which reach 35% on average, but genuine is not told from posed: 44% right"
    )
    assert any(words.startswith("The interval lies below 50%") for words in found.limits)


def test_the_spread_of_seeds_is_that_of_the_score() -> None:
    """Balanced over the classes, as the score is: of unequal classes the plain accuracy moves otherwise."""
    dataset = make_dataset(participants=10, smilers=10)
    y, smiler = np.asarray(dataset.y), np.asarray(dataset.smiler)
    found, numbers = _words(dataset=take(dataset, (y == 0) | (smiler == 0)), permutations=9)
    strongest = next(one for one in numbers["protocols"] if one["name"] == numbers["verdict_protocol"])
    sd = strongest["metrics"]["balanced_accuracy"]["sd"]
    assert abs(sd - strongest["score_spread"]["sd_seeds"]) > 0.002
    assert any(f"The seed alone moves this score by {100 * sd:.1f} points (sd)" in words for words in found.findings)


def test_a_diverged_seed_is_not_in_the_mean_confusion() -> None:
    material = make_material()
    material.scored[0].answers.ok[:, :, 0] = False
    confusion = np.array(compute_results(material, SETTINGS)["protocols"][0]["metrics"]["confusion"])
    assert confusion.sum() == len(material.trials)


def test_few_participants_are_counted_among_those_scored() -> None:
    dataset = make_dataset(participants=8, smilers=6)
    gone = jnp.where(dataset.participant < 4, 2, dataset.status)
    found, numbers = _words(dataset=dataclasses.replace(dataset, verdict=gone))
    assert numbers["data"]["participants"] == 8
    assert any(words.startswith("4 participants cannot stand for others") for words in found.limits)


@pytest.mark.parametrize("design", ["two people", "groups", "pairs"])
def test_the_difference_along_the_trial(design: str) -> None:
    """Within people where three or more have both classes; else that of the means, with Welch's interval."""
    dataset = make_dataset(participants=2 if design == "two people" else 8, smilers=6)
    if design == "groups":
        dataset = take(dataset, np.asarray(dataset.y) == np.asarray(dataset.participant) % 2)
    material = make_material(dataset=dataset)
    found = compute_results(material, SETTINGS)["dilation"]
    x = np.where(material.valid, material.x[:, :, 0], np.nan).astype(float)
    y, people = material.y, np.asarray(dataset.participant)
    if design == "two people":
        one, other = x[y == 1], x[y == 0]
    else:
        one, other = (
            np.array(
                [
                    np.ma.masked_invalid(x[(people == p) & (y == k)]).mean(0).filled(np.nan)
                    for p in np.unique(people[y == k])
                ]
            )
            for k in (1, 0)
        )
    test = (
        scipy.stats.ttest_rel(one, other, nan_policy="omit")
        if design == "pairs"
        else scipy.stats.ttest_ind(one, other, equal_var=False, nan_policy="omit")
    )
    expected = test.confidence_interval(0.95)
    assert found["paired"] is (design == "pairs")
    assert found["over"] == ("trials" if design == "two people" else "participants")
    np.testing.assert_allclose(found["difference"]["low"], expected.low, atol=2e-6)
    np.testing.assert_allclose(found["difference"]["high"], expected.high, atol=2e-6)


def test_what_folds_do_is_not_taken_for_videos() -> None:
    """Known stimuli told no better than by a coin, new ones worse: nothing was learnt, and folds lean."""
    _, numbers = _words(strength=0.0, controls=FULL)
    by = {one["name"]: one for one in numbers["protocols"]}
    by["participant"]["interval"] |= {"estimate": 0.5, "low": 0.4, "high": 0.6}
    by["participant-and-stimulus"]["interval"] |= {"estimate": 0.25, "low": 0.2, "high": 0.3}
    numbers["videos"] |= {"estimate": 0.25, "low": 0.1, "high": 0.4}
    assert "It is the videos" not in _all(verdict(numbers))
    by["participant"]["interval"] |= {"estimate": 0.65, "low": 0.6, "high": 0.7}
    assert "It is the videos" in _all(verdict(numbers))
    numbers["test"]["null_mean"] = 0.3
    assert "It is the videos" not in _all(verdict(numbers))


def test_a_blind_control_that_learnt_nothing_is_no_warning() -> None:
    _, numbers = _words(controls=FULL)
    mask = next(one for one in numbers["controls"] if one["name"] == "mask")
    mask["interval"] |= {"estimate": 0.49, "low": 0.4, "high": 0.58}
    mask["difference"] |= {"estimate": 0.1, "low": -0.02, "high": 0.22}
    found = verdict(numbers)
    assert any("not shown to do better than the network on missing samples alone" in words for words in found.findings)
    assert "may be the recording" not in _all(found)


def test_a_control_whose_corrected_p_cannot_reach_is_named() -> None:
    """Four controls, and a p that few permutations leave at .04: the model finds nothing where the control may."""
    _, numbers = _words(strength=0.0, controls=FULL)
    rocket = next(one for one in numbers["controls"] if one["name"] == "rocket")
    rocket["interval"]["estimate"], rocket["test"] = 1.0, {**rocket["test"], "p": 0.04, "p_corrected": 0.12}
    assert any(
        words.startswith(
            "Where the model does not tell the classes apart, a control may: MiniRocket (100%, p = 0.04, 0.12 "
        )
        for words in verdict(numbers).findings
    )


def test_shares_of_classes_say_how_folds_lean_where_there_was_no_test() -> None:
    _, numbers = _words(permutations=0, controls=FULL)
    majority = next(one for one in numbers["controls"] if one["name"] == "majority")
    majority["interval"]["estimate"] = 0.12
    words = _all(verdict(numbers))
    assert "To answer with the class that was trained on most is right in 12% on these folds and not 50%" in words


def test_groups_of_people_with_stimuli_of_their_own_are_confounded() -> None:
    dataset = make_dataset(participants=8, smilers=6)
    own = take(dataset, np.asarray(dataset.y) == np.asarray(dataset.participant) % 2)
    for data, confounded in ((own, True), (dataset, False)):
        found, numbers = _words(dataset=data, permutations=0)
        assert numbers["data"]["confounded"] is confounded
        assert ("the classes differ in people and in stimuli at once" in _all(found)) is confounded


def test_people_of_one_class_are_not_in_the_test_over_people() -> None:
    """Of unequal classes the larger one's share is what always answering it gives."""
    dataset = make_dataset(participants=10, smilers=10)
    y, people = np.asarray(dataset.y), np.asarray(dataset.participant)
    material = make_material(dataset=take(dataset, (y == 1) | (people < 3)), permutations=0)
    always = material.verdict_protocol.answers.logits
    always[..., 0], always[..., 1] = -2.0, 2.0
    found = compute_results(material, SETTINGS)["people"]
    assert (found["participants"]["n"], found["participants"]["left_out"]) == (3, 7)
    assert found["participants"]["mean"] == 0.5
    assert found["pooled"]["chance"] == found["pooled"]["accuracy"] == pytest.approx(100 / 130)
    assert found["pooled"]["p"] > 0.4

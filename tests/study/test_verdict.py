"""What a verdict says, case by case, and what it must not say."""

import jax.numpy as jnp
import numpy as np
import pytest
from made_study import SETTINGS, make_material, take, without_stimuli
from small_study import make_dataset

from smilejax.study.numbers import numbers_of
from smilejax.study.verdict import verdict

FULL = {"majority": 0.0, "rocket": 0.0, "mask": 0.0, "baseline": 0.0}


def _words(**given):
    numbers = numbers_of(make_material(**given), SETTINGS)
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
    assert any(words.startswith("Neither smile nor video was seen to be learnt") for words in found.findings)
    assert "better than every control" not in _all(found)


def test_a_model_of_videos_is_told_from_one_of_smiles() -> None:
    strength = {"both": 0.0, "participant": 3.0, "stimulus": 0.0, "shuffled": 3.0}
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
    found, numbers = _words(dataset=take(dataset, first), relabellings=15)
    assert numbers["data"]["single"]
    assert any(words.startswith("Each participant gave one trial of a class at most") for words in found.limits)


def test_unequal_classes() -> None:
    dataset = make_dataset(participants=10, smilers=10)
    y, smiler = np.asarray(dataset.y), np.asarray(dataset.smiler)
    found, numbers = _words(dataset=take(dataset, (y == 0) | (smiler == 0)), relabellings=9)
    posed, genuine = numbers["data"]["kept_classes"].values()
    assert posed == 10 * genuine
    words = next(words for words in found.limits if words.startswith("Classes are unequal"))
    assert "always answering posed is right in 91%" in words
    assert "balanced over the classes" in words


def test_a_design_that_cannot_be_significant() -> None:
    found, numbers = _words(dataset=make_dataset(participants=8, smilers=3), relabellings=7)
    assert found.outcome == "not judged"
    assert found.headline.startswith("Whether pupils tell genuine from posed cannot be judged by this study: ")
    assert "no p below 0.25 can be reached" in found.headline
    assert any("It takes more stimuli or participants." in words for words in found.limits)
    assert numbers["test"]["floor"] == 0.25


def test_too_few_relabellings_are_another_matter() -> None:
    found, _ = _words(relabellings=9)
    assert found.outcome == "not judged"
    assert any("It takes more relabellings (--relabellings)." in words for words in found.limits)


def test_no_test() -> None:
    found, _ = _words(relabellings=0)
    assert found.outcome == "not judged"
    assert "there was no test" in found.headline
    assert any("None was asked for (--relabellings)." in words for words in found.limits)


def test_runs_that_diverged_are_counted_and_answer_nothing() -> None:
    material = make_material()
    scored = material.scored[0]
    scored.answers.ok[0, 0, 1:] = False
    material.tested.answers.ok[3] = False
    numbers = numbers_of(material, SETTINGS)
    found = verdict(numbers)
    assert any(words.startswith(f"2 of {scored.answers.ok.size} runs by both diverged") for words in found.limits)
    assert any("1 relabelled studies diverged; each counts as one that did as well" in words for words in found.limits)
    assert numbers["test"]["p"] == pytest.approx(2 / 32)


def test_all_runs_diverged() -> None:
    material = make_material(controls={"rocket": 1.0})
    for scored in material.scored:
        scored.answers.ok[:] = False
    material.tested.answers.ok[:] = False
    numbers = numbers_of(material, SETTINGS)
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

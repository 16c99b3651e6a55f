"""Sentences are worded for the kind of recording; names of the user's own stay as they were given."""

import dataclasses

import pytest
from helpers.made_study import SETTINGS, make_raw_results

from smilejax.evaluation.study.derive_results import compute_results
from smilejax.faces.measure_words import TRACKED_MEASURES
from smilejax.faces.measures import MEASURES
from smilejax.recordings.face_measures import FACE_MEASURES
from smilejax.recordings.stimulus_table import Covariate, StimulusTable
from smilejax.recordings.wording import Wording


@pytest.mark.parametrize("name", ["pupil_trial_light", "pupil at trial start", "Trial light"])
def test_a_covariate_keeps_its_name(name: str) -> None:
    raw = make_raw_results(permutations=0)
    stimuli = tuple(f"v{number}" for number in range(12))
    light = Covariate(name, numbers=tuple(float(10 * (number % 2)) for number in range(12)))
    about = dataclasses.replace(raw.about, recording="face", stimulus_table=StimulusTable("s.csv", stimuli, (light,)))
    results = compute_results(dataclasses.replace(raw, about=about), SETTINGS)
    limits = " ".join(results.verdict.limits)
    assert f"'{name}'" in limits or f" {name}" in limits
    assert name in results.wording(f"All videos have the {name!r} of their class, in 8 trials.")
    assert results.wording(f"By {name!r}: 8 trials of 2 participants.") == f"By {name!r}: 8 videos of 2 smilers."


def test_a_name_that_is_a_word_is_one_in_quotation_marks_only() -> None:
    worded = Wording("face", ["trial"])
    assert worded("The column 'trial' of 3 trials; each trial is scored.") == (
        "The column 'trial' of 3 videos; each video is scored."
    )


def test_words_and_units_of_measures_stand_in_one_place() -> None:
    assert [one.name for one in MEASURES] == list(TRACKED_MEASURES)
    for one in MEASURES:
        assert (one.words, one.unit) == tuple(TRACKED_MEASURES[one.name])
        assert (FACE_MEASURES[one.name].words, FACE_MEASURES[one.name].unit) == (one.words, one.unit)

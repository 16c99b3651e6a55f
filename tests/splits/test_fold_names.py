"""Folds by the names of a recording: codes are looked up, and what was counted stays counted."""

import jax
import numpy as np
import pytest
from helpers.small_study import make_dataset

from smilejax._util.errors import SettingsError
from smilejax.splits import by_participant, by_participant_and_stimulus, by_smiler, named, shuffle_trials

DATA = make_dataset()  # four participants, each with six stimuli of three smilers
PEOPLE = [name for name in ("zoe", "S01", "1", "P02") for _ in range(6)]
CLIPS = [f"clip {s}" for s in (9, 3, 7, 1, 5, 2)] * 4
SMILERS = ["smiler 02", "eve", "eve's \\1"]


def test_codes_become_names() -> None:
    """Also where a person is called as another one's code: nothing is looked up twice."""
    assert named(by_participant(DATA), participant=PEOPLE).names == ("zoe", "S01", "1", "P02")
    assert named(by_smiler(DATA), smiler=[SMILERS[i // 2] for i in range(6)] * 4).names == tuple(SMILERS)
    folds = by_participant_and_stimulus(DATA)
    both = named(folds, participant=PEOPLE, stimulus=CLIPS)
    for old, new, test in zip(folds.names, both.names, both.test, strict=True):
        row = int(np.flatnonzero(test)[0])
        assert new == f"{PEOPLE[row]} x {CLIPS[row]}", old
    assert named(folds, participant=PEOPLE).names[7] == "S01 x S01"  # one name, one code


def test_what_was_counted_stays_and_so_do_the_masks() -> None:
    counted = by_participant(DATA, folds=2, repeats=2, key=jax.random.key(0))
    again = named(counted, participant=PEOPLE, stimulus=CLIPS)
    assert (
        again.names == counted.names == ("repeat 1, fold 1", "repeat 1, fold 2", "repeat 2, fold 1", "repeat 2, fold 2")
    )
    blocks = by_participant_and_stimulus(DATA, stimulus_blocks=3, key=jax.random.key(0))
    assert named(blocks, participant=PEOPLE, stimulus=CLIPS).names[:2] == ("zoe x stimuli 1", "zoe x stimuli 2")
    np.testing.assert_array_equal(again.train, counted.train)
    shuffled = shuffle_trials(DATA, key=jax.random.key(0))
    assert named(shuffled, participant=PEOPLE).names == shuffled.names


def test_names_that_read_alike_stay_codes() -> None:
    people = [name for name in ("a", "a x b", "c", "d") for _ in range(6)]
    folds = by_participant_and_stimulus(DATA)
    alike = named(folds, participant=people, stimulus=["b x c", "c", "e", "f", "g", "h"] * 4)  # "a x b x c", twice
    assert alike.names == folds.names


def test_names_of_other_trials_are_refused() -> None:
    with pytest.raises(SettingsError, match="participant must have a name for each of the 24 trials; it has 23"):
        named(by_participant(DATA), participant=PEOPLE[1:])
    with pytest.raises(
        SettingsError, match=r"participant must name as many participants as folds do; .* no name for P01"
    ):
        named(by_participant(DATA), participant=["one"] * 24)

"""What a study says that it will train, before the first training."""

import jax
import pytest
from helpers.small_study import make_dataset

from smilejax import TrainingSettings
from smilejax.evaluation.statistics import expected_permutations
from smilejax.evaluation.study.planned_trainings import StudyParts
from smilejax.evaluation.study.protocols import protocols, verdict_protocol
from smilejax.settings import StudySettings

SETTINGS = StudySettings(seeds=4, inner_seeds=3, blocks=2, participant_folds=3, stimulus_folds=3, shuffled_folds=2)


def parts(*, rates: tuple[float, ...] = (0.1,), permutations: int | None = 99, room: bool = True) -> StudyParts:
    dataset = make_dataset(participants=6, smilers=6)
    found = protocols(dataset, SETTINGS, key=jax.random.key(0))
    variants = tuple(TrainingSettings(learning_rate=rate, epochs=round(100 * rate)) for rate in rates)
    chosen = verdict_protocol(found)
    return StudyParts(found, chosen, variants, SETTINGS, permutations, room_inside=room, trials=len(dataset))


def test_trainings_of_each_part() -> None:
    """4 folds of the verdict, 3, 3 and 2 of other protocols; 4 seeds, and 2 x 3 inside each fold of the verdict."""
    found = parts().trainings()
    assert [(one.part, one.runs) for one in found] == [
        ("inner validation", 4 * 2 * 3),
        ("protocol", 4 * 4),
        ("protocol", 3 * 4),
        ("protocol", 3 * 4),
        ("protocol", 2 * 4),
        ("permutation test", 100 * 4),
        ("missing-data mask alone", 4),
        ("attribution", 4 * 3),
        ("final model", 4),
    ]
    assert [one.part for one in found if not one.counted] == ["attribution", "final model"]
    (test,) = (one for one in found if one.part == "permutation test")
    assert test.expected_runs == pytest.approx(4 * (1 + expected_permutations(99, 10)))
    assert {one.expected_runs for one in found if one is not test} <= {one.runs for one in found}
    assert found[1].trials == (18, 18)  # half of the participants and of the stimuli, of 72 trials
    assert found[-1].trials == (72, 72)


def test_hyperparameters_are_chosen_in_every_protocol_and_for_every_labelling() -> None:
    found = parts(rates=(0.1, 0.3)).trainings()
    inner = [one.runs for one in found if one.part == "inner validation"]
    assert inner == [2 * folds * 2 * 3 for folds in (4, 3, 3, 2)]
    assert [one.runs for one in found if one.part == "permutation test"] == [2 * 100 * 4 * 2 * 3, 2 * 100 * 4]
    assert {one.epochs for one in found} == {20.0}
    assert next(one.settings for one in found if one.part == "missing-data mask alone") == 1


def test_what_is_not_made_is_not_counted() -> None:
    found = parts(permutations=None, room=False).trainings()
    assert {one.part for one in found} == {"protocol", "missing-data mask alone", "attribution", "final model"}

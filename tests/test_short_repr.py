"""What is large prints itself in a line or two, without arrays, and as a small table in a notebook."""

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import jax
import numpy as np
import pytest
from evaluation.multiverse.made_up_multiverse import multiverse
from helpers.drawn_faces import drawn_faces
from helpers.small_study import SMALL, make_dataset

import smilejax
from smilejax import Plan, SimulationSettings, by_participant, load_model, load_runs, load_study, permute_labels
from smilejax.classifiers import ReferenceResult
from smilejax.evaluation.study import Verdict
from smilejax.training import RunResult, Scores

FIXTURES = Path(__file__).parent / "fixtures"
DATASET = make_dataset()
KEY = jax.random.key(0)


def _simulation() -> smilejax.Simulation:
    return smilejax.simulate_study(SimulationSettings(participants=2, smilers=2, duration_ms=1500.0), key=KEY)


def _smiles() -> smilejax.FaceSimulation:
    return smilejax.simulate_faces(smilejax.FaceSimulationSettings(smilers=2, videos_per_class=2), key=KEY)


def _result() -> RunResult:
    scores = Scores(np.ones(3), np.ones(3, int), np.ones(3, int))
    return RunResult(scores, scores, np.zeros((24, 2)), np.int32(0), None)


def _reference() -> ReferenceResult:
    return ReferenceResult("mask", "Missing-data <mask>", "negative control", "", np.zeros((2, 3, 4)))


def _crops() -> smilejax.FaceCrops:
    faces = dataclasses.replace(drawn_faces(2, 2), source=_simulation().trials.source)
    given = {field.name: getattr(faces, field.name) for field in dataclasses.fields(faces)}
    shape = faces.values.shape[:2]
    return smilejax.FaceCrops(**given, pixels=np.zeros((*shape, 8, 8, 3), np.uint8), there=np.ones(shape, bool))


MADE: dict[str, tuple[Callable[[], object], str]] = {
    "Trials": (lambda: _simulation().trials, "8 trials; 2 participants, 4 stimuli"),
    "Faces": (
        lambda: dataclasses.replace(drawn_faces(2, 2), source=_simulation().trials.source),
        "4 videos; 2 smilers",
    ),
    "FaceCrops": (lambda: _crops(), "crops of 8 x 8 pixels"),
    "Truth": (lambda: _simulation().truth, "2 participants, 4 stimuli"),
    "Simulation": (_simulation, "8 trials; 2 participants, 4 stimuli"),
    "SmileCourses": (lambda: _smiles().courses, "8 videos; 2 smilers; 4 posed, 4 genuine"),
    "FaceSimulation": (_smiles, "8 videos; 2 smilers"),
    "Dataset": (lambda: DATASET, "24 trials, 24 kept; 4 participants"),
    "Folds": (lambda: by_participant(DATASET), "4 folds by participant"),
    "PermutedLabels": (
        lambda: permute_labels(DATASET, 2, key=KEY),
        "2 label permutations of 24 trials, of 3 that exist",
    ),
    "Plan": (lambda: Plan(by_participant(DATASET), SMALL, seeds=(0, 1)), "runs 8, folds 4 by participant, seeds 2"),
    "Run": (lambda: smilejax.make_run(DATASET, SMALL, key=KEY), "Run(24 trials)"),
    "RunResult": (_result, "trials 24, epochs 3, status ok"),
    "SavedRuns": (lambda: load_runs(FIXTURES / "plan_schema_3"), "2 runs; 8 trials; folds: 2 by participant; without"),
    "Predictor": (lambda: load_model(FIXTURES / "model_schema_2"), "classes Easy and Hard"),
    "Study": (lambda: load_study(FIXTURES / "schema_2" / "study"), "schema_2/study; "),
    "StudyResults": (lambda: load_study(FIXTURES / "schema_2" / "study").results, ": balanced accuracy "),
    "Multiverse": (lambda: multiverse({"max_gap_ms": (250.0, 400.0)}), "2 recipes; genuine minus posed"),
    "ReferenceResult": (_reference, "Missing-data <mask>; 2 labellings, 3 folds, 4 trials"),
}


@pytest.mark.parametrize("name", MADE)
def test_a_line_or_two_without_arrays(name: str) -> None:
    make, expected = MADE[name]
    made = make()
    text, html = repr(made), made._repr_html_()  # type: ignore[attr-defined]
    assert type(made).__name__ == name
    assert name in text
    assert expected in text
    assert len(text) <= 400
    assert "\n" not in text
    assert not re.search(r"array|dtype|\[\[|\[ *-?\d|object at 0x", text + html)
    assert html.startswith("<table>")
    assert 1 <= html.count("<tr>") <= 8
    assert len(html) < 2500
    assert "<mask>" not in html  # names of others are escaped


def test_every_public_class_that_holds_arrays_is_here() -> None:
    public = [found for name in smilejax.__all__ if isinstance(found := getattr(smilejax, name), type)]
    large = re.compile(r"array|Trials|Dataset|RunResult|RawResults|Variables", re.IGNORECASE)
    of_arrays = {
        one.__name__
        for one in public
        if dataclasses.is_dataclass(one) and any(large.search(str(f.type)) for f in dataclasses.fields(one))
    }
    assert {"Trials", "Study", "Run"} <= of_arrays <= set(MADE)


def test_recipes_and_verdicts_are_tables_in_notebooks() -> None:
    html = smilejax.Recipe(max_gap_ms=321.0)._repr_html_()
    assert html.startswith("<table><caption><b>Recipe</b>")
    assert "of up to 321 ms" in html
    assert "Kret &amp; Sjak-Shie 2019" in html
    assert "Kret" not in smilejax.Recipe.report()._repr_html_()
    assert "<b>FaceRecipe</b>" in smilejax.FaceRecipe()._repr_html_()
    verdict = Verdict("attributable", "<b>80%</b>", ("one", "two"), ("three",))
    html = verdict._repr_html_()
    assert "&lt;b&gt;80%&lt;/b&gt;" in html
    assert "attributable to the pupil&#x27;s response" in html
    assert html.count("<tr>") == 5


def test_epochs_are_those_that_were_trained() -> None:
    last = Scores(np.ones(1), np.ones(1, int), np.ones(1, int))
    for scores, settings, said in (
        (last, smilejax.TrainingSettings(epochs=30), "epochs 30 (scored after the last one)"),
        (last, smilejax.TrainingSettings(epochs=1), "epochs 1,"),
        (last, None, "epochs scored after the last one"),
        (_result().train, smilejax.TrainingSettings(epochs=3), "epochs 3,"),
    ):
        made = RunResult(scores, scores, np.zeros((24, 2)), np.int32(0), None, settings)
        assert said in repr(made)

"""The report's protocol on recordings like its own: sequences, divisions, exact chances and counts."""

import itertools
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import jax
import numpy as np
import openpyxl
import pytest

import smilejax
from smilejax.preprocess.to_dataset import dataset_of_arrays
from smilejax.training import RunResult
from smilejax.training.run import Scores

EXPERIMENTS = Path(__file__).resolve().parents[2] / "experiments"
PARTICIPANTS, SHEETS, SAMPLES = 6, ("H1", "H2", "L1", "A1", "A2", "A3"), 40


@pytest.fixture(scope="module")
def script() -> Iterator[SimpleNamespace]:
    sys.path.insert(0, str(EXPERIMENTS))
    try:
        from report_study import chance, divisions, figures, sequences, stimuli, tables, trainings

        modules = (chance, divisions, figures, sequences, stimuli, tables, trainings)
        yield SimpleNamespace(**{module.__name__.split(".")[1]: module for module in modules})
    finally:
        sys.path.remove(str(EXPERIMENTS))
        for name in [name for name in sys.modules if name.split(".")[0] == "report_study"]:
            sys.modules.pop(name)


@pytest.fixture(scope="module")
def recorded(script: SimpleNamespace, tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    """Two workbooks as the report's, in metres, read. The right eye of one viewing and the left of another are absent."""
    folder, rng = tmp_path_factory.mktemp("smiles"), np.random.default_rng(0)
    for eye in ("LEPD", "REPD"):
        book = openpyxl.Workbook()
        book.remove(book.active)
        for name in SHEETS:
            absent = {("REPD", "H1"): "p1", ("LEPD", "A1"): "p2"}.get((eye, name))
            names = [f"p{p}" for p in range(1, PARTICIPANTS + 1) if f"p{p}" != absent]
            sheet = book.create_sheet(name)
            sheet.append([])
            sheet.append([None, *names])
            level, noise = rng.uniform(0.003, 0.005, len(names)), rng.normal(0, 3e-6, (SAMPLES, len(names)))
            for row in level + noise:
                sheet.append([None, *row.tolist()])
        book.save(folder / f"{eye}.xlsx")
    trials = smilejax.read(folder, script.sequences.SETTINGS)
    sequences = script.sequences.each_eye_alone(trials)
    one_eye = np.nanmax(sequences.trials.pupil, axis=2, keepdims=True)
    dataset = dataset_of_arrays(one_eye, like=sequences.trials)
    return SimpleNamespace(trials=trials, sequences=sequences, dataset=dataset)


@pytest.fixture(scope="module")
def divided(script: SimpleNamespace, recorded: SimpleNamespace) -> SimpleNamespace:
    dataset, viewing = recorded.dataset, recorded.sequences.viewing
    return script.divisions.divide(dataset, viewing, splits=20, key=jax.random.key(0), sizes=(50, 12, 6))


def test_each_eye_is_a_sequence_of_its_own(recorded: SimpleNamespace) -> None:
    trials, sequences = recorded.trials, recorded.sequences
    assert (len(trials), len(sequences.trials)) == (36, 70)
    assert sorted(np.bincount(sequences.viewing).tolist()) == [1, 1] + [2] * 34
    measured = sequences.trials.measured().any(1)
    assert measured.sum(1).tolist() == [1] * 70
    for row, viewing in enumerate(sequences.viewing):
        eye = int(measured[row, 1])
        np.testing.assert_array_equal(sequences.trials.pupil[row, :, eye], trials.pupil[viewing, :, eye])
        assert sequences.trials.label[row] == trials.label[viewing]
        assert sequences.trials.participant[row] == trials.participant[viewing]
        assert sequences.trials.stimulus[row] == trials.stimulus[viewing]


def test_sizes_of_the_parts(divided: SimpleNamespace) -> None:
    assert divided.report.train.sum(1).tolist() == [50] * 20
    assert divided.report.test.sum(1).tolist() == [12] * 20
    assert (~(divided.report.train | divided.report.test)).sum(1).tolist() == [8] * 20
    assert divided.fewer.sum(1).tolist() == [6] * 20
    assert not (divided.fewer & ~divided.report.test).any()
    assert len({mask.tobytes() for mask in divided.report.test}) == 20


def test_the_other_eye_of_a_test_sequence_is_not_in_training(
    script: SimpleNamespace, recorded: SimpleNamespace, divided: SimpleNamespace
) -> None:
    viewing, apart, same = recorded.sequences.viewing, divided.other_eye_out, divided.same_size
    for train, test in zip(apart.train, apart.test, strict=True):
        assert not set(viewing[train]) & set(viewing[test])
        # Every sequence that is left is used: those neither tested nor of a viewing that is.
        assert train.sum() == min(50, sum(v not in viewing[test] for v in viewing))
    np.testing.assert_array_equal(apart.test, same.test)
    np.testing.assert_array_equal(apart.train.sum(1), same.train.sum(1))
    assert not (same.train & ~divided.report.train).any()
    assert script.divisions.other_eyes_trained_on(apart, viewing).max() == 0
    assert 0.4 < script.divisions.other_eyes_trained_on(same, viewing).mean() < 0.8


def test_the_first_folds_are_trained_as_among_all(script: SimpleNamespace, divided: SimpleNamespace) -> None:
    some = script.divisions.first(divided.report, 3)
    np.testing.assert_array_equal(some.train, divided.report.train[:3])
    assert some.names == ("split 1", "split 2", "split 3")


TOTAL, OF_CLASS, TRAINED, TESTED = 8, 5, 4, 3


@pytest.mark.parametrize("correct", [1, 2, 3])
def test_chances_equal_enumeration(script: SimpleNamespace, correct: int) -> None:
    sequence = [1] * OF_CLASS + [0] * (TOTAL - OF_CLASS)
    found: dict[str, list[float]] = {"constant": [], "better": [], "trained": []}
    for train in itertools.combinations(range(TOTAL), TRAINED):
        rest = [i for i in range(TOTAL) if i not in train]
        ones = sum(sequence[i] for i in train)
        for test in itertools.combinations(rest, TESTED):
            hit = sum(sequence[i] for i in test)
            reached = {True: hit >= correct, False: TESTED - hit >= correct}
            found["constant"].append(reached[True])
            found["better"].append(reached[True] or reached[False])
            answers = [a for a in (True, False) if (ones > TRAINED / 2) == a or ones == TRAINED / 2]
            found["trained"].append(float(np.mean([reached[a] for a in answers])))
    expected = {name: float(np.mean(values)) for name, values in found.items()}
    chance = script.chance
    assert chance.of_constant_prediction(correct, TESTED, TOTAL, OF_CLASS) == pytest.approx(expected["constant"])
    assert chance.of_better_class(correct, TESTED, TOTAL, OF_CLASS) == pytest.approx(expected["better"])
    given = chance.of_larger_class_in_training(correct, TESTED, TOTAL, OF_CLASS, TRAINED)
    assert given == pytest.approx(expected["trained"])


def test_scores_of_known_answers(script: SimpleNamespace, recorded: SimpleNamespace, divided: SimpleNamespace) -> None:
    """Three runs: one answers the first class throughout, one is right throughout, one diverged."""
    dataset, y = recorded.dataset, np.asarray(recorded.dataset.y)
    plan = smilejax.Plan(script.divisions.first(divided.report, 3))
    logits = np.zeros((3, len(dataset), 2), np.float32)
    logits[0, :, 0] = 1
    logits[1, np.arange(len(dataset)), y] = 1
    curve = Scores(np.ones((3, 1)), np.ones((3, 1), int), np.ones((3, 1), int))
    status = np.array([smilejax.RunStatus.OK, smilejax.RunStatus.OK, smilejax.RunStatus.DIVERGED])
    trained = script.trainings.Trained(dataset, plan, RunResult(curve, curve, logits, status, None))
    scores = script.trainings.scores_of(trained)
    firsts = (y[plan.folds.test[0]] == 0).sum()
    assert scores.correct.tolist()[:2] == [firsts, 12]
    assert scores.accuracy[0] == scores.proportion[0] == firsts / 12
    assert scores.balanced_accuracy.tolist()[:2] == [0.5, 1.0]
    assert scores.one_class.tolist()[:2] == [0, -1]
    assert scores.loc[2, ["correct", "accuracy", "one_class", "train_loss"]].isna().all()
    half = script.trainings.correct_in(trained, divided.fewer)
    assert half[0] == (y[divided.fewer[0]] == 0).sum()
    assert np.isnan(half[2])


def test_the_table_of_the_videos(script: SimpleNamespace, recorded: SimpleNamespace, tmp_path: Path) -> None:
    path = tmp_path / "stimuli.csv"
    script.stimuli.write_stimulus_table(recorded.trials, path)
    lines = path.read_text().splitlines()
    assert lines[0] == "stimulus,source,class_luminance"
    assert sorted(lines[1:]) == [
        *(f"A{n},AFEW,70.2" for n in (1, 2, 3)),
        *(f"{n},MAHNOB,75.8" for n in ("H1", "H2", "L1")),
    ]


@pytest.mark.weekly
def test_the_report_s_recordings(script: SimpleNamespace, smiles_folder: Path) -> None:
    sequences = script.sequences.read_sequences(smiles_folder)
    assert len(sequences.trials) == 408
    assert np.bincount(sequences.trials.label).tolist() == [216, 192]
    dataset = smilejax.prepare(sequences.trials, replace(smilejax.Recipe.report(), duration_ms=10_000))
    divided = script.divisions.divide(dataset, sequences.viewing, splits=2, key=jax.random.key(0))
    assert divided.report.train.sum(1).tolist() == [300, 300]
    assert divided.report.test.sum(1).tolist() == [70, 70]


@pytest.mark.weekly
def test_the_whole_script_on_small_workbooks(
    script: SimpleNamespace, recorded: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Everything is trained, tabled and drawn; and what was kept is taken up again with the same numbers."""
    monkeypatch.setattr(script.trainings, "divide", partial(script.divisions.divide, sizes=(50, 12, 6)))
    monkeypatch.setattr(script.trainings, "VIDEO_MS", 1000 * SAMPLES / 60)
    studies = [
        script.trainings.train_all(recorded.sequences, splits=4, fewer_splits=2, seed=0, folder=tmp_path / "runs")
        for _ in range(2)
    ]
    one, other = (script.tables.exclusions_table(study) for study in studies)
    assert one.equals(other)
    assert one["of test sequences not in training"].tolist()[:2] == ["nothing", "other eye"]
    assert len(script.tables.rates_table(studies[0])) == 3
    assert script.tables.predictions_table(studies[0]).trainings.sum() == 4
    assert script.tables.number_table(studies[0]).trainings.tolist() == [4, 4]
    assert "points higher" in script.tables.inflation_in_words(studies[0], recorded.sequences)
    script.figures.draw(studies[0], tmp_path / "report.png")
    assert (tmp_path / "report.png").stat().st_size > 10_000

"""A recording that is no pupil goes the whole way: what follows `Dataset` looks at nothing but the `Recording`."""

from dataclasses import dataclass, replace
from pathlib import Path

import jax
import numpy as np
import numpy.typing as npt
import pytest
from helpers.small_study import SMALL

from smilejax import Plan, Recipe, StudySettings, Trials, by_participant, by_participant_and_stimulus, train_runs
from smilejax._util.errors import DataError
from smilejax.evaluation.study import compute_results, evaluate, prepare_study, saved_study
from smilejax.evaluation.study.study_record import Provenance
from smilejax.preprocess.channels import Channel
from smilejax.preprocess.dataset import Dataset
from smilejax.preprocess.to_dataset import dataset_of_arrays, to_dataset
from smilejax.recordings.recording import Recording
from smilejax.recordings.source import Source
from smilejax.report.page import page
from smilejax.sklearn import TrialClassifier

NAMES = ("lip corners", "left eyelid", "right eyelid")


@dataclass(frozen=True, eq=False)
class Lips:
    """Three channels of a face per video, `f32[N, T, 3]`; there is no pupil in it."""

    signals: npt.NDArray[np.float32]
    trial: tuple[str, ...]
    participant: tuple[str, ...]
    stimulus: tuple[str, ...] | None
    smiler: tuple[str, ...] | None
    label: npt.NDArray[np.int32]
    class_names: tuple[str, str] = ("Easy", "Hard")
    rate_hz: float = 25.0
    start_ms: float = 0.0
    unit: str = "face widths"
    source: Source = Source("made up", "lips")  # noqa: RUF009 - it is frozen

    @property
    def length(self) -> npt.NDArray[np.int32]:
        return np.full(len(self), self.signals.shape[1], np.int32)

    @property
    def shape(self) -> tuple[int, int, int]:
        n, steps, channels = self.signals.shape
        return n, steps, channels

    def __len__(self) -> int:
        return len(self.signals)

    def __getitem__(self, rows: tuple[npt.ArrayLike, object]) -> "Lips":
        return self.take(rows[0])

    def take(self, rows: npt.ArrayLike) -> "Lips":
        at = np.arange(len(self))[np.asarray(rows)]
        pick = {
            name: tuple(getattr(self, name)[i] for i in at) for name in ("trial", "participant", "stimulus", "smiler")
        }
        return replace(self, signals=self.signals[at], label=self.label[at], **pick)  # type: ignore[arg-type]


@to_dataset.register
def _(lips: Lips, recipe: Recipe | None = None) -> Dataset:
    return dataset_of_arrays(lips.signals, like=lips, channels=tuple(Channel(name) for name in NAMES))


@pytest.fixture(scope="module")
def lips() -> Lips:
    """Six participants watch eight stimuli; the class is in the order of the steps of the first channel."""
    rng = np.random.default_rng(0)
    p, s = (a.ravel() for a in np.meshgrid(np.arange(6), np.arange(8), indexing="ij"))
    label = (s % 2).astype(np.int32)
    signals = 0.2 * rng.normal(size=(48, 10, 3))
    signals[:, :, 0] += np.linspace(-1, 1, 10) * np.where(label == 1, 1, -1)[:, None]
    signals[rng.random(signals.shape) < 0.05] = np.nan
    return Lips(
        signals.astype(np.float32),
        trial=tuple(f"t{i}" for i in s),
        participant=tuple(f"p{i}" for i in p),
        stimulus=tuple(f"v{i}" for i in s),
        smiler=tuple(f"s{i // 2}" for i in s),
        label=label,
    )


def test_it_is_a_recording_and_has_no_pupil(lips: Lips) -> None:
    assert isinstance(lips, Recording)
    assert not isinstance(lips, Trials)
    assert not any(hasattr(lips, name) for name in ("pupil", "blink", "measured", "inside", "duration_ms"))


def test_it_becomes_a_dataset_with_its_channels(lips: Lips) -> None:
    dataset = to_dataset(lips)
    assert dataset.x.shape == (48, 10, 4)
    assert [channel.name for channel in dataset.channels] == [*NAMES, "mask"]
    assert [channel.standardised for channel in dataset.channels] == [True, True, True, False]
    assert (dataset.rate_hz, dataset.class_names) == (25.0, ("Easy", "Hard"))
    assert "4 channels: lip corners, left eyelid, right eyelid, mask" in repr(dataset)
    with pytest.raises(DataError, match="no Dataset can be made of a dict"):
        to_dataset({})  # type: ignore[arg-type]


@pytest.mark.slow
def test_it_is_split_and_trained(lips: Lips) -> None:
    dataset = to_dataset(lips)
    assert (
        len(by_participant_and_stimulus(dataset, participant_blocks=2, stimulus_blocks=2, key=jax.random.key(0))) == 4
    )
    plan = Plan(by_participant(dataset, folds=2, key=jax.random.key(0)), replace(SMALL, epochs=20, learning_rate=0.02))
    result = train_runs(dataset, plan)
    hits = np.asarray(result.logits).argmax(-1) == lips.label
    assert hits[plan.folds.test].mean() > 0.9


@pytest.mark.slow
def test_it_is_classified_as_a_scikit_learn_estimator_does(lips: Lips) -> None:
    model = TrialClassifier(epochs=20, hidden=4, dense=(6, 4), dropout=0.0, learning_rate=0.02, random_state=0)
    train = np.arange(48) < 24
    assert model.fit(lips.take(train)).score(lips.take(~train)) > 0.9
    assert model.recipe_ is None


@pytest.mark.slow
def test_it_is_evaluated_and_reported(lips: Lips, tmp_path: Path) -> None:
    settings = StudySettings(
        seeds=1, permutations=3, test_seeds=1, blocks=2, participant_folds=2, stimulus_folds=2, shuffled_folds=2,
        inner_draws=1, inner_proportion=0.5, inner_seeds=1, attribution_seeds=1, draws=100,
    )  # fmt: skip
    prepared = prepare_study(lips, Recipe(), SMALL, settings)
    raw, final = evaluate(prepared)
    assert final is not None
    assert raw.x.shape == (48, 10, 4)
    assert raw.cleaning.steps == ()
    results = compute_results(raw, settings)
    assert not any(one.why_not for one in raw.classifiers if one.name != "baseline")
    assert all(np.isfinite(one.probability[0]).all() for one in raw.classifiers if not one.why_not)
    study = saved_study.write_study(tmp_path / "study", raw, results, Provenance("by hand", {}, None))
    html = page(study.record)
    assert "lip corners" in html
    assert "Easy" in html
    again = saved_study.load_study(tmp_path / "study")
    assert again.record.results.about.unit == "face widths"

"""A study with drawn predictions, and recordings that have its names: nothing is trained."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from helpers.made_study import SETTINGS as MANY
from helpers.made_study import make_raw_results
from helpers.small_study import make_dataset

from smilejax import Recipe, Study, Trials
from smilejax.evaluation.study.derive_results import compute_results
from smilejax.evaluation.study.study_record import Provenance, StudyRecord
from smilejax.settings import to_json

SETTINGS = replace(MANY, permutations=3, draws=100)
RECIPE = Recipe(duration_ms=1000.0, resample_hz=10.0, baseline_ms=200.0)


def made_study(names: dict[str, str] | None = None) -> Study:
    """Four participants, 24 trials. names: replacements for names of participants, trials, stimuli."""
    raw = make_raw_results(
        classifiers={"majority": 0.0, "features": 1.0}, dataset=make_dataset(), seed=3, settings=SETTINGS
    )
    trials = raw.trials.copy()
    for column in ("participant", "trial", "stimulus"):
        trials[column] = [(names or {}).get(name, name) for name in trials[column]]
    about = replace(raw.about, recipe=to_json(RECIPE))
    raw = replace(raw, trials=trials, about=about)
    made = Provenance("smilejax evaluate recording.csv --out study", {}, None)
    return Study(Path("study"), StudyRecord(made, compute_results(raw, SETTINGS), {}), raw)


def recordings_of(study: Study) -> Trials:
    """Recordings of 1 s at 20 Hz with a gap and a shorter trial, of the study's trials."""
    rng = np.random.default_rng(0)
    table = study.raw.trials
    n = len(table)
    pupil = (3.5 + 0.05 * rng.normal(size=(n, 20, 2)).cumsum(axis=1)).astype(np.float32)
    pupil[1, 4:15] = np.nan
    length = np.full(n, 20, np.int32)
    length[2] = 14
    pupil[2, 14:] = np.nan
    return Trials(
        pupil=pupil,
        length=length,
        rate_hz=20.0,
        unit="mm",
        label=table["label"].to_numpy(np.int32),
        class_names=study.results.class_names,
        participant=tuple(table["participant"]),
        trial=tuple(table["trial"]),
        stimulus=tuple(table["stimulus"]),
    )

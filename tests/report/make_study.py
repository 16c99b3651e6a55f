"""Make `study.json`, the study that tests of the report show: python tests/report/make_study.py

A simulated study of eight participants and four smilers, evaluated by the present version; its long series are thinned, so that
the file can be kept here. Run it again after results or their record have changed; it takes a few minutes.
"""

import argparse
import json
from pathlib import Path

import jax

import smilejax
from smilejax import Recipe, SimulationSettings, StudySettings, TrainingSettings
from smilejax._util.typed_json import JsonValue
from smilejax.evaluation.study import compute_results, evaluate, prepare_study
from smilejax.evaluation.study.study_record import Provenance, StudyRecord, record_to_json

STUDY = Path(__file__).parent / "study.json"
SIMULATION = SimulationSettings(participants=8, smilers=4, duration_ms=4000.0)
TRAINING = TrainingSettings(epochs=25)
SETTINGS = StudySettings(
    seeds=4,
    permutations=39,
    test_seeds=1,
    participant_folds=8,
    stimulus_folds=4,
    blocks=4,
    shuffled_folds=5,
    inner_draws=2,
    inner_seeds=2,
    attribution_seeds=2,
    draws=500,
)
LONGEST = 60
"""Values that a series keeps, at most."""
DIGITS = 6


def thinned(value: JsonValue) -> JsonValue:
    """The same with every second, third, ... value of a series that is longer than `LONGEST`, and rounded numbers."""
    if isinstance(value, dict):
        return {name: thinned(one) for name, one in value.items()}
    if isinstance(value, list):
        numbers = all(one is None or isinstance(one, int | float) for one in value)
        return [thinned(one) for one in (value[:: -(-len(value) // LONGEST)] if numbers and value else value)]
    return float(f"{value:.{DIGITS}g}") if isinstance(value, float) else value


def main() -> None:
    """Simulate, evaluate, and write the record."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    trials = smilejax.simulate_study(SIMULATION, key=jax.random.key(0)).trials
    raw, _ = evaluate(prepare_study(trials, Recipe(), TRAINING, SETTINGS))
    versions = {"smilejax": smilejax.__version__, "jax": jax.__version__}
    provenance = Provenance("smilejax evaluate x.csv --out study", versions, None)
    record = StudyRecord(provenance, compute_results(raw, SETTINGS), {})
    STUDY.write_text(json.dumps(thinned(record_to_json(record))) + "\n")


if __name__ == "__main__":
    main()

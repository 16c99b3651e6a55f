"""Everything that is compared, made by the smilejax that this interpreter imports: python worker.py OUT.npz [GROUP ...].

All settings are written out in `cases`.
"""

import sys
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import jax
import numpy as np
from cases import MODEL, RECIPE, RECIPES, REPORT, SIMULATION, STUDY, TRAINING
from names import OLD, load, named, settings

import smilejax

Arrays = dict[str, Any]

BOTH = "both" if OLD else "participant-and-stimulus"


def key(seed: int) -> jax.Array:
    """A typed key."""
    return jax.random.key(seed)


def recipe_of(values: dict[str, Any]) -> Any:
    """A recipe of the version that is imported."""
    return settings(load("Recipe"), **values)


def training_of(values: dict[str, Any], **model: Any) -> Any:
    """Training settings of the version that is imported."""
    network = getattr(
        smilejax.ModelSettings, "report", smilejax.ModelSettings
    )()  # older versions have the report's alone
    return settings(smilejax.TrainingSettings, model=replace(network, **(MODEL | model)), **values)


def leaves(tree: Any, above: str = "") -> Arrays:
    """Numbers, truth values and lists of them, by their path; text is left out."""
    if isinstance(tree, dict):
        return {k: v for name, value in tree.items() for k, v in leaves(value, f"{above}/{name}").items()}
    if isinstance(tree, list | tuple):
        if all(value is None or isinstance(value, bool | int | float) for value in tree):
            return {above[1:]: np.array([np.nan if value is None else value for value in tree], np.float64)}
        return {k: v for i, value in enumerate(tree) for k, v in leaves(value, f"{above}/{i}").items()}
    if tree is None or isinstance(tree, bool | int | float):
        return {above[1:]: np.array(np.nan if tree is None else tree, np.float64)}
    return {}


class Made:
    """What several groups start from, made when first asked for."""

    def __init__(self) -> None:
        self.study = smilejax.simulate_study(smilejax.SimulationSettings(**SIMULATION), key=key(5))
        self.trials = self.study.trials
        blink = np.random.default_rng(0).random(self.trials.pupil.shape) < 0.01
        self.recordings = {
            "mm": self.trials,
            "au": replace(self.trials, pupil=self.trials.pupil * 100, unit="au"),
            "tracker's blinks": replace(self.trials, blink=blink),
        }
        self.dataset = smilejax.prepare(self.trials, recipe_of(RECIPE))

    @property
    def by_participant(self) -> Any:
        """Three folds."""
        return smilejax.by_participant(self.dataset, folds=3, key=key(0))

    def permuted(self, count: int) -> Any:
        """Label permutations."""
        return load("permute_labels")(self.dataset, count, key=key(2))

    def held_out(self) -> np.ndarray:
        """`bool[N]`, trials of a quarter of the participants."""
        found = smilejax.hold_out_participants(self.dataset, 0.25, key=key(3))
        return np.asarray(found if OLD else found.test[0])


def simulation(made: Made) -> Arrays:
    """Recordings and their truth."""
    truth = made.study.truth
    return {"pupil": made.trials.pupil, "label": made.trials.label, "clean_mm": truth.clean_mm, "lost": truth.destroyed}


def cleaning(made: Made) -> Arrays:
    """Every recipe on every recording, and the steps of one of them."""
    found: Arrays = {}
    for name, values in RECIPES.items():
        for kind, trials in made.recordings.items():
            cleaned, data = smilejax.clean(trials, recipe_of(values)), smilejax.prepare(trials, recipe_of(values))
            found |= {
                f"{name}/{kind}/x": data.x,
                f"{name}/{kind}/valid": data.valid,
                f"{name}/{kind}/proportion": data.measured if OLD else data.proportion_valid,
                f"{name}/{kind}/status": data.verdict if OLD else data.status,
                f"{name}/{kind}/pupil": _values(cleaned.trace),
                f"{name}/{kind}/reason": cleaned.trace.reason,
                f"{name}/{kind}/eyes": _values(cleaned.eyes),
                f"{name}/{kind}/marked": cleaned.marked,
                f"{name}/{kind}/baseline": cleaned.baseline,
                f"{name}/{kind}/blink_response": cleaned.blink_response,
            }
    for at, stage in enumerate(load("stages")(made.trials, recipe_of(RECIPES["every step"])).values()):
        found |= {f"stages/{at}/pupil": _values(stage), f"stages/{at}/reason": stage.reason}
    return found


def _values(trace: Any) -> Any:
    """The values of a trace, which older versions call its pupil."""
    return trace.values if hasattr(trace, "values") else trace.pupil


def training(made: Made) -> Arrays:
    """Every cell with every optimiser, and the preset of the report."""
    found: Arrays = {}
    for cell in ("lstm", "gru", "rnn"):
        for optimizer in ("sgd", "adam", "adamw"):
            own = TRAINING | {
                "optimizer": optimizer,
                "learning_rate": 0.003,
                "momentum": 0.9 if optimizer == "sgd" else 0.0,
                "weight_decay": 0.01 if optimizer == "adamw" else 0.0,
                "class_weights": "balanced",
            }
            run = smilejax.train(made.dataset, training_of(own, cell=cell), key=key(1), validation_mask=made.held_out())
            found |= {f"{cell}/{optimizer}/{name}": value for name, value in _of_run(run).items()}
    report = smilejax.prepare(made.trials, load("Recipe").report())
    found |= {f"report/{n}": v for n, v in _of_run(smilejax.train(report, training_of(REPORT), key=key(1))).items()}
    return found


def _of_run(run: Any) -> Arrays:
    return {
        "logits": run.logits,
        "train_loss": run.train.loss_sum,
        "validation_loss": run.validation.loss_sum,
        "correct": run.train.correct,
        "status": run.status,
    }


def folds(made: Made) -> Arrays:
    """Every way to split, and label permutations."""
    data = made.dataset
    found = {
        "participant": made.by_participant,
        "stimulus": smilejax.by_stimulus(data, folds=4, key=key(0)),
        "smiler": smilejax.by_smiler(data, folds=4, key=key(0)),
        "blocks": smilejax.by_participant_and_stimulus(data, participant_blocks=2, stimulus_blocks=2, key=key(0)),
        "shuffled": smilejax.shuffle_trials(data, folds=4, key=key(0)),
        "hold out both": smilejax.hold_out(data, 0.25, BOTH, key=key(0)),
        "hold out trials": smilejax.hold_out_trials(data, 0.25, key=key(0)),
        "hold out repeatedly": smilejax.hold_out(data, 0.25, "participant", repeats=2, key=key(0)),
        "inner": smilejax.inner_validation(made.by_participant, data, 0.25, key=key(0)),
    }
    masks = {name: np.stack([one.train, one.test, one.validation]) for name, one in found.items()}
    return masks | {"held out": made.held_out(), "permuted labels": made.permuted(7).labels}


def plans(made: Made) -> Arrays:
    """A plan over settings, permutations, folds and seeds."""
    plan = smilejax.Plan(
        made.by_participant,
        training_of(TRAINING | {"epochs": 2, "learning_rate": 0.003}),
        seeds=(0, 1),
        vary={"learning_rate": (0.001, 0.003)},
        **named({"relabelled": made.permuted(2)}),
    )
    return _of_run(smilejax.train_runs(made.dataset, plan))


def reference_classifiers(made: Made) -> Arrays:
    """Probabilities of every reference classifier, for the true labels and seven permutations."""
    n = len(made.trials.trial)
    results = load("run_reference_classifiers")(
        made.dataset,
        made.by_participant,
        np.concatenate([np.asarray(made.dataset.y)[None], made.permuted(7).labels]),
        baseline=None,
        length_ms=np.full(n, 4000.0, np.float32),
        key=key(9),
    )
    return {one.name: one.probability for one in results}


def _study(made: Made) -> tuple[Any, Any]:
    study = settings(smilejax.StudySettings, **STUDY)
    prepared = load("prepare_study")(made.trials, recipe_of(RECIPE), training_of(TRAINING), study)
    return load("evaluate")(prepared)[0], study


def study_arrays(made: Made) -> Arrays:
    """Everything that a study measures."""
    made.raw = getattr(made, "raw", None) or _study(made)
    return {name: value for name, value in load("arrays_of")(made.raw[0]).items() if value.dtype.kind in "fiub"}


def study_numbers(made: Made) -> Arrays:
    """Everything that a study derives from it: `study.json`, leaf by leaf; classifiers and protocols by name."""
    made.raw = getattr(made, "raw", None) or _study(made)
    results = load("compute_results")(*made.raw)
    if OLD:
        numbers = results
    else:
        from smilejax.evaluation.study.study_record import results_to_json

        numbers = results_to_json(results)
    return leaves({name: value for name, value in numbers.items() if name not in ("verdict", "about", "cleaning")})


def multiverse(made: Made) -> Arrays:
    """Differences and scores of eight recipes."""
    vary = named({"lowpass_hz": (None, 4.0), "max_gap_ms": (100.0, 400.0), "walk_ms": (None, 150.0)})
    grid = load("recipe_grid")(recipe_of(RECIPE), vary, made.trials)
    found = load("explore")(made.trials, grid, key=key(0))
    results = found.outcome if OLD else found.results
    score = results.score
    return {
        "kept": results.kept,
        **{f"window/{name}": getattr(results.contrast.window, name) for name in ("difference", "low", "high", "p")},
        "curve": results.contrast.curve.difference,
        "balanced accuracy": score.accuracy if OLD else score.balanced_accuracy,
        "auc": score.auc,
    }


def power(made: Made) -> Arrays:
    """The verdict on one simulated study, by MiniRocket."""
    own = {"studies": 1, "relabellings": 19, "classifier": "rocket", "blocks": 2, "alpha": 0.05, "seed": 0}
    judged = load("judge")(
        made.trials, made.dataset, settings(load("PowerSettings"), **own), training_of(TRAINING), key=key(4)
    )
    return {"p": judged.p, "balanced accuracy": judged.score if OLD else judged.balanced_accuracy}


def statistics(made: Made) -> Arrays:
    """Metrics, tests and intervals of random numbers."""
    rng = np.random.default_rng(0)
    x, scores = rng.normal(size=(5, 4)), rng.normal(0.6, 0.1, 7)
    p, y = rng.random((3, 40)), rng.integers(0, 2, 40)
    who, what = np.repeat(np.arange(5), 8), np.tile(np.arange(8), 5)
    interval = load("crossed_interval")((p > 0.5).astype(float), what % 2, who, what, draws=300, seed=1)
    found = {
        "metrics": asdict(load("measure")(p, y, np.ones(p.shape, bool))),
        "spread": asdict(load("score_spread")(x)),
        "participants": asdict(load("participant_test")(scores, seed=0)),
        "many participants": asdict(load("participant_test")(rng.normal(0.55, 0.1, 20), seed=0)),
        "corrected t": asdict(load("corrected_t")(rng.normal(size=12), 80, 20)),
        "interval": {"low": interval.low, "high": interval.high},
    }
    test = load("permutation_test")(0.7, rng.normal(0.5, 0.1, 99), **named({"floor": 0.001}))
    found["permutation test"] = {"p": test.p, "null_mean": test.null_mean, "null_low": test.null_low}
    return {
        f"{name}/{field}": value
        for name, fields in found.items()
        for field, value in fields.items()
        if isinstance(value, int | float | np.ndarray | np.number)
    }


GROUPS: dict[str, Callable[[Made], Arrays]] = {
    "simulation": simulation,
    "cleaning": cleaning,
    "training": training,
    "folds": folds,
    "plans": plans,
    "reference classifiers": reference_classifiers,
    "study arrays": study_arrays,
    "study numbers": study_numbers,
    "multiverse": multiverse,
    "power": power,
    "statistics": statistics,
}


def main(out: str, groups: list[str]) -> None:
    """Make the arrays of some groups, or of all, and write them."""
    made = Made()
    arrays = {}
    for name in groups or list(GROUPS):
        arrays |= {f"{name}|{key}": np.asarray(value) for key, value in GROUPS[name](made).items()}
        print(f"{name}: made", flush=True)
    # Slashes part folders in a zip file, and a name may be long: keys stand in an array of their own.
    np.savez(out, keys=np.array(list(arrays)), **{f"a{at}": value for at, value in enumerate(arrays.values())})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

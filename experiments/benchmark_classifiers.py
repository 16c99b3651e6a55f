"""The network against pupil features and MiniRocket on simulated studies: new participants and new stimuli, paired intervals.

    python experiments/benchmark_classifiers.py --out scores.csv                # three draws of each study, about an hour
    python experiments/benchmark_classifiers.py --out scores.csv --draws 1      # one draw, about 20 minutes

Studies: effects of .1, .15 and .3 mm; 8 participants x 6 smilers, 12 x 8 and 20 x 10; phasic, sustained and late responses.
Folds hold out blocks of participants and of stimuli together, three of each. The network is trained with three seeds; "single"
is the mean balanced accuracy of one training, "together" that of the mean probability. The references are given the default
recipe and the one of 0.1.0 (20 Hz, fused pupil and mask); the better of the two is what the network is compared with, study by
study. "MiniRocket of velocities" is given what the network is given, and no classifier of the package.

What is in the file is not computed again. The default network was chosen on other draws (keys 777), never on these.
"""

import argparse
import csv
import itertools
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt

import smilejax
from smilejax.classifiers import run_reference_classifiers
from smilejax.evaluation.metrics import balanced_accuracy, correct
from smilejax.evaluation.study.out_of_fold import mean_over_folds, out_of_fold_predictions
from smilejax.models.network_input import network_input
from smilejax.splits import Folds, by_participant_and_stimulus

EFFECTS_MM = (0.1, 0.15, 0.3)
SIZES = ((8, 6), (12, 8), (20, 10))
RESPONSES: dict[str, dict[str, float]] = {
    "phasic": {},
    "sustained": {"effect_t_max_ms": 3500.0},
    "late": {"effect_onset_ms": 4500.0},
}
"""Settings of the simulation: a response of 930 ms to its peak, one of 3500 ms, and one that begins at 4.5 s."""
OLD = smilejax.Recipe(resample_hz=20.0, channels=("fused", "mask"))
SEEDS, BLOCKS, KEY = 3, 3, 20261127
NETWORK, SINGLE = "network together", "network single"
REFERENCES = {"features": "pupil features", "rocket": "MiniRocket"}
VELOCITIES = "MiniRocket of velocities"
COLUMNS = (SINGLE, NETWORK, *REFERENCES.values(), VELOCITIES)
FIELDS = ("response", "effect_mm", "participants", "smilers", "draw", "classifier", "recipe", "balanced_accuracy")
Study = tuple[str, float, int, int, int]


def studies(draws: int) -> Iterator[Study]:
    """All of one draw before the next, so that a run that is cut has whole draws."""
    for draw, response, effect, (participants, smilers) in itertools.product(
        range(draws), RESPONSES, EFFECTS_MM, SIZES
    ):
        yield response, effect, participants, smilers, draw


def trials_of(study: Study) -> smilejax.Trials:
    """The simulated recording."""
    response, effect, participants, smilers, draw = study
    settings = smilejax.SimulationSettings(
        participants=participants, smilers=smilers, effect_mm=effect, **RESPONSES[response]
    )
    number = sorted(RESPONSES).index(response) * 1000 + round(effect * 100) * 10 + SIZES.index((participants, smilers))
    key = jax.random.fold_in(jax.random.fold_in(jax.random.key(KEY), number), draw)
    return smilejax.simulate_study(settings, key=key).trials


def folds_of(dataset: smilejax.Dataset) -> Folds:
    """New participants and new stimuli."""
    return by_participant_and_stimulus(
        dataset, participant_blocks=BLOCKS, stimulus_blocks=BLOCKS, key=jax.random.key(KEY)
    )


def score(p: npt.NDArray[np.float64], dataset: smilejax.Dataset) -> float:
    """Balanced accuracy of out-of-fold probabilities `[..., N]`, mean over what leads."""
    y = np.broadcast_to(np.asarray(dataset.y), p.shape)
    return float(np.mean(balanced_accuracy(correct(p, y), y)))


def network_scores(dataset: smilejax.Dataset) -> tuple[float, float]:
    """Of a single training, and of three together."""
    plan = smilejax.Plan(folds_of(dataset), smilejax.TrainingSettings(), seeds=tuple(range(SEEDS)))
    predictions = out_of_fold_predictions(dataset, plan, smilejax.train_runs(dataset, plan, curves=False))
    p = predictions.probability()[0]
    test = plan.folds.test
    together = mean_over_folds(p.mean(1), test, 0)
    return score(mean_over_folds(p, test, 0), dataset), score(together, dataset)


def reference_scores(dataset: smilejax.Dataset) -> dict[str, float]:
    """Of the reference classifiers."""
    folds = folds_of(dataset)
    found = run_reference_classifiers(
        dataset,
        folds,
        np.asarray(dataset.y)[None],
        baseline=None,
        length_ms=np.full(len(dataset), 10_000.0),
        key=jax.random.key(KEY),
        only=tuple(REFERENCES),
    )
    return {
        REFERENCES["rocket" if "Rocket" in one.label else "features"]: score(
            mean_over_folds(one.probability[0], folds.test, 0), dataset
        )
        for one in found
    }


def velocities(dataset: smilejax.Dataset) -> smilejax.Dataset:
    """What the network is given, as a dataset."""
    x, valid = network_input(dataset.x, dataset.valid, smilejax.ModelSettings().velocity_steps)
    return replace(dataset, x=jnp.asarray(x), valid=jnp.asarray(valid))


def rows_of(study: Study) -> Iterator[tuple[str, str, float]]:
    """Classifier, recipe and score."""
    trials = trials_of(study)
    new, old = smilejax.prepare(trials, smilejax.Recipe()), smilejax.prepare(trials, OLD)
    single, together = network_scores(new)
    yield SINGLE, "default", single
    yield NETWORK, "default", together
    for recipe, dataset in (("default", new), ("0.1.0", old)):
        for name, value in reference_scores(dataset).items():
            yield name, recipe, value
    yield VELOCITIES, "default", reference_scores(velocities(new))[REFERENCES["rocket"]]


def read(path: Path) -> list[dict[str, Any]]:
    """What was computed before."""
    if not path.exists():
        return []
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def table(rows: list[dict[str, Any]]) -> dict[Study, dict[str, float]]:
    """Scores by study and classifier, the better of two recipes."""
    found: dict[Study, dict[str, float]] = {}
    for row in rows:
        study = (
            row["response"],
            float(row["effect_mm"]),
            int(row["participants"]),
            int(row["smilers"]),
            int(row["draw"]),
        )
        scores = found.setdefault(study, {})
        scores[row["classifier"]] = max(scores.get(row["classifier"], 0.0), float(row["balanced_accuracy"]))
    return {study: scores for study, scores in found.items() if set(COLUMNS) <= set(scores)}


def interval(by_cell: list[npt.NDArray[np.float64]], draws: int = 10_000) -> tuple[float, float]:
    """Bootstrap 95% interval of a mean over cells; studies are drawn again within their cell."""
    rng = np.random.default_rng(0)
    means = np.mean([cell[rng.integers(len(cell), size=(draws, len(cell)))].mean(1) for cell in by_cell], axis=0)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(low), float(high)


def show(found: dict[Study, dict[str, float]]) -> None:
    """The tables, as Markdown."""
    cells = list(dict.fromkeys(study[:4] for study in found))
    print(f"\nBalanced accuracy, mean over {len(found)} studies.\n")
    print("| response | effect, mm | participants x smilers | " + " | ".join(COLUMNS) + " |")
    print("|---|---|---|" + "---|" * len(COLUMNS))
    for cell in cells:
        means = [np.mean([scores[name] for study, scores in found.items() if study[:4] == cell]) for name in COLUMNS]
        print(f"| {cell[0]} | {cell[1]:g} | {cell[2]} x {cell[3]} | " + " | ".join(f"{m:.3f}" for m in means) + " |")
    overall = [np.mean([scores[name] for scores in found.values()]) for name in COLUMNS]
    print("| all | | | " + " | ".join(f"{m:.3f}" for m in overall) + " |\n")
    print("| network together minus | difference | 95% interval |\n|---|---|---|")
    for name in COLUMNS:
        if name == NETWORK:
            continue
        by_cell = [
            np.array([scores[NETWORK] - scores[name] for study, scores in found.items() if study[:4] == cell])
            for cell in cells
        ]
        low, high = interval(by_cell)
        print(f"| {name} | {np.mean([cell.mean() for cell in by_cell]):+.3f} | {low:+.3f} to {high:+.3f} |")


def main() -> None:
    """Compute what is missing, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="CSV of scores, continued where it exists")
    parser.add_argument("--draws", type=int, default=3, help="draws of each of the 27 studies")
    given = parser.parse_args()
    done = table(read(given.out))
    begin = not given.out.exists()
    with given.out.open("a", newline="") as file:
        writer = csv.writer(file)
        if begin:
            writer.writerow(FIELDS)
        for study in studies(given.draws):
            if study not in done:
                writer.writerows([(*study, *row) for row in rows_of(study)])
                file.flush()
    show(table(read(given.out)))


if __name__ == "__main__":
    main()

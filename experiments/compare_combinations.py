"""How should the log odds of the network and of MiniRocket be combined? Rules compared on simulated studies.

    python experiments/compare_combinations.py

Studies of 12 participants x 8 smilers, effects of .1, .15 and .3 mm, folds of new participants and new smilers. For each rule
the balanced accuracy and the log loss of held-out trials, mean over three seeds of the network. "As they are" is what smilejax
does. "Temperature": the network's log odds divided by one that is fitted in each fold, on a quarter of its training
participants and smilers that a further network was not trained on. "Equal spread": both parts divided by their root mean
square over the training trials. Studies are those that the rule was chosen on: with so few, rules less than a point apart
cannot be told apart.
"""

from dataclasses import dataclass, replace

import jax
import numpy as np
import numpy.typing as npt
import tyro

import smilejax
from smilejax.classifiers.classifier import TrialInfo
from smilejax.classifiers.combined import combined_log_odds, log_odds_of
from smilejax.classifiers.run_classifiers import run_log_odds
from smilejax.evaluation.metrics import balanced_accuracy, correct
from smilejax.evaluation.study.out_of_fold import mean_over_folds
from smilejax.evaluation.study.temperature import fit_temperature
from smilejax.recordings.recording import length_ms

Floats = npt.NDArray[np.float64]
LEFT_OUT = 0.25
"""Of a fold's training participants and smilers, those that temperatures are fitted on."""


@dataclass(frozen=True)
class Arguments:
    """What this script takes."""

    effects_mm: tuple[float, ...] = (0.1, 0.15, 0.3)
    """Peaks of the extra dilation to a genuine smile in mm."""
    draws: int = 2
    """Studies of each effect."""
    seeds: int = 3
    """Networks of each fold."""
    first: int = 11
    """Seed of the first study."""


def main(args: Arguments) -> None:
    """Simulate, train, combine, print."""
    found: dict[str, list[tuple[float, float]]] = {}
    for effect in args.effects_mm:
        for seed in range(args.first, args.first + args.draws):
            scores = scores_of(effect, seed, args.seeds)
            for name, score in scores.items():
                found.setdefault(name, []).append(score)
            words = "; ".join(f"{name} {accuracy:.3f}" for name, (accuracy, _) in scores.items())
            print(f"{effect:g} mm, study {seed}: {words}", flush=True)
    print("\n| rule | balanced accuracy | log loss, nats |\n|---|---|---|")
    for name, pairs in found.items():
        accuracy, loss = np.mean(pairs, axis=0)
        print(f"| {name} | {accuracy:.3f} | {loss:.3f} |")


def scores_of(effect_mm: float, seed: int, seeds: int) -> dict[str, tuple[float, float]]:
    """Balanced accuracy and log loss of each rule on one study."""
    design = smilejax.SimulationSettings(participants=12, smilers=8, effect_mm=effect_mm)
    trials = smilejax.simulate_study(design, key=jax.random.key(seed)).trials
    dataset = smilejax.prepare(trials, smilejax.Recipe())
    folds = smilejax.by_participant_and_stimulus(
        dataset, participant_blocks=4, stimulus_blocks=4, key=jax.random.key(1)
    )
    y = np.asarray(dataset.y)
    network = trained(dataset, folds, tuple(range(seeds)))
    info = TrialInfo(dataset, None, length_ms(trials))
    rocket = run_log_odds("rocket", info, folds.train, y[None], key=jax.random.key(2))[0].astype(np.float64)[:, None]
    temperature = temperatures(dataset, folds)[:, None, None]
    spread = rms(network, folds.train), rms(rocket, folds.train)
    rules = {
        "network alone": network,
        "MiniRocket alone": rocket,
        "as they are": combined_log_odds(network, rocket),
        "network / 2": combined_log_odds(network / 2, rocket),
        "network / temperature": combined_log_odds(network / temperature, rocket),
        "equal spread": combined_log_odds(network / spread[0], rocket / spread[1]),
    }
    return {name: judged(odds, folds.test, y) for name, odds in rules.items()}


def trained(dataset: smilejax.Dataset, folds: smilejax.Folds, seeds: tuple[int, ...]) -> Floats:
    """`f64[F, S, N]`, log odds of networks."""
    result = smilejax.train_runs(dataset, smilejax.Plan(folds, smilejax.TrainingSettings(), seeds=seeds), curves=False)
    return log_odds_of(np.asarray(result.logits)).reshape(len(folds), len(seeds), len(dataset))


def temperatures(dataset: smilejax.Dataset, folds: smilejax.Folds) -> Floats:
    """`f64[F]`, fitted inside each fold."""
    inner = smilejax.inner_validation(folds, dataset, LEFT_OUT, stratified=False, key=jax.random.key(5))
    inside = replace(inner, test=inner.validation, validation=np.zeros_like(inner.validation), times_scored=None)
    odds, y = trained(dataset, inside, (0,))[:, 0], np.asarray(dataset.y)
    logits = np.stack([-odds / 2, odds / 2], axis=-1)
    return np.array([fit_temperature(one[None, mask], y[mask]) for one, mask in zip(logits, inside.test, strict=True)])


def rms(odds: Floats, train: npt.NDArray[np.bool_]) -> Floats:
    """`f64[F, S, 1]`, root mean square over the training trials."""
    mask = train[:, None]
    return np.sqrt(np.where(mask, odds**2, 0.0).sum(-1, keepdims=True) / mask.sum(-1, keepdims=True))


def judged(odds: Floats, test: npt.NDArray[np.bool_], y: npt.NDArray[np.integer]) -> tuple[float, float]:
    """Balanced accuracy and log loss, mean over seeds."""
    held_out = mean_over_folds(odds, test, 0)
    p = 1 / (1 + np.exp(-held_out))
    accuracy = balanced_accuracy(correct(p, y[None]), y[None]).mean()
    loss = np.logaddexp(0.0, np.where(y == 1, -held_out, held_out))
    return float(accuracy), float(np.nanmean(loss))  # a trial that the recipe rejected is held out by no fold


if __name__ == "__main__":
    main(tyro.cli(Arguments, description=__doc__))

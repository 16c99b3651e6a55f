"""What does a step of a stream cost? Processor time of `PredictionStream.push` at several rates, early and late in a trial.

    python experiments/benchmark_stream.py
    python experiments/benchmark_stream.py --rates 60 1000 --seconds 30

A model answers 10 times a second: a step that takes above 100 ms would fall behind. At each step the whole buffer of the trial
is cleaned again, so that the answer is that of `predict` to rounding; this says what that costs. The weights are those of one
epoch: the time does not depend on them.
"""

import time
from dataclasses import dataclass

import jax
import numpy as np
import tyro

import smilejax


@dataclass(frozen=True)
class Arguments:
    """What this script takes."""

    rates: tuple[float, ...] = (60.0, 250.0, 1000.0)
    """Rates of the samples, in Hz."""
    seconds: float = 10.0
    """Length of the trials, in s."""
    repeats: int = 3
    """Trials of each rate, after one by which programs are compiled."""


def model_of(rate_hz: float, seconds: float) -> smilejax.Predictor:
    """A model of trials of such a rate and length, by one epoch on one simulated study."""
    simulated = smilejax.SimulationSettings(participants=4, smilers=2, rate_hz=rate_hz, duration_ms=1000 * seconds)
    trials = smilejax.simulate_study(simulated, key=jax.random.key(0)).trials
    dataset = smilejax.prepare(trials, smilejax.Recipe.causal())
    result = smilejax.train(dataset, smilejax.TrainingSettings(epochs=1, truncate_from=0.1), key=jax.random.key(1))
    return smilejax.Predictor.of(result, trials)


def steps_ms(model: smilejax.Predictor, rate_hz: float, seconds: float) -> np.ndarray:
    """Processor time of each step of one trial, in ms."""
    rng = np.random.default_rng(0)
    pupil = 3 + 0.1 * rng.standard_normal((round(rate_hz * seconds), 2)).cumsum(0) / 50
    stream, took = model.stream(rate_hz), []
    each = round(rate_hz / stream.program.model_hz)
    for first in range(0, len(pupil), each):
        began = time.process_time()
        said = stream.push(pupil[first : first + each])
        if said and said[-1].probability is not None:
            took.append(1000 * (time.process_time() - began))
    return np.array(took)


def main(args: Arguments) -> None:
    """Print a row for each rate."""
    print(
        "| rate | steps | first tenth: median | last tenth: median | 95% of steps within | slowest |\n|---|---|---|---|---|---|"
    )
    for rate_hz in args.rates:
        model = model_of(rate_hz, args.seconds)
        steps_ms(model, rate_hz, args.seconds)
        took = np.concatenate([steps_ms(model, rate_hz, args.seconds)[None] for _ in range(args.repeats)])
        tenth = max(1, took.shape[1] // 10)
        early, late = np.median(took[:, :tenth]), np.median(took[:, -tenth:])
        shown = (early, late, np.quantile(took, 0.95), took.max())
        print(f"| {rate_hz:g} Hz | {took.size} |", *(f"{ms:.1f} ms |" for ms in shown), flush=True)


if __name__ == "__main__":
    main(tyro.cli(Arguments, description=__doc__))

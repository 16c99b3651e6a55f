"""Attribution: integrated gradients along a trial, and by how much the loss rises when a window is hidden (occlusion).

Both are of networks on trials that they were not trained on. Runs are trained again for it, to the same bits, since keeping
the parameters of all would take gigabytes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Bool, Float, Int

from smilejax.models.network import Variables, network_of
from smilejax.preprocess.dataset import Dataset
from smilejax.settings import ModelSettings
from smilejax.training import Programs, RunStatus
from smilejax.training.plans import Plan
from smilejax.training.programs import DeviceOptions

INTEGRAL_STEPS = 32
"""Points of the integral (Sundararajan et al. 2017: 20 to 300 bring it within 5%; a test holds ours within 1%)."""
OCCLUSION_WINDOWS = 10
"""Windows that are hidden one after another."""


@dataclass(frozen=True, eq=False)
class Attribution:
    """Attribution of S seeds, over the trials that each fold scores.

    Arguments:
        gradients: `f64[S, 2, T, C]`, integrated gradients of the log odds of class 1, mean over the trials of class 0 and
            of class 1, in log odds per step; they sum to a trial's log odds minus those of the mean trial.
        occlusion: `f64[S, W]`, rise of the cross-entropy in nats when a window of every channel is hidden.
        edges: `i64[W + 1]`, steps at which windows begin and end.
        trials: `i64[2]`, of each class.
    """

    gradients: Float[np.ndarray, "S 2 T C"]
    occlusion: Float[np.ndarray, "S W"]
    edges: Int[np.ndarray, " E"]
    trials: Int[np.ndarray, " 2"]


def attribute(dataset: Dataset, plan: Plan, chosen: Int[np.ndarray, " F"], options: DeviceOptions) -> Attribution:
    """Attribution of the true labels' runs of a plan, trained again with the settings that each fold chose.

    A run that diverged is left out; seeds all of whose runs did are NaN.

    Arguments:
        options: as in `train_runs`.
    """
    steps = dataset.x.shape[1]
    edges = np.linspace(0, steps, min(OCCLUSION_WINDOWS, steps) + 1).round().astype(np.int64)
    y = np.asarray(dataset.y)
    sums = np.zeros((plan.shape[3], 2, *dataset.x.shape[1:]))
    costs = np.zeros((plan.shape[3], len(edges) - 1))
    counts = np.zeros((plan.shape[3], 2))
    for fold, seed, variables, settings in _models(dataset, plan, chosen, options):
        test = plan.folds.test[fold]
        filled, real = _filled(test, int(plan.folds.test.sum(1).max()))
        x, valid, labels = dataset.x[filled], dataset.valid[filled], jnp.asarray(np.clip(y[filled], 0, 1))
        computed = _computed(variables, x, valid, labels, jnp.asarray(edges), settings=settings)
        gradients, cost = (np.asarray(part, np.float64) for part in computed)
        for label in (0, 1):
            rows = real & (y[filled] == label)
            sums[seed, label] += gradients[rows].sum(0)
            counts[seed, label] += rows.sum()
        costs[seed] += cost[:, real].sum(1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return Attribution(
            sums / counts[..., None, None],
            costs / counts.sum(1)[:, None],
            edges,
            np.array([int((plan.folds.test.any(0) & (y == k)).sum()) for k in (0, 1)]),
        )


def _models(
    dataset: Dataset, plan: Plan, chosen: Int[np.ndarray, " F"], options: DeviceOptions
) -> Iterator[tuple[int, int, Variables, ModelSettings]]:
    """The trained models, one after another: fold, number of the seed, parameters, their network."""
    rows = np.array(
        [
            np.ravel_multi_index((chosen[f], 0, f, s), plan.shape)
            for f in range(plan.shape[2])
            for s in range(plan.shape[3])
        ]
    )
    for group in plan.groups:
        programs = Programs(dataset, group.settings, **options)
        own = rows[np.isin(rows, group.rows)]
        epochs = plan.epochs(own) if len(own) else np.zeros(0, np.int64)
        for number in dict.fromkeys(epochs.tolist()):
            same = own[epochs == number]
            for first in range(0, len(same), programs.runs_at_once):
                chunk = same[first : first + programs.runs_at_once]
                result = programs.train(plan.runs(dataset, chunk), number, curves=False)
                status, variables = np.asarray(result.status), jax.tree.map(np.asarray, result.variables)
                _, _, fold, seed = plan.indices(chunk)
                for place in range(len(chunk)):
                    if status[place] == RunStatus.OK:
                        one = jax.tree.map(lambda leaf, at=place: leaf[at], variables)
                        yield int(fold[place]), int(seed[place]), one, group.settings.model


def _filled(test: Bool[np.ndarray, " N"], width: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.bool_]]:
    """Rows of the scored trials, repeated up to one width for all folds, and which are not repetitions."""
    rows = np.flatnonzero(test)
    real = np.arange(width) < len(rows)
    return np.resize(rows, width), real


@partial(jax.jit, static_argnames="settings")
def _computed(
    variables: Variables,
    x: Float[Array, "M T C"],
    valid: Bool[Array, "M T"],
    y: Int[Array, " M"],
    edges: Int[Array, " E"],
    *,
    settings: ModelSettings,
) -> tuple[Float[Array, "M T C"], Float[Array, "W M"]]:
    return (
        integrated_gradients(variables, x, valid, settings=settings),
        occluded(variables, x, valid, y, edges, settings=settings),
    )


def log_odds(
    variables: Variables, x: Float[Array, "M T C"], valid: Bool[Array, "M T"], *, settings: ModelSettings
) -> Float[Array, " M"]:
    """Log odds of class 1."""
    logits = network_of(settings).apply(variables, x, valid)
    odds: Array = logits[:, 1] - logits[:, 0]
    return odds


def integrated_gradients(
    variables: Variables, x: Float[Array, "M T C"], valid: Bool[Array, "M T"], *, settings: ModelSettings
) -> Float[Array, "M T C"]:
    """Share of each step and channel in a trial's log odds (Sundararajan et al. 2017), against the mean training trial.

    The path is straight from the training trials' mean of each channel, which standardisation maps to zero, to the trial;
    the integral is taken at the midpoints of `STEPS` pieces. Steps that are not valid have none.
    """
    start = jnp.where(valid[:, :, None], variables["standardisation"]["mean"][None, None, :], 0.0)

    def slope(total: Array, at: Array) -> tuple[Array, None]:
        between = start + at * (x - start)
        gradient = jax.grad(lambda x: log_odds(variables, x, valid, settings=settings).sum())(between)
        return total + gradient, None

    midpoints = (jnp.arange(INTEGRAL_STEPS, dtype=jnp.float32) + 0.5) / INTEGRAL_STEPS
    total, _ = jax.lax.scan(slope, jnp.zeros_like(x), midpoints)
    share: Array = (x - start) * total / INTEGRAL_STEPS
    return jnp.where(valid[:, :, None], share, 0.0)


def occluded(
    variables: Variables,
    x: Float[Array, "M T C"],
    valid: Bool[Array, "M T"],
    y: Int[Array, " M"],
    edges: Int[Array, " E"],
    *,
    settings: ModelSettings,
) -> Float[Array, "W M"]:
    """Rise of each trial's cross-entropy, in nats, when a window is set to the training trials' mean of each channel."""
    mean = variables["standardisation"]["mean"][None, None, :]
    sign = jnp.where(y == 1, 1.0, -1.0)

    def loss(x: Array) -> Array:
        return jax.nn.softplus(-sign * log_odds(variables, x, valid, settings=settings))

    step = jnp.arange(x.shape[1])
    whole = loss(x)

    def cost(low: Array, high: Array) -> Array:
        hidden = ((step >= low) & (step < high))[None, :, None]
        return loss(jnp.where(hidden, mean, x)) - whole

    costs: Array = jax.lax.map(lambda edge: cost(*edge), (edges[:-1], edges[1:]))
    return costs

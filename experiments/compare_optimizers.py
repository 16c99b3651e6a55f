"""Whether plain SGD can take Adam's place: momentum, warm-up, a schedule, and other initial distributions.

    python experiments/compare_optimizers.py                # about ten minutes on two cores
    python experiments/compare_optimizers.py --seeds 1

The default network is trained on simulated studies (effects of .15 and .3 mm, 12 participants x 8 smilers, three kinds of
response), on draws other than those on which classifiers are compared. Folds hold out blocks of participants and of stimuli
together, three of each. A row is one optimiser with one initial distribution, a column the balanced accuracy of the mean
probability of the seeds; "minus Adam" is the mean difference over the studies and the standard error of it.

Initial distributions: PyTorch's (uniform in +-1/sqrt(inputs), the default), Glorot's normal with biases of zero, He's
normal, and Glorot's with an orthogonal recurrent matrix. Warm-up goes linearly from 0 over a tenth of the steps, and the
rate then falls to 0 as a cosine does.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
import optax
import pandas as pd
import tyro
from classifier_benchmark.problems import RESPONSES, Prepared
from jax.nn import initializers
from jaxtyping import Array, Float

import smilejax
from smilejax.evaluation.metrics.per_trial import balanced_accuracy, correct
from smilejax.models.network import Params, Variables, init, network_of
from smilejax.recordings.recording import length_ms
from smilejax.splits import by_participant_and_stimulus
from smilejax.training.epochs import minibatch_rows
from smilejax.training.run import standardised_channels
from smilejax.training.train_state import fit_standardisation

KEY, SIZE, BLOCKS = 31, (12, 8), 3
EFFECTS_MM = (0.15, 0.3)
ADAM = "Adam .003"


@dataclass(frozen=True)
class Arguments:
    """What this script takes."""

    seeds: int = 2
    """Trainings of each fold, whose probabilities are averaged."""
    epochs: int = 40
    """Passes over the training trials."""
    long_epochs: int = 160
    """Passes of the rows that are given more time."""


@dataclass(frozen=True)
class Way:
    """An optimiser with its schedule, where it starts, and for how long it goes.

    Arguments:
        name: of the row.
        optimizer: from the number of steps.
        start: how weights are drawn, by name in `STARTS`.
        long: whether it is given `long_epochs`.
        dropout: proportion of dense units dropped.
    """

    name: str
    optimizer: Callable[[int], optax.GradientTransformation]
    start: str = "PyTorch's"
    long: bool = False
    dropout: float = 0.5


def constant(rate: float, momentum: float) -> Callable[[int], optax.GradientTransformation]:
    """SGD at one rate."""
    return lambda steps: optax.sgd(rate, momentum=momentum or None)


def scheduled(rate: float, clip: float | None = None) -> Callable[[int], optax.GradientTransformation]:
    """SGD with Nesterov's momentum of .9, warm-up and cosine, and the gradient's norm held below `clip`."""

    def make(steps: int) -> optax.GradientTransformation:
        schedule = optax.warmup_cosine_decay_schedule(0.0, rate, max(1, steps // 10), steps)
        sgd = optax.sgd(schedule, momentum=0.9, nesterov=True)
        return sgd if clip is None else optax.chain(optax.clip_by_global_norm(clip), sgd)

    return make


def redrawn(kernel: initializers.Initializer, recurrent: initializers.Initializer) -> Callable[[Params, Array], Params]:
    """Every matrix of a network drawn anew, and biases of zero."""

    def draw(params: Params, key: Array) -> Params:
        flat, form = jax.tree_util.tree_flatten_with_path(params)
        keys = jax.random.split(key, len(flat))
        drawn = []
        for (path, leaf), one in zip(flat, keys, strict=True):
            of_recurrence = (
                "recurrent" in jax.tree_util.keystr(path) and leaf.ndim == 2 and leaf.shape[0] * 4 == leaf.shape[1]
            )
            way = recurrent if of_recurrence else kernel
            drawn.append(way(one, leaf.shape, leaf.dtype) if leaf.ndim == 2 else jnp.zeros_like(leaf))
        return jax.tree.unflatten(form, drawn)

    return draw


STARTS: dict[str, Callable[[Params, Array], Params]] = {
    "PyTorch's": lambda params, key: params,
    "Glorot": redrawn(initializers.glorot_normal(), initializers.glorot_normal()),
    "He": redrawn(initializers.he_normal(), initializers.he_normal()),
    "Glorot, orthogonal": redrawn(initializers.glorot_normal(), initializers.orthogonal()),
}

FAR = "Glorot, orthogonal"
WAYS = (
    Way(ADAM, lambda steps: optax.adam(0.003)),
    Way("SGD 1, Nesterov .9, warm-up, cosine, norm below 1", scheduled(1.0, clip=1.0), FAR),
    Way("the same, no dropout", scheduled(1.0, clip=1.0), FAR, dropout=0.0),
    Way("SGD .3, Nesterov .9, warm-up, cosine, norm below 1", scheduled(0.3, clip=1.0), FAR),
    Way("the same, no dropout", scheduled(0.3, clip=1.0), FAR, dropout=0.0),
    Way("the same, no dropout", scheduled(0.3, clip=1.0), dropout=0.0),
    Way("the same, no dropout, long", scheduled(0.3, clip=1.0), FAR, dropout=0.0, long=True),
    Way("SGD 1, Nesterov .9, warm-up, cosine", scheduled(1.0)),
    Way("SGD .01, momentum .9", constant(0.01, 0.9)),
    Way("SGD .1, momentum .9", constant(0.1, 0.9)),
    Way("SGD .1, momentum .9", constant(0.1, 0.9), FAR),
    *(Way(ADAM, lambda steps: optax.adam(0.003), start) for start in list(STARTS)[1:]),
)


def studies() -> dict[str, Prepared]:
    """The simulated studies, by name."""
    made = {}
    for place, (effect, response) in enumerate(itertools.product(EFFECTS_MM, RESPONSES)):
        settings = smilejax.SimulationSettings(
            participants=SIZE[0], smilers=SIZE[1], effect_mm=effect, **RESPONSES[response]
        )
        trials = smilejax.simulate_study(settings, key=jax.random.fold_in(jax.random.key(KEY), place)).trials
        dataset = smilejax.prepare(trials, smilejax.Recipe())
        folds = by_participant_and_stimulus(
            dataset, participant_blocks=BLOCKS, stimulus_blocks=BLOCKS, key=jax.random.key(KEY)
        )
        made[f"{response} {effect:g}"] = Prepared(dataset, folds, length_ms(trials))
    return made


@partial(jax.jit, static_argnames=("way", "epochs", "standardised"))
def probabilities(
    dataset: smilejax.Dataset, train: Array, keys: Array, *, way: Way, epochs: int, standardised: tuple[bool, ...]
) -> Float[Array, "F S N"]:
    """Probability of the second class for every trial, of each fold and seed."""
    settings = smilejax.TrainingSettings()
    x, valid, y = dataset.x, dataset.valid, dataset.y
    size = settings.minibatch_size

    def one(train: Array, key: Array) -> Array:
        init_key, start_key, order_key, drop_key = jax.random.split(key, 4)
        drawn = init(settings.model, samples=x.shape[1], channels=x.shape[2], key=init_key)
        params = STARTS[way.start](drawn["params"], start_key)
        fitted = fit_standardisation(x, valid, train, standardised, settings.model)
        steps = -(-jnp.sum(train) // size)
        optimizer = way.optimizer(epochs * -(-x.shape[0] * 4 // 9 // size))  # 4 of 9 blocks are trained on
        network = network_of(settings.model)

        def loss(params: Params, rows: Array, real: Array, key: Array) -> Array:
            variables: Variables = {"params": params, "standardisation": fitted}
            logits = network.apply(variables, x[rows], valid[rows], dropout=way.dropout, key=key)
            losses = optax.softmax_cross_entropy_with_integer_labels(logits, y[rows])
            return jnp.sum(jnp.where(real, losses, 0.0)) / jnp.maximum(jnp.sum(real), 1)

        def epoch(number: Array, carry: tuple[Params, optax.OptState]) -> tuple[Params, optax.OptState]:
            rows, real = minibatch_rows(train, jax.random.fold_in(order_key, number), size)
            of_epoch = jax.random.fold_in(drop_key, number)

            def step(place: Array, carry: tuple[Params, optax.OptState]) -> tuple[Params, optax.OptState]:
                params, state = carry
                gradient = jax.grad(loss)(params, rows[place], real[place], jax.random.fold_in(of_epoch, place))
                with jax.numpy_dtype_promotion("standard"):
                    updates, state = optimizer.update(gradient, state, params)
                return optax.apply_updates(params, updates), state

            return jax.lax.fori_loop(0, steps, step, carry)

        params, _ = jax.lax.fori_loop(0, epochs, epoch, (params, optimizer.init(params)))
        logits = network.apply({"params": params, "standardisation": fitted}, x, valid)
        return jax.nn.softmax(logits)[:, 1]

    return jax.lax.map(lambda fold: jax.lax.map(lambda key: one(fold, key), keys), train)


def score(study: Prepared, way: Way, args: Arguments) -> float:
    """Balanced accuracy over the folds' held-out trials, of the mean probability of the seeds."""
    dataset, folds = study.dataset, study.folds
    keys = jax.random.split(jax.random.key(KEY + 1), args.seeds)
    train = jnp.asarray(folds.train) & dataset.kept[None]
    epochs = args.long_epochs if way.long else args.epochs
    found = probabilities(dataset, train, keys, way=way, epochs=epochs, standardised=standardised_channels(dataset))
    mean: npt.NDArray[np.float32] = np.asarray(found.mean(axis=1))
    y, test = np.asarray(dataset.y), np.asarray(folds.test) & np.asarray(dataset.kept)
    held_out, truth = (
        np.concatenate([of[now] for of, now in zip(each, test, strict=True)]) for each in (mean, [y] * len(test))
    )
    return float(balanced_accuracy(correct(held_out, truth), truth))


def main(args: Arguments) -> None:
    """One row a way, printed as it is found."""
    made = studies()
    rows: list[list[float]] = []
    for way in WAYS:
        rows.append([score(study, way, args) for study in made.values()])
        difference = np.subtract(rows[-1], rows[0])
        error = difference.std(ddof=1) / len(difference) ** 0.5
        print(
            f"{way.name:44s} {way.start:20s}",
            *(f"{value:.3f}" for value in rows[-1]),
            f"mean {np.mean(rows[-1]):.3f}  minus Adam {difference.mean():+.3f} ({error:.3f})",
            flush=True,
        )
    index = pd.MultiIndex.from_tuples([(way.name, way.start) for way in WAYS], names=["optimiser", "start"])
    print(pd.DataFrame(rows, index, list(made)).assign(mean=np.mean(rows, axis=1)).round(3).to_string())


if __name__ == "__main__":
    main(tyro.cli(Arguments, description=__doc__))

"""A run before and between its steps: what training changes, and what it is made of at the beginning. No I/O."""

from dataclasses import dataclass, replace

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Bool, Float, Int, Num

from smilejax.models.network import Params, Standardisation, Variables, init
from smilejax.models.network_input import crops_input, network_input, shape_of
from smilejax.settings import ModelSettings, TrainingSettings
from smilejax.training.run import Described, Run

MIN_SD = 1e-6
"""A channel with a smaller standard deviation over the training trials is constant: it is centred, and not divided."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class TrainState:
    """A run under way.

    Arguments:
        params: the network's parameters, which training changes.
        standardisation: of the network's input, fitted once to the training trials.
        optimizer: optax's state.
        epoch: `i32[]`, epochs completed; diverged: `bool[]`, whether the loss has stopped being finite.
    """

    params: Params
    standardisation: Standardisation
    optimizer: object  # optax's, whose form depends on the optimiser
    epoch: Int[Described, "*R"]
    diverged: Bool[Described, "*R"]

    @property
    def variables(self) -> Variables:
        """As the network takes them."""
        return {"params": self.params, "standardisation": self.standardisation}


def program_of(settings: TrainingSettings) -> TrainingSettings:
    """The settings with what `Run` or the caller carries set to fixed values: two that differ only there share a program."""
    weight_decay = 0.0 if settings.optimizer != "adamw" else 1.0
    model = replace(settings.model, dropout=0.0)
    return replace(settings, learning_rate=1.0, weight_decay=weight_decay, epochs=1, model=model)


def initial_state(
    x: Num[Array, "N T ..."],
    run: Run,
    standardisation: Standardisation | None,
    start: Variables | None,
    *,
    settings: TrainingSettings,
) -> TrainState:
    """A run before its first step.

    Arguments:
        x: as in `NetworkData`, for its shape.
        standardisation: from `fit_standardisation` of the run's own training trials; None leaves channels as they are.
        start: parameters to go on from, their standardisation included; None draws initial weights from the run's key.
    """
    init_key, _, _ = run_keys(run)
    variables = start or init(settings.model, **shape_of(x), key=init_key)
    params = variables["params"]
    fitted = variables["standardisation"] if standardisation is None else standardisation
    state = make_optimizer(settings, run).init(params)
    return TrainState(params, fitted, state, jnp.zeros((), jnp.int32), jnp.zeros((), bool))


def run_keys(run: Run) -> tuple[Array, Array, Array]:
    """For initial weights, the order of trials, and dropout."""
    init_key, order_key, dropout_key = jax.random.split(run.key, 3)
    return init_key, order_key, dropout_key


def fit_standardisation(
    x: Num[Array, "N T ..."],
    valid: Bool[Array, "N T"],
    train: Bool[Array, " N"],
    standardised: tuple[bool, ...],
    model: ModelSettings,
) -> Standardisation:
    """Mean and standard deviation of what the model is given, over the valid steps of the training trials, and of no others.

    Channels that are not to be standardised (masks), and constant ones, get a standard deviation of 1. Of crops each colour has
    one mean and one standard deviation, over all pixels.
    """
    on = jnp.asarray(standardised)
    if x.ndim == 5:
        return _standardised(*_of_colours(x, valid, train), on)
    x, valid = network_input(x, valid, model.velocity_steps)
    taken = (train[:, None] & valid)[:, :, None]
    x = jnp.where(taken, x, 0.0)  # padding may hold NaN, which a weight of zero would not silence
    weight = taken.astype(x.dtype)
    count = jnp.maximum(jnp.sum(weight), 1.0)
    mean = jnp.sum(x, axis=(0, 1)) / count
    sd = jnp.sqrt(jnp.sum(weight * (x - mean[None, None, :]) ** 2, axis=(0, 1)) / count)
    return _standardised(mean, sd, on)


def _standardised(mean: Float[Array, " C"], sd: Float[Array, " C"], on: Bool[Array, " C"]) -> Standardisation:
    return {"mean": jnp.where(on, mean, 0.0), "sd": jnp.where(on & (sd > MIN_SD), sd, 1.0)}


def _of_colours(
    x: Num[Array, "N T S S C"], valid: Bool[Array, "N T"], train: Bool[Array, " N"]
) -> tuple[Float[Array, " C"], Float[Array, " C"]]:
    """Mean and standard deviation of each colour. Frame by frame first: 32 bits cannot sum all pixels of many clips."""
    taken = train[:, None] & valid
    weight = taken.astype(jnp.float32)[:, :, None]
    count = jnp.maximum(jnp.sum(weight), 1.0)

    def over_frames(of_frame: Float[Array, "N T C"]) -> Float[Array, " C"]:
        return jnp.sum(weight * of_frame, axis=(0, 1)) / count

    x = crops_input(x, taken)
    mean = over_frames(jnp.mean(x, axis=(2, 3)))
    return mean, jnp.sqrt(over_frames(jnp.mean((x - mean[None, None, None, None, :]) ** 2, axis=(2, 3))))


def make_optimizer(settings: TrainingSettings, run: Run) -> optax.GradientTransformation:
    """The optimiser; its rate and weight decay are the run's."""
    if settings.optimizer == "sgd":
        return optax.sgd(run.learning_rate, momentum=settings.momentum or None)
    if settings.optimizer == "adam":
        return optax.adam(run.learning_rate)
    return optax.adamw(run.learning_rate, weight_decay=run.weight_decay)

"""Networks from trials to logits, by name; the first of them is the project report's.

    x [T, C] -> velocity -> standardise -> recurrent cell over T, H units -> means of P steps -> flatten T/P*H
             -> fc1 -> sigmoid -> dropout -> fc2 -> sigmoid -> dropout -> fc3 -> 2 logits

The report's had neither the velocity nor the means (`velocity_steps` 0, `pool_steps` 1). Those of crops of faces are in
`picture_networks`.

A trained network is its variables: `params`, which training changes, and `standardisation`, the mean and standard deviation of
each channel over the training trials. Any Flax module can take the network's place: `register_network`.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TypedDict

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jaxtyping import Array, Bool, Float, Num

from smilejax._util.errors import SettingsError, listed
from smilejax._util.keys import check_key
from smilejax.models.dropout import drop
from smilejax.models.native import lstm_kernel
from smilejax.models.network_input import TrialShape, crops_input, network_input, shape_of
from smilejax.models.picture_networks import HALVINGS, PictureNetwork
from smilejax.models.recurrent_cells import CELLS, Carry, uniform_within
from smilejax.settings import ModelSettings
from smilejax.settings.training_settings import BUILT_IN, NETWORKS_OF_PICTURES, RECURRENT

Params = dict[str, object]
"""The parameters of a Flax module: a nested dict of arrays, whose form is the module's own."""


class Standardisation(TypedDict):
    """Mean and standard deviation of each channel, `f32[C]` each; 0 and 1 for a channel that is left as it is."""

    mean: Float[Array, "*R C"]
    sd: Float[Array, "*R C"]


class Variables(TypedDict):
    """All that training determines. JSON-like, so that a checkpoint keeps it by the names of its parts."""

    params: Params
    standardisation: Standardisation


NetworkFactory = Callable[[ModelSettings], nn.Module]
CLASS_COUNT = 2


class _MaskedStep(nn.Module):
    """One time step: where a step is not valid, the carry is handed on as it is and the output is zero."""

    cell: str
    hidden: int

    @nn.compact
    def __call__(self, carry: Carry, inputs: tuple[Array, Array]) -> tuple[Carry, Array]:
        x, valid = inputs
        new, h = CELLS[self.cell](self.hidden, name="cell")(carry, x)
        kept = jax.tree.map(lambda n, old: jnp.where(valid[:, None], n, old), new, carry)
        return kept, jnp.where(valid[:, None], h, 0.0)


class RecurrentNetwork(nn.Module):
    """The report's network: a cell of `smilejax.models.recurrent_cells` under `nn.scan`, then dense layers."""

    settings: ModelSettings
    native: bool = False
    """Whether an LSTM goes over time by the kernel of `native.lstm_kernel` in place of the scan that defines it."""

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "B T C"],
        valid: Bool[Array, "B T"],
        *,
        dropout: Float[Array, ""] | float = 0.0,
        key: Array | None = None,
    ) -> Float[Array, "B 2"]:
        """Logits. With a key, units are dropped at the rate `dropout`, which may be traced."""
        s = self.settings
        h = _pooled(self._over_time(x, valid), s.pool_steps)
        h = h.reshape(h.shape[0], -1)
        for layer, width in enumerate(s.dense, start=1):
            h = nn.sigmoid(_dense(width, h.shape[-1], f"fc{layer}")(h))
            if key is not None:
                h = drop(h, dropout, jax.random.fold_in(key, layer))
        return _dense(CLASS_COUNT, h.shape[-1], f"fc{len(s.dense) + 1}")(h)

    def _over_time(self, x: Float[Array, "B T C"], valid: Bool[Array, "B T"]) -> Float[Array, "B T H"]:
        s = self.settings
        if self.native and s.cell == "lstm" and not self.is_initializing():
            hidden: Array = lstm_kernel.over_time(self.variables["params"]["recurrent"]["cell"], x, valid)
            return hidden
        over_time = nn.scan(
            _MaskedStep, variable_broadcast="params", split_rngs={"params": False}, in_axes=1, out_axes=1
        )(s.cell, s.hidden, name="recurrent")
        start = CELLS[s.cell](s.hidden, parent=None).initialize_carry(None, (x.shape[0], x.shape[2]))
        return over_time(start, (x, valid))[1]


def _pooled(h: Float[Array, "B T H"], steps: int) -> Float[Array, "B P H"]:
    """Means over so many steps each; what lacks of the last ones counts as 0, as an invalid step does."""
    if steps == 1:
        return h
    h = jnp.pad(h, ((0, 0), (0, -h.shape[1] % steps), (0, 0)))
    return h.reshape(h.shape[0], -1, steps, h.shape[2]).mean(axis=2)


def _dense(width: int, inputs: int, name: str) -> nn.Dense:
    """A dense layer with PyTorch's initial distribution: kernel and bias uniform in +-1/sqrt(inputs)."""
    init = uniform_within(inputs**-0.5)
    return nn.Dense(width, kernel_init=init, bias_init=init, name=name)


# ------------------------------------------------------------------------------------------------------ networks by name

_FACTORIES: dict[str, NetworkFactory] = {
    RECURRENT: lambda settings: RecurrentNetwork(settings, native=lstm_kernel.usable(warn=settings.cell == "lstm")),
    **dict.fromkeys(NETWORKS_OF_PICTURES, PictureNetwork),
}
_replaced = 0


def register_network(name: str, factory: NetworkFactory, *, overwrite: bool = False) -> None:
    """Make a Flax module available as a network: `ModelSettings(network=name)` then trains, saves and loads it.

    Arguments:
        name: what settings, checkpoints and plans call it: letters, digits, `_`, `-` and `.`.
        factory: makes the module from the settings; which of them it reads (`hidden`, `dense`, `cell`) is its own affair. The
            module is called with `x f32[B, T, C]`, of `ModelSettings.velocity_steps` (0 gives samples), standardised and 0
            where not valid, and `valid bool[B, T]`, and returns logits `f32[B, 2]`. Where its `__call__` has parameters
            `dropout` and `key`, it is given the rate, which may be traced, and a PRNG key while training, None otherwise;
            `drop` is made for them. It may hold parameters only, no other variables (no batch statistics). It is
            never given crops.
        overwrite: whether a network of that name may be replaced, as when a notebook's cell is run again. Everything
            compiled before is forgotten.

    A saved model or plan holds the name, not the code. To load one, register the network first; give another name to a network
    that computes something else.

    Raises:
        SettingsError: the name is taken, or not made of these characters.

    Example:
        >>> import flax.linen as nn, smilejax
        >>> class Mean(nn.Module):
        ...     @nn.compact
        ...     def __call__(self, x, valid):
        ...         return nn.Dense(2)(x.sum(1) / valid.sum(1, keepdims=True))
        >>> smilejax.register_network("mean", lambda settings: Mean())
        >>> smilejax.ModelSettings(network="mean").network
        'mean'
    """
    global _replaced
    ModelSettings(network=name)  # its rule is the settings'
    if name in _FACTORIES:
        if not overwrite or name in BUILT_IN:
            raise SettingsError(
                f"there is a network {name} already. Choose another name"
                + ("." if name in BUILT_IN else ", or give overwrite=True to replace it.")
            )
        _replaced += 1
        jax.clear_caches()
    _FACTORIES[name] = factory


def networks() -> tuple[str, ...]:
    """Names of the networks there are."""
    return tuple(_FACTORIES)


def registrations() -> int:
    """How often a network has been replaced: what was compiled before is of another network of the same name."""
    return _replaced


@dataclass(frozen=True)
class Network:
    """A network with its input and standardisation: what is trained, saved and asked for logits. Holds no numbers itself."""

    module: nn.Module
    velocity_steps: int = 0
    """As in `ModelSettings`."""

    def init(self, *, samples: int, channels: int, side: int = 0, key: Array) -> Variables:
        """Fresh parameters for trials of a shape, see `TrialShape`, with a standardisation that changes nothing.

        Raises:
            SettingsError: the module holds more than parameters, or the key is none; or it is given crops and needs none, needs
                them and is given none, or cannot halve their sides.
        """
        check_key(key)
        pictures = isinstance(self.module, PictureNetwork)
        if pictures != (side > 0) or side % 2**HALVINGS:
            needs = f"crops whose sides are multiples of {2**HALVINGS} pixels" if pictures else "channels, and no crops"
            raise SettingsError(
                f"the network is given {needs}; these trials are "
                + (f"crops of {side} x {side} pixels." if side else f"{channels} channels."),
                setting="network",
            )
        x = jnp.zeros((1, samples, side, side, channels) if pictures else (1, samples, channels))
        valid = jnp.ones((1, samples), bool)
        found = dict(jax.jit(self.module.init)(key, x, valid))  # step by step it would compile for seconds
        params = found.pop("params", {})
        if found:
            raise SettingsError(
                f"a network must hold parameters only; {type(self.module).__name__} also has {listed(sorted(found))}. "
                "Use layers without such variables."
            )
        return {"params": params, "standardisation": {"mean": jnp.zeros(channels), "sd": jnp.ones(channels)}}

    def apply(
        self,
        variables: Variables,
        x: Num[Array, "B T ..."],
        valid: Bool[Array, "B T"],
        *,
        dropout: Float[Array, ""] | float = 0.0,
        key: Array | None = None,
    ) -> Float[Array, "B 2"]:
        """Logits. What stands in `x` where `valid` is False (NaN included) changes neither them nor a gradient.

        Arguments:
            variables: from `init` or a training.
            x: `f32[B, T, C]`, not standardised; of a network of crops `[B, T, S, S, 3]`, `u8` or, from 0 to 1, `f32`.
            valid: `bool[B, T]`.
            dropout, key: with a key, units are dropped at that rate.
        """
        mean, sd = variables["standardisation"]["mean"], variables["standardisation"]["sd"]
        if isinstance(self.module, PictureNetwork):
            x = crops_input(x, valid)
        else:
            x, valid = network_input(x, valid, self.velocity_steps)
        steps, channel = (slice(None), slice(None), *[None] * (x.ndim - 2)), (*[None] * (x.ndim - 1), slice(None))
        x = (x - mean[channel]) / sd[channel]
        x = jnp.where(valid[steps], x, 0.0)
        more = {"dropout": dropout, "key": key}
        taken = {name: more[name] for name in _parameters(type(self.module)) if name in more}
        logits: Array = self.module.apply({"params": variables["params"]}, x, valid, **taken)
        return logits


def network_of(settings: ModelSettings) -> Network:
    """The network that settings name, as this machine runs it fastest: the same parameters, the same logits to rounding.

    Raises:
        SettingsError: no network of that name is registered.
    """
    if settings.network not in _FACTORIES:
        raise SettingsError(
            f"there is no network {settings.network}; there are {listed(networks())}. "
            "Import the module that registers it (smilejax.register_network) first."
        )
    return Network(_FACTORIES[settings.network](settings), settings.velocity_steps)


def _parameters(module: type[nn.Module]) -> tuple[str, ...]:
    """Names of the parameters of a module's `__call__`."""
    return tuple(inspect.signature(module.__call__).parameters)


def init(settings: ModelSettings, *, samples: int, channels: int, side: int = 0, key: Array) -> Variables:
    """Fresh variables of the network that settings name: `network(settings).init`."""
    return network_of(settings).init(samples=samples, channels=channels, side=side, key=key)


def check_variables(
    variables: Variables, settings: ModelSettings, *, samples: int, channels: int, side: int = 0, what: str
) -> None:
    """Refuse variables that are not of this network for trials of this shape.

    Arguments:
        samples, channels, side: see `TrialShape`. what: what the variables are called in the message.

    Raises:
        SettingsError: naming the arrays that differ, with both shapes.
    """
    wanted, given = _wanted(settings, samples, channels, side, registrations()), _shapes(variables)
    if wanted != given:
        differing = sorted(name for name in wanted.keys() | given.keys() if wanted.get(name) != given.get(name))
        raise SettingsError(
            f"{what} must fit the network and the trials ({samples} steps, {channels} channels"
            + (f", crops of {side} x {side} pixels); " if side else "); ")
            + listed(f"{name} is {_words(given.get(name))} instead of {_words(wanted.get(name))}" for name in differing)
            + ". Change the model's settings, or crop, pad or resample the trials."
        )


@lru_cache(maxsize=64)
def _wanted(
    settings: ModelSettings, samples: int, channels: int, side: int, replaced: int
) -> dict[str, tuple[int, ...]]:
    """Shapes of a network's variables by their names; `replaced` tells networks of one name from another."""
    trials: TrialShape = {"samples": samples, "channels": channels, "side": side}
    return _shapes(jax.eval_shape(lambda: init(settings, **trials, key=jax.random.key(0))))


def _shapes(tree: object) -> dict[str, tuple[int, ...]]:
    return {
        "/".join(str(getattr(part, "key", part)) for part in path): tuple(np.shape(leaf))
        for path, leaf in jax.tree_util.tree_leaves_with_path(tree)
    }


def _words(shape: tuple[int, ...] | None) -> str:
    return "absent" if shape is None else f"{list(shape)}"


def logits(
    variables: Variables,
    x: npt.ArrayLike | Array,
    valid: npt.ArrayLike | Array | None = None,
    *,
    model: ModelSettings | None = None,
) -> Float[Array, "N 2"]:
    """Logits of a trained network, without dropout.

    Arguments:
        variables: from `train`, `load_model` or `from_torch`.
        x: `f32[N, T, C]`, not standardised: the standardisation among the variables is applied. Of a network of crops
            `u8[N, T, S, S, 3]`.
        valid: `bool[N, T]`, steps that carry a value; None means all.
        model: the network that they belong to: `result.settings.model`, `predictor.settings.model`, or what `from_torch`
            returned; None means the default `ModelSettings()`.

    Returns:
        `f32[N, 2]`; softmax over the last axis gives class probabilities.

    Raises:
        SettingsError: the variables are not of that network, or T or C differ from what they were made for.
    """
    settings = model or ModelSettings()
    x = jnp.asarray(x, jnp.uint8 if settings.of_pictures else jnp.float32)
    axes = (5, "S pixels, S pixels, 3 colours") if settings.of_pictures else (3, "C channels")
    if x.ndim != axes[0]:
        raise SettingsError(f"x must be shaped [N trials, T steps, {axes[1]}]; it is {list(x.shape)}.")
    check_variables(variables, settings, **shape_of(x), what="variables")
    steps = jnp.ones(x.shape[:2], bool) if valid is None else jnp.asarray(valid)
    if steps.dtype != jnp.bool_ or steps.shape != x.shape[:2]:
        raise SettingsError(f"valid must be bool{list(x.shape[:2])}; it is {steps.dtype}{list(steps.shape)}.")
    return logits_program(variables, x, steps, settings=settings)


@partial(jax.jit, static_argnames="settings")
def logits_program(
    variables: Variables, x: Num[Array, "N T ..."], valid: Bool[Array, "N T"], *, settings: ModelSettings
) -> Float[Array, "N 2"]:
    """Logits by one compiled program; `logits` checks its arguments before."""
    return network_of(settings).apply(variables, x, valid)

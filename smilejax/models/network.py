"""The network of the project report, in Flax linen. The only module that imports flax.

    x [T, C] -> scaling -> recurrent cell over T, H units -> flatten T*H -> fc1 -> sigmoid -> dropout
             -> fc2 -> sigmoid -> dropout -> fc3 -> 2 logits

Parameters are two collections: `params`, which training changes, and `scaling`, the mean and standard deviation of each
channel over the training trials. Cells carry their weights and biases as PyTorch does (gate order, and two bias vectors):
plain SGD moves both, so that their sum learns twice as fast as one bias would, and a faithful preset needs that.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy.typing as npt
from jaxtyping import Array, Bool, Float

from smilejax._util.errors import SettingsError
from smilejax.models.native import lstm_kernel
from smilejax.settings import ModelSettings

Variables = dict[str, Any]
"""`{"params": {...}, "scaling": {"mean": f32[C], "sd": f32[C]}}`."""

CLASSES = 2


def _uniform(bound: float) -> Callable[..., Array]:
    def init(key: Array, shape: tuple[int, ...], dtype: Any = jnp.float32) -> Array:
        return jax.random.uniform(key, shape, dtype, -bound, bound)

    return init


class _Cell(nn.Module):
    """What the cells share: their weights, with PyTorch's initial distribution, uniform in +-1/sqrt(hidden)."""

    hidden: int
    gates: int = 1

    def start(self, batch: int) -> Any:
        """The carry before the first step."""
        return jnp.zeros((batch, self.hidden))

    def projections(self, x: Float[Array, "B C"], h: Float[Array, "B H"]) -> tuple[Array, Array]:
        """`x W_ih + b_ih` and `h W_hh + b_hh`, each `[B, gates * H]`."""
        width = self.gates * self.hidden
        init = _uniform(self.hidden**-0.5)
        w_ih = self.param("w_ih", init, (x.shape[-1], width))
        w_hh = self.param("w_hh", init, (self.hidden, width))
        b_ih = self.param("b_ih", init, (width,))
        b_hh = self.param("b_hh", init, (width,))
        return x @ w_ih + b_ih[None, :], h @ w_hh + b_hh[None, :]


class LSTMCell(_Cell):
    """Long short-term memory; gates in the order input, forget, cell, output (PyTorch's)."""

    gates: int = 4

    def start(self, batch: int) -> Any:
        """Hidden and cell state, both zero."""
        return jnp.zeros((batch, self.hidden)), jnp.zeros((batch, self.hidden))

    @nn.compact
    def __call__(self, carry: Any, x: Float[Array, "B C"]) -> tuple[Any, Float[Array, "B H"]]:
        """One step: the new carry, and the output."""
        h, c = carry
        from_x, from_h = self.projections(x, h)
        i, f, g, o = jnp.split(from_x + from_h, 4, axis=-1)
        c = nn.sigmoid(f) * c + nn.sigmoid(i) * jnp.tanh(g)
        h = nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h


class GRUCell(_Cell):
    """Gated recurrent unit; gates in the order reset, update, new (PyTorch's)."""

    gates: int = 3

    @nn.compact
    def __call__(self, carry: Any, x: Float[Array, "B C"]) -> tuple[Any, Float[Array, "B H"]]:
        """One step: the new carry, and the output."""
        from_x, from_h = self.projections(x, carry)
        (xr, xz, xn), (hr, hz, hn) = jnp.split(from_x, 3, axis=-1), jnp.split(from_h, 3, axis=-1)
        update = nn.sigmoid(xz + hz)
        new = jnp.tanh(xn + nn.sigmoid(xr + hr) * hn)
        h = (1 - update) * new + update * carry
        return h, h


class RNNCell(_Cell):
    """The plain recurrence the report explains: `h_t = tanh(W h_{t-1} + U x_t + b)`."""

    @nn.compact
    def __call__(self, carry: Any, x: Float[Array, "B C"]) -> tuple[Any, Float[Array, "B H"]]:
        """One step: the new carry, and the output."""
        from_x, from_h = self.projections(x, carry)
        h = jnp.tanh(from_x + from_h)
        return h, h


CELLS: dict[str, type[_Cell]] = {"lstm": LSTMCell, "gru": GRUCell, "rnn": RNNCell}


class _Step(nn.Module):
    """One time step: where a step is not valid, the carry is handed on as it is and the output is zero."""

    cell: str
    hidden: int

    @nn.compact
    def __call__(self, carry: Any, inputs: tuple[Array, Array]) -> tuple[Any, Array]:
        x, valid = inputs
        new, h = CELLS[self.cell](self.hidden, name="cell")(carry, x)
        held = jax.tree.map(lambda n, old: jnp.where(valid[:, None], n, old), new, carry)
        return held, jnp.where(valid[:, None], h, 0.0)


class Network(nn.Module):
    """The report's network. Call with `x f32[B, T, C]` and `valid bool[B, T]`; gives logits `f32[B, 2]`.

    What stands in `x` where `valid` is False (NaN included) changes neither the answer nor a gradient.
    """

    settings: ModelSettings
    native: bool = False
    """Whether an LSTMCell goes over time by the kernel of `native.lstm` in place of the scan that defines it."""

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
        x = self._scaled(jnp.where(valid[:, :, None], x, 0.0))
        x = jnp.where(valid[:, :, None], x, 0.0)
        h = self._over_time(x, valid)
        h = h.reshape(h.shape[0], -1)
        for layer, width in enumerate(s.dense, start=1):
            h = nn.sigmoid(_dense(width, h.shape[-1], f"fc{layer}")(h))
            if key is not None:
                h = _drop(h, dropout, jax.random.fold_in(key, layer))
        return _dense(CLASSES, h.shape[-1], f"fc{len(s.dense) + 1}")(h)

    def _over_time(self, x: Float[Array, "B T C"], valid: Bool[Array, "B T"]) -> Float[Array, "B T H"]:
        s = self.settings
        if self.native and s.cell == "lstm" and not self.is_initializing():
            hidden: Array = lstm_kernel.over_time(self.variables["params"]["recurrent"]["cell"], x, valid)
            return hidden
        over_time = nn.scan(_Step, variable_broadcast="params", split_rngs={"params": False}, in_axes=1, out_axes=1)(
            s.cell, s.hidden, name="recurrent"
        )
        start = CELLS[s.cell](s.hidden, parent=None).start(x.shape[0])
        return over_time(start, (x, valid))[1]

    def _scaled(self, x: Float[Array, "B T C"]) -> Float[Array, "B T C"]:
        mean = self.variable("scaling", "mean", jnp.zeros, x.shape[-1:])
        sd = self.variable("scaling", "sd", jnp.ones, x.shape[-1:])
        return (x - mean.value[None, None, :]) / sd.value[None, None, :]


def _dense(width: int, inputs: int, name: str) -> nn.Dense:
    """A dense layer with PyTorch's initial distribution: kernel and bias uniform in +-1/sqrt(inputs)."""
    init = _uniform(inputs**-0.5)
    return nn.Dense(width, kernel_init=init, bias_init=init, name=name)


def _drop(h: Float[Array, "B D"], rate: Float[Array, ""] | float, key: Array) -> Float[Array, "B D"]:
    """Inverted dropout. Flax's own takes no traced rate, and a plan of runs may vary it."""
    keep = 1.0 - jnp.asarray(rate, h.dtype)
    return jnp.where(jax.random.bernoulli(key, keep, h.shape), h / keep, 0.0)


def network(settings: ModelSettings) -> Network:
    """The network as this machine runs it fastest: the same parameters, the same answers to rounding."""
    return Network(settings, native=lstm_kernel.usable())


def init(settings: ModelSettings, *, samples: int, channels: int, key: Array) -> Variables:
    """Fresh parameters for trials of `samples` steps and `channels` channels, with a scaling that changes nothing."""
    x = jnp.zeros((1, samples, channels))
    variables: Variables = Network(settings).init(key, x, jnp.ones((1, samples), bool))
    return variables


def settings_of(variables: Variables) -> ModelSettings:
    """The model that variables belong to, read from their shapes. Dropout has no shape; it is given as 0.

    Raises:
        SettingsError: they are no variables of this model.
    """
    try:
        p = variables["params"]
        cell = p["recurrent"]["cell"]
        hidden, width = cell["w_hh"].shape
        gates = {1: "rnn", 3: "gru", 4: "lstm"}[width // hidden]
        dense = (p["fc1"]["bias"].shape[0], p["fc2"]["bias"].shape[0])
        return ModelSettings(cell=gates, hidden=hidden, dense=dense, dropout=0.0)  # type: ignore[arg-type]
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise SettingsError(
            "these are not the variables of a smilejax model: expected {'params': {'recurrent', 'fc1', 'fc2', 'fc3'}, "
            "'scaling': {'mean', 'sd'}}. Take them from train, load or from_torch."
        ) from error


def samples_of(variables: Variables) -> int:
    """Steps T that variables were made for."""
    p = variables["params"]
    return int(p["fc1"]["kernel"].shape[0] // p["recurrent"]["cell"]["w_hh"].shape[0])


def logits(
    params: Variables, x: npt.ArrayLike | Array, valid: npt.ArrayLike | Array | None = None
) -> Float[Array, "N 2"]:
    """OutOfFold of the model, without dropout.

    Arguments:
        params: variables from `train`, `load` or `from_torch`; the model's sizes are read from them.
        x: `f32[N, T, C]`, unscaled: the scaling stored with the parameters is applied.
        valid: `bool[N, T]`, steps that carry a value; None means all.

    Returns:
        `f32[N, 2]`; softmax over the last axis gives class probabilities.

    Raises:
        SettingsError: T or C differ from what the parameters were made for.
    """
    settings = settings_of(params)
    expected = (samples_of(params), params["params"]["recurrent"]["cell"]["w_ih"].shape[0])
    x = jnp.asarray(x, jnp.float32)
    if x.ndim != 3 or x.shape[1:] != expected:
        raise SettingsError(
            f"x must be shaped [N, {expected[0]} steps, {expected[1]} channels], as the parameters were made for; "
            f"it is {list(x.shape)}. Crop, pad or resample it."
        )
    steps = jnp.ones(x.shape[:2], bool) if valid is None else jnp.asarray(valid)
    if steps.dtype != jnp.bool_ or steps.shape != x.shape[:2]:
        raise SettingsError(f"valid must be bool{list(x.shape[:2])}; it is {steps.dtype}{list(steps.shape)}.")
    return _logits(settings, params, x, steps)


@partial(jax.jit, static_argnums=0)
def _logits(settings: ModelSettings, params: Variables, x: Array, valid: Array) -> Float[Array, "N 2"]:
    out: Array = network(settings).apply(params, x, valid)
    return out

"""Recurrent cells, each an `nn.RNNCellBase`: they run in `nn.RNN`, and under `nn.scan` in the network of the report.

A cell carries PyTorch's weights: gates in PyTorch's order and two bias vectors, `b_ih` and `b_hh`, which only ever act as their
sum. Plain SGD moves both, so that the sum learns twice as fast as one bias would; a faithful preset needs that. With
`two_biases=False` a cell has the biases of Flax's cell of the same kind.
"""

from collections.abc import Callable
from typing import ClassVar

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

Carry = Array | tuple[Array, Array]
"""What a cell hands on from step to step: `h` for a GRU and a plain cell, `(c, h)` for an LSTM, as in Flax."""


def uniform_within(bound: float) -> Callable[..., Array]:
    """An initialiser: uniform in +-bound, as PyTorch's layers begin."""

    def init(key: Array, shape: tuple[int, ...], dtype: jax.typing.DTypeLike = jnp.float32) -> Array:
        return jax.random.uniform(key, shape, dtype, -bound, bound)

    return init


class Cell(nn.RNNCellBase):
    """What the cells share: their weights, with PyTorch's initial distribution, uniform in +-1/sqrt(features).

    Arguments:
        features: hidden units H.
        two_biases: PyTorch's two bias vectors, or as many biases as Flax's cell has.
    """

    features: int
    two_biases: bool = True
    gates: ClassVar[int] = 1

    @property
    def num_feature_axes(self) -> int:
        """Axes of a step's input that are features: the last one."""
        return 1

    @nn.nowrap
    def initialize_carry(self, rng: Array | None, input_shape: tuple[int, ...]) -> Carry:
        """The carry before the first step: zeros `[..., H]`. `rng` is not used."""
        return jnp.zeros((*input_shape[:-1], self.features))

    def projections(self, x: Float[Array, "*B C"], h: Float[Array, "*B H"]) -> tuple[Array, Array]:
        """What the gates receive from the input and from the hidden state, each `[..., gates * H]`."""
        width = self.gates * self.features
        init = uniform_within(self.features**-0.5)
        w_ih = self.param("w_ih", init, (x.shape[-1], width))
        w_hh = self.param("w_hh", init, (self.features, width))
        b_ih = self.param("b_ih", init, (width,))
        from_x, from_h = x @ w_ih + _along(b_ih, x), h @ w_hh
        if self.two_biases:
            from_h = from_h + _along(self.param("b_hh", init, (width,)), h)
        return from_x, from_h


class LSTMCell(Cell):
    """Long short-term memory (Hochreiter & Schmidhuber 1997); gates in the order input, forget, cell, output."""

    gates: ClassVar[int] = 4

    @nn.nowrap
    def initialize_carry(self, rng: Array | None, input_shape: tuple[int, ...]) -> tuple[Array, Array]:
        """Cell state and hidden state before the first step, zeros `[..., H]` each. `rng` is not used."""
        zeros = jnp.zeros((*input_shape[:-1], self.features))
        return zeros, zeros

    @nn.compact
    def __call__(
        self, carry: tuple[Array, Array], inputs: Float[Array, "*B C"]
    ) -> tuple[tuple[Array, Array], Float[Array, "*B H"]]:
        """One step: the new carry `(c, h)`, and the output `h`."""
        c, h = carry
        from_x, from_h = self.projections(inputs, h)
        i, f, g, o = jnp.split(from_x + from_h, 4, axis=-1)
        c = nn.sigmoid(f) * c + nn.sigmoid(i) * jnp.tanh(g)
        h = nn.sigmoid(o) * jnp.tanh(c)
        return (c, h), h


class GRUCell(Cell):
    """Gated recurrent unit (Cho et al. 2014) in PyTorch's form; gates in the order reset, update, new.

    The reset gate multiplies the recurrent part of the new gate, bias included; so with `two_biases=False` that gate alone
    keeps a recurrent bias of its own, `b_hn`, as in Flax.
    """

    gates: ClassVar[int] = 3

    @nn.compact
    def __call__(self, carry: Array, inputs: Float[Array, "*B C"]) -> tuple[Array, Float[Array, "*B H"]]:
        """One step: the new carry `h`, and the output `h`."""
        from_x, from_h = self.projections(inputs, carry)
        (xr, xz, xn), (hr, hz, hn) = jnp.split(from_x, 3, axis=-1), jnp.split(from_h, 3, axis=-1)
        if not self.two_biases:
            hn = hn + _along(self.param("b_hn", uniform_within(self.features**-0.5), (self.features,)), carry)
        update = nn.sigmoid(xz + hz)
        new = jnp.tanh(xn + nn.sigmoid(xr + hr) * hn)
        h = (1 - update) * new + update * carry
        return h, h


class RNNCell(Cell):
    """The plain recurrence that the report explains: `h_t = tanh(W h_{t-1} + U x_t + b)` (Elman 1990)."""

    @nn.compact
    def __call__(self, carry: Array, inputs: Float[Array, "*B C"]) -> tuple[Array, Float[Array, "*B H"]]:
        """One step: the new carry `h`, and the output `h`."""
        from_x, from_h = self.projections(inputs, carry)
        h = jnp.tanh(from_x + from_h)
        return h, h


CELLS: dict[str, type[Cell]] = {"lstm": LSTMCell, "gru": GRUCell, "rnn": RNNCell}
"""Cells by the names of `ModelSettings.cell`."""


def _along(bias: Float[Array, " W"], like: Float[Array, "*B D"]) -> Array:
    """A bias with the leading axes of what it is added to, each of length 1."""
    return bias.reshape((1,) * (like.ndim - 1) + bias.shape)

"""The recurrent network step by step: its state is carried, and it can be asked after each step. On the host, in NumPy."""

from collections.abc import Mapping
from typing import cast

import jax
import numpy as np
import numpy.typing as npt

from smilejax._util.softmax import softmax
from smilejax.prediction.ensemble import Arrays, members_of
from smilejax.settings import ModelSettings

Floats = npt.NDArray[np.float32]
State = tuple[Floats, Floats]
"""Cell state and hidden state of M networks, `f32[M, H]` each; the first is of use to an LSTM alone."""


class RunningNetwork:
    """M networks given a trial step by step.

    A velocity looks `velocity_steps` - 1 steps ahead. A step's state is carried once these are there; the few steps after it
    are gone through anew for each answer, with the velocities that a trial ending there has. So each answer is that for the
    trial so far.

    Arguments:
        variables, members: as in `Predictor`. model: the network's settings. temperature: what logits are divided by.
        steps: of a whole trial. channels: of a step.
    """

    def __init__(
        self,
        variables: Arrays,
        members: int | None,
        model: ModelSettings,
        *,
        temperature: float,
        steps: int,
        channels: int,
    ) -> None:
        every = members_of(variables, members)
        stacked = jax.tree.map(lambda *leaves: np.stack([np.asarray(leaf, np.float32) for leaf in leaves]), *every)
        self.model, self.temperature, self.steps = model, temperature, steps
        self._params = cast(Mapping[str, Mapping[str, Floats]], stacked["params"])
        self._scale = cast(Mapping[str, Floats], stacked["standardisation"])
        recurrent = cast(Mapping[str, Mapping[str, Floats]], stacked["params"]["recurrent"])
        self._cell = recurrent["cell"]
        self.count = len(every)
        self._x = np.zeros((steps, channels), np.float32)
        self._valid = np.zeros(steps, bool)
        self.given = 0
        """Steps that were given."""
        self._carried = 0
        rest = np.zeros((self.count, model.hidden), np.float32)
        self._state: State = (rest, rest)
        self._hidden = np.zeros((self.count, steps, model.hidden), np.float32)

    def give(self, x: Floats, valid: bool) -> None:
        """The next step: `f32[C]`, and whether it carries a value."""
        self._x[self.given] = x if valid else 0.0
        self._valid[self.given] = valid
        self.given += 1
        ahead = max(self.model.velocity_steps - 1, 0)
        while self._carried < self.given - ahead:
            self._state = self._after(self._state, self._carried)
            self._carried += 1

    def probability(self) -> npt.NDArray[np.float64]:
        """`f64[2]`: the probability of each class for the trial so far, the mean over networks."""
        state = self._state
        for step in range(self._carried, self.given):
            state = self._after(state, step)
        values = self._pooled()
        layers = len(self.model.dense) + 1
        for layer in range(1, layers + 1):
            dense = self._params[f"fc{layer}"]
            values = np.einsum("mi,mio->mo", values, dense["kernel"]) + dense["bias"]
            if layer < layers:
                values = _sigmoid(values)
        p: npt.NDArray[np.float64] = np.mean(softmax(values.astype(np.float64) / self.temperature), axis=0)
        return p

    def _after(self, state: State, step: int) -> State:
        """The state after a step, whose hidden state is noted; where it is not valid, the state is handed on."""
        x, valid = self._input(step)
        if not valid:
            self._hidden[:, step] = 0.0
            return state
        scaled = (x[None] - self._scale["mean"]) / self._scale["sd"]
        new = CELLS[self.model.cell](self._cell, state, scaled)
        self._hidden[:, step] = new[1]
        return new

    def _input(self, step: int) -> tuple[Floats, bool]:
        """As `smilejax.models.network_input`: the sample, or the velocity at it in the trial so far."""
        span = self.model.velocity_steps
        if not span:
            return self._x[step], bool(self._valid[step])
        after, before = slice(step, min(step + span, self.given)), slice(max(step - span, 0), step)
        n_after, n_before = int(self._valid[after].sum()), int(self._valid[before].sum())
        if not n_after or not n_before:
            return self._x[step], False
        ends = (self._x[part].sum(0) / np.float32(n) for part, n in ((after, n_after), (before, n_before)))
        later, earlier = ends
        return later - earlier, True

    def _pooled(self) -> Floats:
        """Means of hidden states over `pool_steps` each, flat: `f32[M, P * H]`."""
        hidden, span = self._hidden, self.model.pool_steps
        if span > 1:
            hidden = np.pad(hidden, ((0, 0), (0, -self.steps % span), (0, 0)))
            hidden = hidden.reshape(self.count, -1, span, self.model.hidden).mean(axis=2)
        return hidden.reshape(self.count, -1)


def _sigmoid(x: Floats) -> Floats:
    # Beyond 80 single precision has 0 and 1, and the exponential would overflow.
    return np.float32(1) / (np.float32(1) + np.exp(-np.clip(x, -80, 80)))


def _projections(cell: Mapping[str, Floats], h: Floats, x: Floats) -> tuple[Floats, Floats]:
    from_x = np.einsum("mc,mcg->mg", x, cell["w_ih"]) + cell["b_ih"]
    return from_x, np.einsum("mh,mhg->mg", h, cell["w_hh"]) + cell["b_hh"]


def _lstm(cell: Mapping[str, Floats], state: State, x: Floats) -> State:
    from_x, from_h = _projections(cell, state[1], x)
    i, f, g, o = np.split(from_x + from_h, 4, axis=-1)
    c = _sigmoid(f) * state[0] + _sigmoid(i) * np.tanh(g)
    return c, _sigmoid(o) * np.tanh(c)


def _gru(cell: Mapping[str, Floats], state: State, x: Floats) -> State:
    from_x, from_h = _projections(cell, state[1], x)
    (xr, xz, xn), (hr, hz, hn) = np.split(from_x, 3, axis=-1), np.split(from_h, 3, axis=-1)
    update = _sigmoid(xz + hz)
    h = (1 - update) * np.tanh(xn + _sigmoid(xr + hr) * hn) + update * state[1]
    return h, h


def _rnn(cell: Mapping[str, Floats], state: State, x: Floats) -> State:
    from_x, from_h = _projections(cell, state[1], x)
    h = np.tanh(from_x + from_h)
    return h, h


CELLS = {"lstm": _lstm, "gru": _gru, "rnn": _rnn}
"""One step of each cell of `smilejax.models.recurrent_cells`."""

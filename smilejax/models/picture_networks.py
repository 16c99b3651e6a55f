"""Networks that are given crops of a face: convolutions of each frame, and a convolutional LSTM over the frames of a clip.

    cnn       pictures [T, S, S, 3] -> 3 x (convolution 3x3, ReLU, means of 2x2) -> mean over valid frames
              -> fc1 -> ReLU -> dropout -> fc2 -> ReLU -> dropout -> fc3 -> 2 logits
    convlstm  pictures [T, S, S, 3] -> convolution 3x3, ReLU, means of 2x2 -> convolutional LSTM over T -> its last hidden
              state, means of 4x4 -> the same dense layers

Convolutions have as many filters as `ModelSettings.hidden`, those of `cnn` twice as many after each halving. A single
frame is a clip of one. The sizes are ours.
"""

import flax.linen as nn
import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from smilejax.models.convolution import ProductConvLSTMCell, SameConv
from smilejax.models.dropout import drop
from smilejax.settings import ModelSettings

HALVINGS = 3
"""How often height and width are halved before the dense layers: sides are multiples of 8."""


class PictureNetwork(nn.Module):
    """`cnn` or `convlstm`, as the settings say."""

    settings: ModelSettings

    @nn.compact
    def __call__(
        self,
        x: Float[Array, "B T S S C"],
        valid: Bool[Array, "B T"],
        *,
        dropout: Float[Array, ""] | float = 0.0,
        key: Array | None = None,
    ) -> Float[Array, "B 2"]:
        """Logits. With a key, units are dropped at the rate `dropout`, which may be traced."""
        s = self.settings
        over_frames = _clip_state if s.network == "convlstm" else _mean_features
        h = over_frames(x, valid, s.hidden)
        for layer, width in enumerate(s.dense, start=1):
            h = nn.relu(nn.Dense(width, name=f"fc{layer}")(h))
            if key is not None:
                h = drop(h, dropout, jax.random.fold_in(key, layer))
        return nn.Dense(2, name=f"fc{len(s.dense) + 1}")(h)


def _mean_features(x: Float[Array, "B T S S C"], valid: Bool[Array, "B T"], filters: int) -> Float[Array, "B D"]:
    """What three convolutions find in each frame, mean over the valid frames; 0 where there is none."""
    batch, steps = valid.shape
    h = x.reshape(batch * steps, *x.shape[2:])
    for stage in range(HALVINGS):
        h = _halved(nn.relu(SameConv(filters * 2**stage, name=f"conv{stage + 1}")(h)), 2)
    h = jnp.where(valid[:, :, None], h.reshape(batch, steps, -1), 0.0)
    frames = jnp.maximum(jnp.sum(valid, axis=1, keepdims=True), 1)
    return jnp.sum(h, axis=1) / frames.astype(h.dtype)


def _clip_state(x: Float[Array, "B T S S C"], valid: Bool[Array, "B T"], filters: int) -> Float[Array, "B D"]:
    """The last hidden state of a convolutional LSTM over the valid frames; zeros where there is none."""
    batch, steps = valid.shape
    h = nn.relu(SameConv(filters, name="conv1")(x.reshape(batch * steps, *x.shape[2:])))
    h = _halved(h, 2)
    h = h.reshape(batch, steps, *h.shape[1:])
    over_time = nn.scan(_MaskedFrame, variable_broadcast="params", split_rngs={"params": False}, in_axes=1, out_axes=1)(
        filters, name="recurrent"
    )
    zeros = jnp.zeros_like(h[:, 0])
    (_, last), _ = over_time((zeros, zeros), (h, valid))
    return _halved(last, 2 ** (HALVINGS - 1)).reshape(batch, -1)


class _MaskedFrame(nn.Module):
    """One frame: where it is not valid, the carry is handed on as it is."""

    filters: int

    @nn.compact
    def __call__(self, carry: tuple[Array, Array], inputs: tuple[Array, Array]) -> tuple[tuple[Array, Array], None]:
        x, valid = inputs
        new, _ = ProductConvLSTMCell(self.filters, (3, 3), name="cell")(carry, x)
        kept = jax.tree.map(lambda n, old: jnp.where(valid[:, None, None, None], n, old), new, carry)
        return kept, None


def _halved(h: Float[Array, "B S S F"], by: int) -> Float[Array, "B Q Q F"]:
    """Means of squares of so many pixels on a side."""
    batch, side, _, filters = h.shape
    return h.reshape(batch, side // by, by, side // by, by, filters).mean(axis=(2, 4))

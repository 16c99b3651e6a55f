"""Preprocessing, nn.scan, a jitted step of SGD, vmap over seeds, Orbax: python experiments/plain_training.py FILE [CLASS CLASS]
Plain SGD at the project report's rate (0.001, no momentum) stays at 50% on a simulated study; as below, it learns."""

import sys
import tempfile

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import optax
import orbax.checkpoint as ocp

import smilejax
from smilejax.models.recurrent_cells import LSTMCell

RATE, MOMENTUM, EPOCHS, MINIBATCH, SEEDS = 0.1, 0.9, 100, 16, 16


class Network(nn.Module):  # noqa: D101
    @nn.compact
    def __call__(self, x):  # noqa: D102
        scan = nn.scan(LSTMCell, variable_broadcast="params", split_rngs={"params": False}, in_axes=1, out_axes=1)
        h = scan(10)(LSTMCell(10, parent=None).initialize_carry(None, x[:, 0].shape), x)[1].reshape(len(x), -1)
        return nn.Dense(2)(nn.sigmoid(nn.Dense(20)(nn.sigmoid(nn.Dense(200)(h)))))


network, optimizer = Network(), optax.sgd(RATE, MOMENTUM)


@jax.jit
def train_step(state, minibatch):  # noqa: D103
    (params, momentum), (x, y) = state, minibatch
    loss = lambda p: optax.softmax_cross_entropy_with_integer_labels(network.apply(p, x), y).mean()  # noqa: E731
    updates, momentum = optimizer.update(jax.grad(loss)(params), momentum)
    return (optax.apply_updates(params, updates), momentum), None


def train(key, x, y):  # noqa: D103
    orders = jax.vmap(lambda k: jax.random.permutation(k, len(y)))(jax.random.split(key, EPOCHS))
    rows = orders[:, : len(y) // MINIBATCH * MINIBATCH].reshape(-1, MINIBATCH)
    params = network.init(key, x[:1])
    return jax.lax.scan(train_step, (params, optimizer.init(params)), (x[rows], y[rows]))[0][0]


if __name__ == "__main__":
    if sys.argv[1:2] in ([], ["--help"]):
        sys.exit(print(__doc__))
    trials = smilejax.read(sys.argv[1], smilejax.ReadSettings(classes=tuple(sys.argv[2:4]) or ("posed", "genuine")))
    data = smilejax.prepare(trials, smilejax.Recipe(resample_hz=5.0, channels=("fused",)))
    test = smilejax.hold_out_participants(data, 0.25, key=jax.random.key(0)).test[0]
    training = ~test & data.kept & (np.asarray(data.y) >= 0)
    x = jnp.where(data.valid[:, :, None], (data.x - data.x[training].mean()) / data.x[training].std(), 0.0)
    params = jax.vmap(lambda key: train(key, x[training], data.y[training]))(jax.random.split(jax.random.key(1), SEEDS))
    with tempfile.TemporaryDirectory() as folder, ocp.PyTreeCheckpointer() as orbax:
        orbax.save(f"{folder}/params", jax.tree.map(np.asarray, params))
        params = orbax.restore(f"{folder}/params")
    predicted = jax.vmap(lambda p: network.apply(p, x[test]))(params).argmax(-1)
    recall = [np.mean(predicted[:, data.y[test] == k] == k, axis=1) for k in (0, 1)]
    print("balanced accuracy of held-out participants, each seed:", *(f"{a:.0%}" for a in sum(recall) / 2))

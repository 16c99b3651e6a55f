"""The cells are Flax cells: they run in `nn.RNN`, and equal Flax's own on the same weights."""

import flax.linen as nn
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from smilejax.models.recurrent_cells import CELLS, GRUCell, LSTMCell, RNNCell

B, T, C, H = 3, 7, 2, 5
LENGTHS = jnp.array([7, 4, 1])

# Names of Flax's gates in the order of ours: input and recurrent layer of each.
GATES = {
    "lstm": (("ii", "hi"), ("if", "hf"), ("ig", "hg"), ("io", "ho")),
    "gru": (("ir", "hr"), ("iz", "hz"), ("in", "hn")),
    "rnn": (("i", "h"),),
}
FLAX = {
    "lstm": nn.LSTMCell,
    "optimized lstm": nn.OptimizedLSTMCell,
    "gru": nn.GRUCell,
    "rnn": nn.SimpleCell,
}


def random_flax_cell(kind: str, rng: np.random.Generator) -> dict:
    """Weights of a Flax cell, biases included, large enough to bend the gates."""
    shapes = jax.eval_shape(
        lambda key: FLAX[kind](H).init(key, FLAX[kind](H).initialize_carry(key, (B, C)), jnp.zeros((B, C))),
        jax.random.key(0),
    )
    return jax.tree.map(lambda leaf: jnp.asarray(rng.normal(size=leaf.shape), jnp.float32), shapes["params"])


def converted(kind: str, theirs: dict, *, two_biases: bool) -> dict:
    """The weights of a Flax cell as ours. A gate's bias is where Flax has it, on the input or on the recurrent side."""
    gates = GATES[kind.removeprefix("optimized ")]
    zeros = jnp.zeros(H)
    ours = {
        "w_ih": jnp.concatenate([theirs[i]["kernel"] for i, _ in gates], axis=1),
        "w_hh": jnp.concatenate([theirs[h]["kernel"] for _, h in gates], axis=1),
    }
    of_input = [theirs[i].get("bias", zeros) for i, _ in gates]
    of_state = [theirs[h].get("bias", zeros) for _, h in gates]
    if two_biases:
        return {**ours, "b_ih": jnp.concatenate(of_input), "b_hh": jnp.concatenate(of_state)}
    if kind == "gru":
        return {**ours, "b_ih": jnp.concatenate(of_input), "b_hn": of_state[2]}
    return {**ours, "b_ih": jnp.concatenate([a + b for a, b in zip(of_input, of_state, strict=True)])}


@pytest.mark.parametrize("two_biases", [True, False])
@pytest.mark.parametrize("kind", FLAX)
def test_equals_flaxs_cell_in_nn_rnn(kind: str, two_biases: bool, rng: np.random.Generator) -> None:
    """Outputs, last carry and gradients over sequences of unequal lengths, by `nn.RNN`, which knows nothing of our cells."""
    theirs = random_flax_cell(kind, rng)
    x = jnp.asarray(np.cumsum(rng.normal(size=(B, T, C)), axis=1), jnp.float32)
    weights = jnp.asarray(rng.normal(size=(B, T, H)), jnp.float32)

    def run(cell: nn.RNNCellBase, params: dict, x):
        carry, out = nn.RNN(cell, return_carry=True).apply({"params": {"cell": params}}, x, seq_lengths=LENGTHS)
        return jnp.sum(weights * out), (carry, out)

    ours = CELLS[kind.removeprefix("optimized ")](H, two_biases=two_biases)
    with jax.numpy_rank_promotion("allow"):  # Flax's cells add their biases so
        expected, wanted = jax.jit(
            lambda p, x: (run(FLAX[kind](H), p, x)[1], jax.grad(lambda p, x: run(FLAX[kind](H), p, x)[0], (0, 1))(p, x))
        )(theirs, x)
        mine = converted(kind, theirs, two_biases=two_biases)
        found, gradient = jax.jit(
            lambda p, x: (run(ours, p, x)[1], jax.grad(lambda p, x: run(ours, p, x)[0], (0, 1))(p, x))
        )(mine, x)
    for a, b in zip(jax.tree.leaves(found), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, atol=2e-6)
    np.testing.assert_allclose(gradient[1], wanted[1], atol=2e-5)
    of_theirs = converted(kind, wanted[0], two_biases=two_biases)
    for name in ("w_ih", "w_hh"):
        np.testing.assert_allclose(gradient[0][name], of_theirs[name], atol=2e-5, err_msg=name)
    if not two_biases:  # every bias of Flax's has one of ours, which moves as it does
        bias = gradient[0].get("b_hn", gradient[0]["b_ih"])
        np.testing.assert_allclose(bias, of_theirs.get("b_hn", of_theirs["b_ih"]), atol=2e-5)
    else:  # both biases of a gate move alike, so that their sum moves twice as far
        alike = slice(0, 2 * H) if kind == "gru" else slice(None)
        np.testing.assert_allclose(gradient[0]["b_ih"][alike], gradient[0]["b_hh"][alike], atol=1e-6)
        assert np.abs(np.asarray(gradient[0]["b_hh"])).min() > 1e-6


@pytest.mark.parametrize("cell", [LSTMCell, GRUCell, RNNCell])
def test_order_of_steps_matters_and_any_leading_axes_do(cell: type, rng: np.random.Generator) -> None:
    """A cell takes what Flax's cells take: one sequence, a minibatch, or more axes of them."""
    x = jnp.asarray(rng.normal(size=(2, B, T, C)), jnp.float32)
    rnn = nn.RNN(cell(H))
    params = jax.jit(rnn.init)(jax.random.key(0), x[0])
    apply = jax.jit(rnn.apply)
    whole = apply(params, x)
    assert whole.shape == (2, B, T, H)
    np.testing.assert_allclose(whole[1, 2], apply(params, x[1, 2]), atol=1e-6)
    assert np.abs(np.asarray(whole - apply(params, x[:, :, ::-1])))[:, :, -1].max() > 1e-3


def test_biases_are_as_asked_for() -> None:
    one = {"lstm": {"b_ih"}, "gru": {"b_ih", "b_hn"}, "rnn": {"b_ih"}}
    for kind, cell in CELLS.items():
        for two in (True, False):
            made = cell(H, two_biases=two)
            carry = made.initialize_carry(None, (B, C))
            params = jax.eval_shape(made.init, jax.random.key(0), carry, jnp.zeros((B, C)))["params"]
            assert set(params) == {"w_ih", "w_hh"} | ({"b_ih", "b_hh"} if two else one[kind])
            assert made.num_feature_axes == 1

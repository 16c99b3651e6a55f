"""The transform against plain loops."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
from classifiers.made_up_trials import made_up

from smilejax.classifiers import minirocket

PER_KERNEL = 7
PROGRAM = jax.jit(minirocket.minirocket_features, static_argnames="per_kernel")


def plain_dilations(steps: int, count: int) -> list[int]:
    most = np.log2((steps - 1) / 8)
    return [int(2.0 ** (most * i / (count - 1)) + 1e-9) if count > 1 else 1 for i in range(count)]


def plain_trace(x: np.ndarray, valid: np.ndarray) -> np.ndarray:
    """Relative to its mean, straight lines across gaps, 0 outside."""
    at = np.flatnonzero(valid)
    if len(at) == 0:
        return np.zeros(len(x))
    return np.interp(np.arange(len(x)), at, x[at] - x[at].mean(), left=0, right=0)


def plain_output(trace: np.ndarray, weights: list[float], dilation: int) -> np.ndarray:
    out = np.zeros(len(trace))
    for t in range(len(trace)):
        for j, weight in enumerate(weights):
            at = t + (j - 4) * dilation
            if 0 <= at < len(trace):
                out[t] += weight * trace[at]
    return out


def plain_features(x: np.ndarray, valid: np.ndarray, train: np.ndarray, key: jax.Array) -> np.ndarray:
    """`[N, 84 * 7]` of one channel; the order is dilations, then kernels."""
    n, steps = x.shape
    traces = [plain_trace(row, there) for row, there in zip(x, valid, strict=True)]
    columns, spread = [], plain_dilations(steps, PER_KERNEL)
    for slot, dilation in enumerate(spread):
        rank = np.asarray(jax.random.uniform(jax.random.fold_in(key, slot), (84, n)))
        for k, at in enumerate(itertools.combinations(range(9), 3)):
            weights = [2.0 if j in at else -1.0 for j in range(9)]
            drawn = max((row for row in range(n) if train[row]), key=lambda row, k=k, rank=rank: rank[k, row])
            quantile = (slot * 84 + k + 1) * (5**0.5 + 1) / 2 % 1
            bias = np.quantile(plain_output(traces[drawn], weights, dilation)[valid[drawn]], quantile)
            all_steps = (sorted(set(spread)).index(dilation) + k) % 2 == 0
            column = []
            for row in range(n):
                out, above = plain_output(traces[row], weights, dilation), []
                for t in range(steps):
                    taps = [t + (j - 4) * dilation for j in range(9)]
                    whole = all(0 <= tap < steps and valid[row, tap] for tap in taps)
                    if whole or (all_steps and valid[row, t]):
                        above.append(out[t] > bias)
                column.append(np.mean(above) if above else np.nan)
            columns.append(column)
    return np.array(columns).T


def test_features_are_those_of_plain_loops_with_gaps_and_unequal_lengths() -> None:
    data, key = made_up(n=5, steps=30, channels=("fused",)), jax.random.key(3)
    x, valid = np.asarray(data.x[:, :, 0], np.float64), np.asarray(data.valid).copy()
    valid[1, :5], valid[2, 14:] = False, False
    train = np.array([True, True, False, True, True])
    given = minirocket.channels_first(data.x, jnp.asarray(valid))
    found = np.asarray(PROGRAM(given, jnp.asarray(train), key, per_kernel=PER_KERNEL))
    wanted = plain_features(x, valid, train, key)
    assert np.isnan(wanted).any()  # the short trial has no step with nine taps at the widest dilations
    assert np.unique(np.diff(valid.astype(int), axis=1)).size == 3
    np.testing.assert_array_equal(np.isnan(found), np.isnan(wanted))
    # An output that equals a bias, as in the trial the bias comes from, is above it or not by the last bit.
    close = np.abs(np.nan_to_num(found - wanted)) < 1e-6
    assert close.mean() > 0.99
    assert np.nanmax(np.abs(found - wanted)) <= 1 / np.nansum(valid, axis=1).min() * 3


def test_kernels_and_dilations_of_the_paper() -> None:
    assert minirocket.KERNELS.shape == (84, 9)
    assert len(np.unique(minirocket.KERNELS, axis=0)) == 84
    np.testing.assert_array_equal(minirocket.KERNELS.sum(1), 0)
    assert sorted(set(minirocket.KERNELS.ravel().tolist())) == [-1.0, 2.0]
    assert minirocket.dilations(200, 30).tolist() == plain_dilations(200, 30)
    assert minirocket.dilations(200, 30)[[0, -1]].tolist() == [1, 24]  # 9 taps at 24 span 193 of 200 steps
    assert minirocket.dilations(257, 6).tolist() == [1, 2, 4, 8, 16, 32]
    assert minirocket.dilations(9, 3).tolist() == [1, 1, 1]


def test_channels_share_the_features_equally() -> None:
    one, two = minirocket.feature_plan(200, 1), minirocket.feature_plan(200, 2)
    assert one.all_steps.shape == two.all_steps.shape == (30, 84)
    assert np.bincount(two.channel).tolist() == [15, 15]
    assert np.abs(np.sort(one.quantile.ravel()) - (np.arange(2520) + 0.5) / 2520).max() < 2e-3
    assert 0.45 < one.all_steps.mean() < 0.55
    np.testing.assert_array_equal(
        one.all_steps, np.roll(~one.all_steps, 1, axis=1) | ~np.roll(one.all_steps, 1, axis=1)
    )


def test_features_do_not_depend_on_a_trials_mean_and_do_on_the_direction_of_time() -> None:
    data, key, train = made_up(n=6), jax.random.key(0), jnp.ones(6, bool)
    x = data.x[:, :, :1]

    def of(x: jax.Array) -> np.ndarray:
        return np.asarray(PROGRAM(minirocket.channels_first(x, data.valid), train, key, per_kernel=PER_KERNEL))

    usual = of(x)
    lifted = of(x + 50 * jnp.arange(6.0)[:, None, None])
    assert np.isclose(usual, lifted, atol=1e-3, equal_nan=True).mean() > 0.97  # 32 bits hold fewer digits at 250
    reversed_in_time = minirocket.channels_first(x[:, ::-1], data.valid[:, ::-1])
    other = np.asarray(PROGRAM(reversed_in_time, train, key, per_kernel=PER_KERNEL))
    assert np.nanmean(np.abs(other - usual)) > 0.05


def test_biases_come_from_training_trials() -> None:
    data = made_up(n=8)
    given = minirocket.channels_first(data.x[:, :, :1], data.valid)
    wild = given._replace(x=given.x.at[:, :, 5:].multiply(1e3))
    train = jnp.arange(8) < 5
    quantile = jnp.asarray(minirocket.feature_plan(32, 1).quantile[0])

    program = jax.jit(minirocket.bias)

    def level(given: minirocket.ChannelsFirst, train: jax.Array) -> np.ndarray:
        dilation, key = jnp.int32(2), jax.random.key(0)
        return np.asarray(program(given.x[0], given.valid, train, dilation, quantile, key))

    np.testing.assert_array_equal(level(given, train), level(wild, train))
    assert np.abs(level(wild, ~train)).max() > 100 * np.abs(level(given, train)).max()
    fewer = level(given, train & (jnp.arange(8) > 0))
    same = np.mean(fewer == level(given, train))
    assert 0.6 < same < 0.95  # folds that differ in one of five trials share four biases of five

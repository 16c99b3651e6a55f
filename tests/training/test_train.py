"""One run: what it learns from, that it repeats, and that many are vmap of one."""

import io
from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from helpers.compilations import compilations

import smilejax
from smilejax import Dataset, ModelSettings, RunStatus, TrainingSettings, TrialStatus
from smilejax._util.errors import DataError, SettingsError
from smilejax.models import network
from smilejax.models.native import lstm_kernel
from smilejax.models.network_input import network_input
from smilejax.preprocess.channels import CHANNELS
from smilejax.training import Minibatch, make_run, print_epochs, print_runs, train, train_run, train_step
from smilejax.training.epochs import minibatch_rows, status_of
from smilejax.training.run import Scores
from smilejax.training.train_state import fit_standardisation, initial_state
from smilejax.training.train_step import class_weights

N, T = 24, 12
SMALL = TrainingSettings(epochs=4, minibatch_size=5, model=ModelSettings(hidden=4, dense=(12, 6)))


def make_dataset(seed: int = 0, n: int = N) -> Dataset:
    """The class is in the order: a rise for one, a fall for the other, on levels of no meaning; lengths differ."""
    rng = np.random.default_rng(seed)
    y = np.arange(n) % 2
    rise = np.linspace(-1, 1, T)[None, :] * np.where(y == 1, 1, -1)[:, None]
    x = (rise + rng.normal(size=(n, 1)) + 0.1 * rng.normal(size=(n, T)))[:, :, None]
    length = rng.integers(T - 3, T + 1, n)
    valid = np.arange(T)[None, :] < length[:, None]
    x = np.concatenate([x, (rng.random((n, T, 1)) > 0.2)], axis=-1) * valid[:, :, None]
    codes = jnp.arange(n, dtype=jnp.int32) // 4
    return Dataset(
        x=jnp.asarray(x, jnp.float32),
        valid=jnp.asarray(valid),
        y=jnp.asarray(y, jnp.int32),
        participant=codes,
        stimulus=codes,
        smiler=codes,
        proportion_valid=jnp.ones(n),
        status=jnp.zeros(n, jnp.int32),
        channels=(CHANNELS["fused"], CHANNELS["mask"]),
        class_names=("posed", "genuine"),
        rate_hz=20.0,
    )


DATASET = make_dataset()
VALIDATION = np.arange(N) % 6 < 2


def leaves_equal(a, b) -> None:
    for path, leaf in jax.tree_util.tree_leaves_with_path(a):
        other = b
        for key in path:
            other = other[key.key] if hasattr(key, "key") else getattr(other, key.name)
        np.testing.assert_array_equal(leaf, other, err_msg=jax.tree_util.keystr(path))


def test_learns_what_can_be_learned() -> None:
    settings = TrainingSettings(epochs=60, minibatch_size=8, learning_rate=0.01, model=ModelSettings(dropout=0.1))
    result = train(make_dataset(n=60), settings, key=jax.random.key(0), validation_mask=np.arange(60) % 6 < 2)
    assert result.validation.accuracy[-1] >= 0.9
    assert result.train.loss[-1] < 0.2 < result.train.loss[0]
    assert int(result.status) == RunStatus.OK


def test_same_key_same_bits_other_key_other_run() -> None:
    first = train(DATASET, SMALL, key=jax.random.key(5), validation_mask=VALIDATION)
    leaves_equal(first, train(DATASET, SMALL, key=jax.random.key(5), validation_mask=VALIDATION))
    other = train(DATASET, SMALL, key=jax.random.key(6), validation_mask=VALIDATION)
    assert np.abs(np.asarray(first.logits - other.logits)).max() > 1e-3


TWO_EPOCHS = replace(SMALL, epochs=2)
four_together = jax.jit(jax.vmap(lambda run: train_run(DATASET, run, settings=TWO_EPOCHS)))
"""Four runs of two epochs in one program."""


def test_vmap_over_keys_equals_a_loop_over_them() -> None:
    """Different programs, so equal to rounding over a short training, not bit for bit."""
    run = make_run(DATASET, TWO_EPOCHS, key=jax.random.key(0), validation_mask=VALIDATION)
    keys = jax.random.split(jax.random.key(9), 4)
    stacked = jax.tree.map(lambda leaf: jnp.stack([leaf] * 4), run)
    together = four_together(replace(stacked, key=keys))
    for number, key in enumerate(keys):
        alone = train(DATASET, TWO_EPOCHS, key=key, validation_mask=VALIDATION)
        np.testing.assert_allclose(together.train.loss[number], alone.train.loss, atol=2e-5)
        np.testing.assert_allclose(together.logits[number], alone.logits, atol=2e-4)
    assert np.abs(np.asarray(together.logits[0] - together.logits[1])).max() > 1e-3


def test_what_is_not_trained_on_changes_nothing() -> None:
    """A canary in the held-out and the rejected trials, and NaN in the padding."""
    status = np.asarray(DATASET.status).copy()
    status[[3, 10]] = TrialStatus.TOO_MUCH_MISSING
    base = replace(DATASET, status=jnp.asarray(status))
    x = np.asarray(DATASET.x).copy()
    x[VALIDATION] += 100.0
    x[[3, 10]] -= 50.0
    x[~np.asarray(DATASET.valid)] = np.nan
    changed = replace(base, x=jnp.asarray(x))
    first = train(base, SMALL, key=jax.random.key(1), validation_mask=VALIDATION)
    second = train(changed, SMALL, key=jax.random.key(1), validation_mask=VALIDATION)
    leaves_equal(first.variables, second.variables)
    np.testing.assert_array_equal(first.train.loss_sum, second.train.loss_sum)
    assert (np.asarray(first.train.count) == (~VALIDATION).sum() - 2).all()
    assert np.isfinite(np.asarray(second.logits)).all()


def test_scores_are_those_of_the_logits() -> None:
    result = train(DATASET, SMALL, key=jax.random.key(2), validation_mask=VALIDATION)
    logits, y = np.asarray(result.logits, np.float64), np.asarray(DATASET.y)
    log_p = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
    losses = -log_p[np.arange(N), y]
    hits = logits.argmax(-1) == y
    for scores, mask in ((result.train, ~VALIDATION), (result.validation, VALIDATION)):
        np.testing.assert_allclose(scores.loss[-1], losses[mask].mean(), rtol=1e-5)
        assert scores.accuracy[-1] == hits[mask].mean()
    none = train(DATASET, SMALL, key=jax.random.key(2))
    assert np.isnan(none.validation.loss).all()


def test_standardisation_is_fitted_on_valid_steps_of_training_trials() -> None:
    standardisation = fit_standardisation(
        DATASET.x, DATASET.valid, jnp.asarray(~VALIDATION), (True, False), ModelSettings.report()
    )
    inside = np.asarray(DATASET.x)[~VALIDATION][np.asarray(DATASET.valid)[~VALIDATION]]
    np.testing.assert_allclose(standardisation["mean"], [inside[:, 0].mean(), 0.0], atol=1e-6)
    np.testing.assert_allclose(standardisation["sd"], [inside[:, 0].std(), 1.0], rtol=1e-5)
    constant = fit_standardisation(
        jnp.full((3, 4, 1), 7.0), jnp.ones((3, 4), bool), jnp.ones(3, bool), (True,), ModelSettings.report()
    )
    assert constant["mean"].tolist() == [7.0]
    assert constant["sd"].tolist() == [1.0]
    x, valid = network_input(DATASET.x, DATASET.valid, 3)  # what the network is given, not what it is made of
    of_velocity = fit_standardisation(
        DATASET.x, DATASET.valid, jnp.asarray(~VALIDATION), (True, False), ModelSettings(velocity_steps=3)
    )
    inside = np.asarray(x)[~VALIDATION][np.asarray(valid)[~VALIDATION]]
    np.testing.assert_allclose(of_velocity["mean"], [inside[:, 0].mean(), 0.0], atol=1e-6)
    np.testing.assert_allclose(of_velocity["sd"], [inside[:, 0].std(), 1.0], rtol=1e-5)


@pytest.mark.parametrize(("n_train", "batch"), [(16, 5), (16, 16), (3, 5), (24, 1)])
def test_every_training_trial_once_an_epoch_in_a_new_order(n_train: int, batch: int) -> None:
    mask = np.zeros(N, bool)
    mask[np.random.default_rng(0).choice(N, n_train, replace=False)] = True
    orders = []
    for key in jax.random.split(jax.random.key(0), 2):
        rows, real = minibatch_rows(jnp.asarray(mask), key, batch)
        taken = np.asarray(rows)[np.asarray(real)]
        assert sorted(taken) == np.flatnonzero(mask).tolist()
        orders.append(taken.tolist())
    assert orders[0] != orders[1] or n_train < 4


def test_a_training_equals_a_plain_loop() -> None:
    """Two epochs of AdamW with dropout, weights of classes and a ragged last batch, step by step in Python."""
    settings = replace(
        SMALL, optimizer="adamw", weight_decay=0.3, learning_rate=0.02, epochs=2, class_weights=(1.0, 2.5)
    )
    key = jax.random.key(8)
    result = train(DATASET, settings, key=key, validation_mask=VALIDATION)
    run = make_run(DATASET, settings, key=key, validation_mask=VALIDATION)

    init_key, order_key, dropout_key = jax.random.split(key, 3)
    variables = network.init(settings.model, samples=T, channels=2, key=init_key)
    standardisation = fit_standardisation(DATASET.x, DATASET.valid, run.train, (True, False), settings.model)
    params, weights = variables["params"], jnp.array([1.0, 2.5])
    optimizer = optax.adamw(0.02, weight_decay=0.3)
    state, ragged, orders = optimizer.init(params), 0, []

    @jax.jit
    def one(params, state, rows, real, key):
        def loss_of(params):
            logits = network.network_of(settings.model).apply(
                {"params": params, "standardisation": standardisation},
                DATASET.x[rows],
                DATASET.valid[rows],
                dropout=0.5,
                key=key,
            )
            log_p = jax.nn.log_softmax(logits)
            losses = -jnp.stack([log_p[i, DATASET.y[row]] for i, row in enumerate(rows)]) * weights[DATASET.y[rows]]
            return jnp.sum(jnp.where(real, losses, 0.0)) / jnp.sum(real).astype(jnp.float32)

        with jax.numpy_dtype_promotion("standard"):
            updates, state = optimizer.update(jax.grad(loss_of)(params), state, params)
        return optax.apply_updates(params, updates), state

    for epoch in range(2):
        rows, real = minibatch_rows(run.train, jax.random.fold_in(order_key, epoch), settings.minibatch_size)
        orders.append(np.asarray(rows).tolist())
        for step in range(-(-int(run.train.sum()) // settings.minibatch_size)):
            step_key = jax.random.fold_in(jax.random.fold_in(dropout_key, epoch), step)
            params, state = one(params, state, rows[step], real[step], step_key)
            ragged += int(real[step].sum() < settings.minibatch_size)
    assert ragged == 2
    assert orders[0] != orders[1]
    for path, leaf in jax.tree_util.tree_leaves_with_path(result.variables["params"]):
        other = params
        for part in path:
            other = other[part.key]
        np.testing.assert_allclose(leaf, other, atol=2e-5, err_msg=jax.tree_util.keystr(path))


def test_class_weights() -> None:
    mask = np.ones(N, bool)
    mask[1:17:2] = False  # 12 of class 0, 4 of class 1
    run = make_run(DATASET, SMALL, key=jax.random.key(0), train_mask=mask)
    np.testing.assert_allclose(class_weights(replace(SMALL, class_weights="balanced"), run), [16 / 24, 16 / 8])
    np.testing.assert_allclose(class_weights(replace(SMALL, class_weights=(1.0, 3.0)), run), [1.0, 3.0])
    np.testing.assert_allclose(class_weights(SMALL, run), [1.0, 1.0])
    leaning = [
        train(DATASET, replace(SMALL, class_weights=w, epochs=20, learning_rate=0.02), key=jax.random.key(0)).logits
        for w in ((1.0, 9.0), (9.0, 1.0))
    ]
    toward = [float(np.mean(np.asarray(x)[:, 1] - np.asarray(x)[:, 0])) for x in leaning]
    assert toward[0] > toward[1] + 0.5


@pytest.mark.parametrize("optimizer", ["sgd", "adam", "adamw"])
def test_every_optimiser_lowers_the_loss(optimizer: str) -> None:
    rate = {"sgd": 0.3, "adam": 0.01, "adamw": 0.01}[optimizer]
    more = {"momentum": 0.9} if optimizer == "sgd" else {"weight_decay": 0.01} if optimizer == "adamw" else {}
    result = train(
        DATASET, replace(SMALL, optimizer=optimizer, learning_rate=rate, epochs=20, **more), key=jax.random.key(0)
    )
    assert result.train.loss[-1] < result.train.loss[0] - 0.01


def test_a_diverged_run_is_a_status_and_spares_its_neighbours() -> None:
    run = make_run(DATASET, TWO_EPOCHS, key=jax.random.key(0), validation_mask=VALIDATION)
    stacked = jax.tree.map(lambda leaf: jnp.stack([leaf] * 4), run)
    sane = four_together(stacked)
    mad = four_together(replace(stacked, learning_rate=stacked.learning_rate.at[2].set(jnp.nan)))
    assert np.asarray(sane.status).tolist() == [RunStatus.OK] * 4
    assert np.asarray(mad.status).tolist() == [RunStatus.OK, RunStatus.OK, RunStatus.DIVERGED, RunStatus.OK]
    for row in (0, 1, 3):
        np.testing.assert_array_equal(sane.logits[row], mad.logits[row])
    alone = train(DATASET, replace(SMALL, optimizer="sgd", learning_rate=1e38), key=jax.random.key(0))
    assert int(alone.status) == RunStatus.DIVERGED


def test_nothing_is_compiled_twice() -> None:
    """A second key, rate, dropout, number of epochs, a fold of another size, and other data: one program."""
    train(DATASET, SMALL, key=jax.random.key(0), validation_mask=VALIDATION)
    other = replace(SMALL, learning_rate=0.1, epochs=2, model=replace(SMALL.model, dropout=0.1))
    with compilations("_epochs") as compiled:
        train(make_dataset(1), other, key=jax.random.key(1), validation_mask=np.arange(N) < 5)
        assert compiled == []
        train(
            DATASET, replace(SMALL, minibatch_size=13, epochs=1), key=jax.random.key(0)
        )  # another program, so that one is seen
        assert len(compiled) == 1


def test_on_epoch_end_is_called_after_every_epoch_and_changes_nothing() -> None:
    seen: list[smilejax.EpochProgress] = []
    quiet = train(DATASET, SMALL, key=jax.random.key(0), validation_mask=VALIDATION)
    watched = train(DATASET, SMALL, key=jax.random.key(0), validation_mask=VALIDATION, on_epoch_end=seen.append)
    leaves_equal(quiet, watched)
    assert [p.epoch for p in seen] == [1, 2, 3, 4]
    np.testing.assert_array_equal([p.validation_loss for p in seen], watched.validation.loss)
    np.testing.assert_array_equal([p.train_accuracy for p in seen], watched.train.accuracy)


def test_the_report_preset_is_the_reports() -> None:
    settings = TrainingSettings.report()
    assert (settings.optimizer, settings.learning_rate, settings.epochs, settings.minibatch_size) == (
        "sgd",
        0.001,
        10,
        1,
    )
    assert (settings.model.cell, settings.model.hidden, settings.model.dense, settings.model.dropout) == (
        "lstm",
        10,
        (200, 20),
        0.5,
    )
    result = train(DATASET, settings, key=jax.random.key(0))
    assert result.variables["standardisation"]["sd"].tolist() == [1.0, 1.0]
    assert result.train.loss.shape == (10,)


def test_going_on_from_a_start_that_does_not_fit_is_refused() -> None:
    start = train(DATASET, SMALL, key=jax.random.key(0)).variables
    with pytest.raises(
        SettingsError,
        match=r"start must fit .*12 steps, 2 channels.*fc1/kernel is \[8, 12\] instead of \[10, 12\]",
    ):
        train(DATASET, replace(SMALL, model=replace(SMALL.model, hidden=5)), key=jax.random.key(0), start=start)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": -1}, r"every trial of train_mask must have a label; 1 have none, the first in row 7"),
        ({"y": 2}, r"every trial of train_mask must have a label; 1 have none, the first in row 7"),
    ],
)
def test_labels_are_checked_before_anything_is_traced(change: dict, message: str) -> None:
    y = np.asarray(DATASET.y).copy()
    y[7] = change["y"]
    with pytest.raises(DataError, match=message):
        train(replace(DATASET, y=jnp.asarray(y)), SMALL, key=jax.random.key(0), train_mask=np.ones(N, bool))


def test_masks_and_keys_are_checked() -> None:
    key = jax.random.key(0)
    with pytest.raises(DataError, match="8 are in both masks, the first in row 0"):
        train(DATASET, SMALL, key=key, train_mask=np.ones(N, bool), validation_mask=VALIDATION)
    with pytest.raises(DataError, match="left with 12 posed and 0 genuine, of 24 trials with 24 kept"):
        train(DATASET, SMALL, key=key, train_mask=np.arange(N) % 2 == 0)
    with pytest.raises(SettingsError, match=r"train_mask must be bool\[24\].*int64\[3\]"):
        train(DATASET, SMALL, key=key, train_mask=np.arange(3))
    with pytest.raises(SettingsError, match="key must be one typed JAX key"):
        train(DATASET, SMALL, key=jax.random.PRNGKey(0))


def test_a_step_is_pure_and_epochs_are_made_of_it() -> None:
    """One minibatch of all trials without dropout is one step; the state that was given is as it was."""
    settings = replace(SMALL, epochs=1, minibatch_size=N, optimizer="sgd", learning_rate=0.3, momentum=0.9)
    settings = replace(settings, model=replace(settings.model, dropout=0.0))
    run = make_run(DATASET, settings, key=jax.random.key(4))
    standardisation = fit_standardisation(DATASET.x, DATASET.valid, run.train, (True, False), settings.model)
    state = initial_state(DATASET.x, run, standardisation, None, settings=settings)
    before = jax.tree.map(np.array, state)
    minibatch = Minibatch(DATASET.x, DATASET.valid, DATASET.y, jnp.ones(N), jnp.ones(N, bool))
    after = train_step(state, minibatch, run, key=jax.random.key(0), settings=settings)
    for a, b in zip(jax.tree.leaves(state), jax.tree.leaves(before), strict=True):
        np.testing.assert_array_equal(a, b)
    result = train(DATASET, settings, key=jax.random.key(4))
    for a, b in zip(jax.tree.leaves(after.params), jax.tree.leaves(result.variables["params"]), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)
    assert np.abs(np.asarray(after.params["fc1"]["kernel"] - before.params["fc1"]["kernel"])).max() > 1e-5
    with compilations("_train_step") as compiled:
        train_step(
            after, minibatch, replace(run, learning_rate=jnp.float32(0.1)), key=jax.random.key(1), settings=settings
        )
    assert compiled == []


@pytest.mark.skipif(not lstm_kernel.usable(), reason="the native kernel was not built here")
def test_a_step_that_was_traced_with_the_kernel_is_not_used_without(monkeypatch: pytest.MonkeyPatch) -> None:
    run = make_run(DATASET, SMALL, key=jax.random.key(0))
    state = initial_state(DATASET.x, run, None, None, settings=SMALL)
    minibatch = Minibatch(DATASET.x, DATASET.valid, DATASET.y, jnp.ones(N), jnp.ones(N, bool))

    def traced() -> str:
        return str(jax.make_jaxpr(lambda s: train_step(s, minibatch, run, key=run.key, settings=SMALL).params)(state))

    assert "smilejax_lstm" in traced()
    monkeypatch.setenv("SMILEJAX_NATIVE", "0")
    assert "smilejax_lstm" not in traced()


@pytest.mark.parametrize(
    ("loss", "status"), [(99.0, RunStatus.OK), (101.0, RunStatus.DIVERGED), (np.nan, RunStatus.DIVERGED)]
)
def test_a_loss_above_a_hundred_nats_has_diverged(loss: float, status: RunStatus) -> None:
    """Written out: 100 nats is a probability of e-43 for the true class, which no training that works ends at."""
    run = make_run(DATASET, SMALL, key=jax.random.key(0))
    state = jax.eval_shape(lambda: initial_state(DATASET.x, run, None, None, settings=SMALL))
    state = replace(state, diverged=jnp.zeros((), bool))
    scores = Scores(jnp.float32(loss * N), jnp.int32(0), jnp.int32(N))
    assert int(status_of(state, scores)) == status


def test_progress_is_one_line_that_is_written_over() -> None:
    to = io.StringIO()
    train(DATASET, SMALL, key=jax.random.key(0), validation_mask=VALIDATION, on_epoch_end=print_epochs(2, to=to))
    lines = to.getvalue().split("\r")
    assert [line[:13] for line in lines] == ["epoch 1 of 4:", "epoch 3 of 4:", "epoch 4 of 4:"]
    assert to.getvalue().count("\n") == 1
    assert lines[-1].endswith("%\n")
    runs = print_runs(3, to=(to := io.StringIO()))
    for done in (0, 2, 3):
        runs(done)
    assert to.getvalue() == "0 of 3 runs\r2 of 3 runs\r3 of 3 runs\n"
    with pytest.raises(SettingsError, match="every must be a whole number from 1 up; it is 0"):
        print_epochs(0)


def test_a_result_prints_itself_in_a_line_and_knows_its_settings() -> None:
    result = train(DATASET, SMALL, key=jax.random.key(0), validation_mask=VALIDATION)
    assert result.settings == SMALL
    shown = repr(result)
    assert shown.startswith("<RunResult: trials 24, epochs 4, status ok, training loss 0.")
    assert "validation accuracy" in shown
    assert len(shown) < 120
    assert result._repr_html_().startswith("<table>")
    run = make_run(DATASET, SMALL, key=jax.random.key(0))
    seen: list[str] = []
    jax.eval_shape(lambda run: seen.append(repr(train_run(DATASET, run, settings=SMALL))), run)
    assert seen == ["<RunResult: trials 24, epochs 4>"]  # while tracing, there are no values


@pytest.mark.slow
def test_keys_of_another_kind_have_a_program_of_their_own() -> None:
    threefry = train(DATASET, SMALL, key=jax.random.key(0))
    cheap = train(DATASET, SMALL, key=jax.random.key(0, impl="rbg"))
    again = train(DATASET, SMALL, key=jax.random.key(0))
    assert np.abs(cheap.logits - threefry.logits).max() > 1e-3
    np.testing.assert_array_equal(again.logits, threefry.logits)

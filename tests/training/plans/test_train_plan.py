"""Runs do not depend on the runs beside them, on how a plan is cut, on devices, or on being interrupted."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest
from helpers.compilations import compilations
from helpers.small_study import SMALL, same

from smilejax import ModelSettings, RunStatus, train
from smilejax._util import numerical_environment
from smilejax._util.cores import cores
from smilejax._util.errors import CheckpointError, OutputError, SettingsError
from smilejax._util.json_files import sha256_of_file, signed, write_json
from smilejax.models.native import lstm_kernel
from smilejax.splits.permutations import permute_labels
from smilejax.training import programs
from smilejax.training.plans import Plan, load_runs, train_plan, train_runs
from smilejax.training.plans.lock import LOCK, held
from smilejax.training.plans.plan import key_of
from smilejax.training.plans.saved_runs import PARTS, RECORD, RESULTS


@pytest.fixture(scope="module")
def plan(dataset, folds) -> Plan:
    """24 runs of one program."""
    permuted = permute_labels(dataset, 1, key=jax.random.key(0))
    return Plan(folds, SMALL, seeds=(0, 1, 2), permuted=permuted)


@pytest.fixture(scope="module")
def result(dataset, plan):
    assert programs.Programs(dataset, SMALL).runs_at_once == cores()
    return train_runs(dataset, plan)


def test_a_run_in_a_plan_is_the_training_with_its_key(dataset, folds, plan, result) -> None:
    for row in (0, 10, 23):
        _, labelling, fold, seed = (int(at[0]) for at in plan.indices([row]))
        labelled = replace(dataset, y=plan.runs(dataset, [row]).y[0]) if labelling else dataset
        alone = train(
            labelled,
            SMALL,
            key=key_of(plan.seeds[seed], fold),
            train_mask=folds.train[fold],
            validation_mask=folds.test[fold],
        )
        same(
            (alone.logits, alone.train, alone.validation, alone.status),
            jax.tree.map(
                lambda leaf, row=row: leaf[row], (result.logits, result.train, result.validation, result.status)
            ),
        )
    assert np.abs(result.logits[0] - result.logits[1]).max() > 1e-3


def test_one_at_a_time_or_several_all_or_some(dataset, folds, plan, result) -> None:
    for at_once in (1, 2, 3):
        same(train_runs(dataset, plan, devices=jax.local_devices()[:1] * at_once), result)
    some = train_runs(dataset, Plan(folds, SMALL, seeds=(1,)))  # another plan, with four of the same runs
    rows = np.flatnonzero((plan.table["seed"] == 1) & (plan.table["labels"] == "true"))
    same(some, jax.tree.map(lambda leaf: leaf[rows], result))


@pytest.mark.slow
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_scan_that_defines_the_model_goes_the_same_way(
    dataset, folds, cell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no kernel, and for cells that have none."""
    monkeypatch.setenv("SMILEJAX_NATIVE", "0")
    settings = replace(SMALL, model=replace(SMALL.model, cell=cell, hidden=5))
    plan = Plan(folds, settings, seeds=(0,))
    two = train_runs(dataset, plan, devices=jax.local_devices()[:1] * 2)
    one = train_runs(dataset, plan, devices=jax.local_devices()[:1])
    same(one, two)
    alone = train(dataset, settings, key=key_of(0, 2), train_mask=folds.train[2], validation_mask=folds.test[2])
    same(alone.logits, two.logits[2])


@pytest.mark.slow
def test_wider_groups_learn_the_same(dataset, folds, result, plan) -> None:
    """As on an accelerator: three at a time on either device, the last group padded. Equal to rounding."""
    wide = train_runs(dataset, plan, width=3)
    np.testing.assert_allclose(wide.train.loss, result.train.loss, atol=1e-5)
    np.testing.assert_allclose(wide.logits, result.logits, atol=1e-4)


@pytest.mark.slow
@pytest.mark.skipif(not lstm_kernel.usable(), reason="the native kernel was not built here")
def test_the_kernel_and_the_definition_learn_the_same(dataset, folds, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = replace(SMALL, epochs=1, model=replace(SMALL.model, hidden=6))
    plan = Plan(folds, settings)
    native = train_runs(dataset, plan)
    monkeypatch.setenv("SMILEJAX_NATIVE", "0")
    scanned = train_runs(dataset, plan)
    np.testing.assert_allclose(native.train.loss, scanned.train.loss, atol=1e-5)
    np.testing.assert_allclose(native.logits, scanned.logits, atol=1e-4)


@pytest.mark.slow
def test_programs_are_as_few_as_there_are_shapes(dataset, folds) -> None:
    settings = replace(SMALL, model=ModelSettings(hidden=7, dense=(6, 4)))
    plan = Plan(
        folds, settings, seeds=(0, 1), vary={"learning_rate": (0.1, 0.01), "epochs": (1, 3), "dropout": (0.1, 0.4)}
    )
    with compilations("_epochs") as compiled:
        result = train_runs(dataset, plan)
        assert len(compiled) == len(plan.groups) == 1
        train_runs(dataset, Plan(folds, settings, vary={"learning_rate": (0.5,)}))
        assert len(compiled) == 1
        train_runs(dataset, Plan(folds, settings, vary={"minibatch_size": (3, 4)}))
        assert len(compiled) == 2
    short = (plan.table["epochs"] == 1).to_numpy()
    assert np.isnan(result.train.loss[short, 1:]).all()  # curves end where the run did
    assert np.isfinite(result.train.loss[~short]).all()


def test_scores_at_the_end_only(dataset, plan, result) -> None:
    last = train_runs(dataset, plan, curves=False)
    np.testing.assert_allclose(last.logits, result.logits, atol=1e-5)
    assert last.train.loss.shape == (24, 1)
    np.testing.assert_allclose(last.validation.loss[:, 0], result.validation.loss[:, -1], atol=1e-5)


def test_a_diverged_run_is_counted_and_spares_its_neighbours(dataset, folds) -> None:
    settings = replace(SMALL, optimizer="sgd", learning_rate=0.01)
    sane = train_runs(dataset, Plan(folds, settings))
    mixed = Plan(folds, settings, vary={"learning_rate": (0.01, 1e38)})
    result = train_runs(dataset, mixed)
    assert result.status.tolist() == [RunStatus.OK] * 4 + [RunStatus.DIVERGED] * 4
    np.testing.assert_array_equal(result.logits[:4], sane.logits)


def test_parameters_where_asked_for(dataset, folds, tmp_path) -> None:
    plan = Plan(folds, SMALL)
    result = train_runs(dataset, plan, parameters=True, folder=tmp_path / "runs")
    alone = train(dataset, SMALL, key=key_of(0, 3), train_mask=folds.train[3], validation_mask=folds.test[3])
    same(jax.tree.map(lambda leaf: leaf[3], result.variables), alone.variables)
    same(load_runs(tmp_path / "runs").result.variables, result.variables)
    with pytest.raises(SettingsError, match=r"parameters can be kept of a plan with one program; this one has 2"):
        train_runs(dataset, Plan(folds, SMALL, vary={"hidden": (2, 3)}), parameters=True)


@pytest.mark.slow
def test_memory_is_asked_for_before_anything_is_trained(
    dataset, plan, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    two = jax.local_devices()[:1] * 2
    message = (
        r"one run on each of 2 device\(s\) must fit into memory; it needs [\d.]+ MiB, and 0\.00095 MiB may be used"
    )
    with pytest.raises(SettingsError, match=message):
        train_runs(dataset, plan, memory_bytes=1000, progress=seen.append, folder=tmp_path / "a" / "runs", devices=two)
    assert seen == []
    assert not (tmp_path / "a").exists()  # so that the corrected command does not find a folder there
    for given in (0, -5, True):
        with pytest.raises(SettingsError, match=r"memory_bytes must be a whole number from 1 up, or None; it is"):
            train_runs(dataset, plan, memory_bytes=given)
    needed = programs.Programs(dataset, SMALL, width=8).memory_bytes() * 2
    widths: list[int] = []
    original = programs.Programs.submit
    monkeypatch.setattr(
        programs.Programs, "submit", lambda self, *a, **k: (widths.append(self.shape.width), original(self, *a, **k))[1]
    )
    train_runs(dataset, Plan(plan.folds, SMALL), width=8, memory_bytes=int(0.6 * needed), devices=two)
    assert set(widths) == {4}


def test_bits_are_compared_before_a_plan_where_asked(dataset, plan, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    two = jax.local_devices()[:1] * 2
    train_runs(dataset, plan, verify=True, devices=two)
    original = programs.Programs.train

    def crooked(self, runs, epochs, **more):
        result = original(self, runs, epochs, **more)
        return replace(result, logits=result.logits + 1e-7 * len(self.devices))

    monkeypatch.setattr(programs.Programs, "train", crooked)
    with pytest.raises(SettingsError, match="must give the same bits on one device and on 2"):
        train_runs(dataset, plan, verify=True, folder=tmp_path / "runs", devices=two)
    assert not (tmp_path / "runs").exists()


def test_an_interrupted_plan_goes_on_and_ends_with_the_same_file(dataset, plan, result, tmp_path) -> None:
    train_runs(dataset, plan, folder=tmp_path / "whole")

    _interrupted(dataset, plan, tmp_path / "cut", 8)
    assert 4 <= len(list((tmp_path / "cut" / PARTS).glob("*.npz"))) < 12
    with pytest.raises(CheckpointError, match=r"the runs in .*cut are not finished"):
        load_runs(tmp_path / "cut")
    seen: list[int] = []
    # On another number of devices, even.
    train_runs(
        dataset, plan, folder=tmp_path / "cut", resume=True, devices=jax.local_devices()[:1], progress=seen.append
    )
    assert seen[0] >= 8
    assert seen[-1] == 24
    for name in (RESULTS, "runs.csv", RECORD):
        assert (tmp_path / "cut" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    assert sorted(p.name for p in (tmp_path / "cut").iterdir()) == [RECORD, RESULTS, "runs.csv"]
    seen.clear()
    same(train_runs(dataset, plan, folder=tmp_path / "cut", resume=True, progress=seen.append).logits, result.logits)
    assert seen == [24]  # nothing was left to train


def _interrupted(dataset, plan: Plan, folder: Path, after: int) -> None:
    """Train into a folder, and stop once so many runs have ended."""

    class StopError(Exception):
        pass

    def stop(done: int) -> None:
        if done >= after:
            raise StopError

    with pytest.raises(StopError):
        train_runs(dataset, plan, folder=folder, progress=stop)


def test_a_damaged_part_and_one_of_another_plan_are_set_aside_and_said(dataset, folds, plan, tmp_path, result) -> None:
    _interrupted(dataset, plan, tmp_path / "runs", 6)
    _interrupted(dataset, replace(plan, seeds=(7, 8, 9)), tmp_path / "other", 6)
    parts = sorted((tmp_path / "runs" / PARTS).glob("*.npz"))
    content = bytearray(parts[0].read_bytes())
    content[len(content) // 2] ^= 1
    parts[0].write_bytes(content)
    foreign = max((tmp_path / "other" / PARTS).glob("*.npz"))
    shutil.copy(foreign, tmp_path / "runs" / PARTS / foreign.name)
    (tmp_path / "runs" / PARTS / ".abc.partial.npz").write_bytes(b"half of one")
    said: list[str] = []
    seen: list[int] = []
    same(
        train_runs(dataset, plan, folder=tmp_path / "runs", resume=True, note=said.append, progress=seen.append),
        result,
    )
    assert seen[0] == 2 * (len(parts) - 1)
    assert len(said) == 2
    assert f"{parts[0].name} is damaged; it is set aside as .damaged, and its runs are trained again" in said[0]
    assert f"{foreign.name} is of another plan; it is set aside as .foreign" in said[1]


def test_only_what_is_left_is_compiled(dataset, folds, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    plan = Plan(folds, SMALL, vary={"minibatch_size": (4, 5)})
    _interrupted(dataset, plan, tmp_path / "runs", 6)  # no run of the first program is left
    made: list[int] = []
    original = train_plan.fitted
    monkeypatch.setattr(
        train_plan,
        "fitted",
        lambda programs, *given: (made.append(programs.shape.settings.minibatch_size), original(programs, *given))[1],
    )
    train_runs(dataset, plan, folder=tmp_path / "runs", resume=True)
    assert made == [5]


def test_what_stands_there_is_never_replaced_or_mixed(dataset, folds, plan, tmp_path) -> None:
    folder = tmp_path / "runs"
    small = Plan(folds, SMALL)
    train_runs(dataset, small, folder=folder)
    before = (folder / RESULTS).read_bytes()
    with pytest.raises(OutputError, match=r"already holds runs\. Continue them with resume"):
        train_runs(dataset, small, folder=folder)
    with pytest.raises(
        CheckpointError, match=r"these differ \(then -> now\): seeds 1 \(0 to 0\) -> 1 \(1 to 1\)\. Give the"
    ):
        train_runs(dataset, Plan(folds, SMALL, seeds=(1,)), folder=folder, resume=True)
    with pytest.raises(CheckpointError, match=r"then -> now\): learning_rate 0.003 -> 0.5\."):
        train_runs(dataset, Plan(folds, replace(SMALL, learning_rate=0.5)), folder=folder, resume=True)
    other = replace(dataset, x=dataset.x.at[0, 0, 0].add(1e-3))
    with pytest.raises(CheckpointError, match=r"then -> now\): data \(other values\)\."):
        train_runs(other, small, folder=folder, resume=True)
    assert (folder / RESULTS).read_bytes() == before
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "thesis.txt").write_text("mine")
    with pytest.raises(OutputError, match="is not empty and holds no runs; it is left as it is"):
        train_runs(dataset, small, folder=foreign)
    (folder / RECORD).write_text((folder / RECORD).read_text().replace('"schema": 3', '"schema": 99'))
    with pytest.raises(CheckpointError, match=r"is of schema 99 .* this version reads schema 3"):
        load_runs(folder)


def test_finished_results_are_verified_when_loaded(dataset, folds, tmp_path) -> None:
    train_runs(dataset, Plan(folds, SMALL), folder=tmp_path / "runs")
    saved = load_runs(tmp_path / "runs")
    assert saved.table["status"].tolist() == ["ok"] * 4
    results = tmp_path / "runs" / RESULTS
    content = bytearray(results.read_bytes())
    content[-200] ^= 4
    results.write_bytes(content)
    with pytest.raises(CheckpointError, match=r"results\.npz is not what was written"):
        load_runs(tmp_path / "runs")
    with pytest.raises(CheckpointError, match="holds no runs"):
        load_runs(tmp_path)


def test_other_versions_may_read_what_is_finished_and_not_go_on(
    dataset, plan, tmp_path, result, monkeypatch: pytest.MonkeyPatch
) -> None:
    _interrupted(dataset, plan, tmp_path / "runs", 6)
    monkeypatch.setattr(numerical_environment, "__version__", "99.0")
    with pytest.raises(
        CheckpointError, match=r"\(then -> now\): smilejax \S+ -> 99\.0\. Give the same .* versions and flags as then"
    ):
        train_runs(dataset, plan, folder=tmp_path / "runs", resume=True)
    monkeypatch.undo()
    train_runs(dataset, plan, folder=tmp_path / "runs", resume=True)
    monkeypatch.setattr(numerical_environment, "__version__", "99.0")
    same(train_runs(dataset, plan, folder=tmp_path / "runs", resume=True), result)


def test_one_process_at_a_time(dataset, folds, tmp_path) -> None:
    folder = tmp_path / "runs"
    folder.mkdir()
    with held(folder), pytest.raises(OutputError, match=r"process \d+ on .* is working in .*runs"):
        train_runs(dataset, Plan(folds, SMALL), folder=folder)
    (folder / LOCK).write_text("4194305 elsewhere")  # left by one that was killed
    train_runs(dataset, Plan(folds, SMALL), folder=folder)
    assert not (folder / LOCK).exists()


def test_two_who_found_nothing_do_not_both_begin(dataset, folds, tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other one is there, and done, while this one still compiles."""
    original, folder = train_plan._prepared, tmp_path / "runs"

    def slowly(*given):
        monkeypatch.undo()
        train_runs(dataset, Plan(folds, SMALL, seeds=(5,)), folder=folder)
        return original(*given)

    monkeypatch.setattr(train_plan, "_prepared", slowly)
    with pytest.raises(OutputError, match=r"already holds runs"):
        train_runs(dataset, Plan(folds, SMALL), folder=folder)
    assert set(load_runs(folder).table["seed"]) == {5}


@pytest.mark.parametrize("name", [RECORD, RESULTS, "runs.csv"])
def test_a_changed_byte_in_any_file_of_a_finished_plan_is_refused(dataset, plan, tmp_path, name: str) -> None:
    """Also in the table, which once was read as it stood, and in the record's own words."""
    train_runs(dataset, plan, folder=tmp_path / "runs")
    file = tmp_path / "runs" / name
    whole = file.read_bytes()
    for at in np.linspace(0, len(whole) - 1, 40).astype(int):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(CheckpointError, match=r"runs"):
            load_runs(tmp_path / "runs")
    file.write_bytes(whole)
    load_runs(tmp_path / "runs")


def test_results_without_what_runs_have_are_refused(dataset, plan, tmp_path) -> None:
    train_runs(dataset, plan, folder=tmp_path / "runs")
    np.savez(tmp_path / "runs" / RESULTS, something=np.zeros(3))
    record = json.loads((tmp_path / "runs" / RECORD).read_text())
    record["results_sha256"] = sha256_of_file(tmp_path / "runs" / RESULTS)
    write_json(tmp_path / "runs" / RECORD, signed(record))
    with pytest.raises(CheckpointError, match="cannot be read"):
        load_runs(tmp_path / "runs")

"""The benchmark of accelerators: its arithmetic, that a check which fails does not stop the next, and its dry run."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import jax
import pytest

from smilejax import TrainingSettings
from smilejax.models import network

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    monkeypatch.syspath_prepend(str(ROOT / "experiments"))
    from accelerator import checks, made_trials, peaks

    yield SimpleNamespace(checks=checks, made_trials=made_trials, peaks=peaks)
    for name in [n for n in sys.modules if n.split(".")[0] == "accelerator"]:
        del sys.modules[name]


def test_peaks_are_of_whole_gpus_and_say_their_source(parts: SimpleNamespace) -> None:
    table = parts.peaks.PEAKS
    for kind in ("H100", "H200", "A100"):
        assert any(kind in name for name in table)
    for name, peaks in table.items():
        assert name.split()[1].split("-")[0] in peaks.source
        assert 1000 < peaks.gigabytes < 10_000
        assert 100 < peaks.teraflops < 1000
    assert "NVIDIA A100-SXM4-40GB MIG 1g.5gb" not in table


@pytest.mark.parametrize("name", ["default", "report's network"])
@pytest.mark.parametrize("steps", [100, 23])
def test_parameters_are_counted_as_the_network_has_them(parts: SimpleNamespace, name: str, steps: int) -> None:
    settings = parts.made_trials.RECIPES[name]
    fresh = jax.eval_shape(lambda: network.init(settings.model, samples=steps, channels=2, key=jax.random.key(0)))
    there = sum(leaf.size for leaf in jax.tree.leaves(fresh["params"]))
    assert parts.peaks.parameter_count(settings, steps, 2) == there


def test_a_step_of_the_report_s_network(parts: SimpleNamespace) -> None:
    """By hand: T 200, a minibatch of 16, 10 units, dense layers of 200, 20 and 2."""
    settings = replace(TrainingSettings(), model=TrainingSettings.report().model)
    dense, recurrent = 2000 * 200 + 200 * 20 + 20 * 2, 200 * 40 * 11
    assert parts.peaks.flops_of_step(settings, 200, 1) == 6 * 16 * (dense + recurrent)
    parameters = 2001 * 200 + 201 * 20 + 21 * 2 + 40 * 11 + 2 * 40
    assert parts.peaks.bytes_of_step(settings, 200, 1) == 4 * 10 * parameters
    plain = replace(settings, optimizer="sgd")
    assert parts.peaks.bytes_of_step(plain, 200, 1) == 4 * 6 * parameters
    assert parts.peaks.bytes_of_step(replace(plain, momentum=0.9), 200, 1) == 4 * 8 * parameters


def test_shares_of_a_device_that_is_used_by_half_and_by_a_quarter(parts: SimpleNamespace) -> None:
    settings, peaks = TrainingSettings(), parts.peaks
    moved, computed = peaks.bytes_of_step(settings, 100, 1), peaks.flops_of_step(settings, 100, 1)
    device = peaks.Peaks(gigabytes=2 * 30 * 7 * moved / 1e9, teraflops=4 * 30 * 7 * computed / 1e12, source="")
    found = peaks.shares(30.0, 7, settings, device, steps=100, channels=1)
    assert (found.bandwidth, found.arithmetic) == (pytest.approx(0.5), pytest.approx(0.25))


def test_a_check_that_fails_is_said_and_the_next_one_is_done(
    parts: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def wrong() -> str:
        raise parts.checks.CheckError("logits differ by up to 3")

    def broken() -> str:
        raise RuntimeError("out of memory\nwith details")

    given = [("one", wrong), ("two", broken), ("three", lambda: "48 of 48")]
    monkeypatch.setattr(parts.checks, "checks", lambda setup: given)
    clock = parts.made_trials.Clock
    assert parts.checks.run_checks(None, clock.of(60)) == 2
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["failed", "one:", "logits", "differ", "by", "up", "to", "3"]
    assert lines[1].split() == ["failed", "two:", "RuntimeError:", "out", "of", "memory"]
    assert lines[2].split()[:5] == ["ok", "three:", "48", "of", "48"]
    assert parts.checks.run_checks(None, clock.of(0)) == 0
    assert [line.split()[:2] for line in capsys.readouterr().out.splitlines()] == [["not", "done"]] * 3


@pytest.mark.weekly
def test_the_dry_run(tmp_path: Path) -> None:
    script = ROOT / "experiments" / "benchmark_accelerator.py"
    # The suite leaves a script's own folder out of where its modules are looked for; a user's Python does not.
    path = os.pathsep.join([str(script.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, str(script), "--minutes", "20"],
        env=os.environ | {"JAX_PLATFORMS": "cpu", "PYTHONPATH": path},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    first, *lines = done.stdout.splitlines()
    assert first.startswith("Dry run on the CPU")
    assert "nothing is measured" in first
    assert len([line for line in lines if line.startswith("ok ")]) == 10
    assert not [line for line in lines if line.startswith(("failed", "not done"))]
    assert len([line for line in lines if line.startswith(("| default |", "| report's network |"))]) >= 12
    assert not list(tmp_path.iterdir())

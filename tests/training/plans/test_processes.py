"""Two processes share a plan over Gloo; one that is killed or interrupted is resumed. By the command line."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers.children import start_child

from smilejax.training.plans import load_runs

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="kills processes and shares ports as Linux does"),
]

# Long enough that a run takes some tenths of a second: processes are to be stopped between the first and the last.
OPTIONS = [
    "--epochs",
    "80",
    "--hidden",
    "4",
    "--dense",
    "6",
    "4",
    "--resample-hz",
    "10",
    "--seeds",
    "4",
    "--folds",
    "2",
]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four participants, four stimuli, one second at 60 Hz."""
    rng = np.random.default_rng(0)
    rows = [
        {"participant": p, "trial": s, "stimulus": f"s{s}", "label": ("posed", "genuine")[s % 2], "time_ms": t * 1000 / 60,
         "left": 3.5 + 0.01 * t * (s % 2) + 0.02 * rng.normal(), "right": 3.4 + 0.01 * t * (s % 2) + 0.02 * rng.normal()}
        for p in range(4) for s in range(4) for t in range(60)
    ]  # fmt: skip
    path = tmp_path_factory.mktemp("recording") / "study.csv"
    pd.DataFrame(rows).to_csv(path, index=False)
    return path


def _start(recording: Path, out: Path, *more: str) -> subprocess.Popen:
    environment = {k: v for k, v in os.environ.items() if k not in ("XLA_FLAGS", "JAX_NUM_CPU_DEVICES")}
    environment |= {"JAX_PLATFORMS": "cpu", "XDG_CACHE_HOME": str(recording.parent / "cache")}
    command = [sys.executable, "-m", "smilejax", "train-many", str(recording), "--out", str(out), *OPTIONS, *more]
    return start_child(command, environment)


def _ended(process: subprocess.Popen, seconds: int = 240) -> str:
    said, _ = process.communicate(timeout=seconds)
    return said


@pytest.fixture(scope="module")
def whole(recording: Path) -> Path:
    """What one process with two devices gives, by the flags and programs of a user."""
    out = recording.parent / "whole"
    said = _ended(process := _start(recording, out, "--devices", "2"))
    assert process.returncode == 0, said
    assert "8 runs: 2 folds x 4 seeds; one program. Split by participant." in said
    return out


def test_one_device_gives_the_same_file(recording: Path, whole: Path) -> None:
    out = recording.parent / "one"
    said = _ended(process := _start(recording, out, "--devices", "1"))
    assert process.returncode == 0, said
    assert (out / "results.npz").read_bytes() == (whole / "results.npz").read_bytes()


def test_two_processes_give_the_same_file(recording: Path, whole: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    out = recording.parent / "shared"
    share = ["--devices", "1", "--distributed", "--coordinator", f"127.0.0.1:{port}", "--processes", "2", "--process"]
    processes = [_start(recording, out, *share, str(number)) for number in (0, 1)]
    said = [_ended(process) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    assert (out / "results.npz").read_bytes() == (whole / "results.npz").read_bytes()
    assert "Test trials" in said[0]
    assert "Test trials" not in said[1]  # one prints and writes


def _stopped(recording: Path, out: Path, by: signal.Signals) -> tuple[int, str]:
    """Start, and send a signal when some of the eight runs have ended and some have not. How it ended, and what it said."""
    process = _start(recording, out, "--devices", "1")
    deadline = time.monotonic() + 200
    while not _parts(out) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.005)
    process.send_signal(signal.SIGSTOP)  # so that what is counted is what there is when the other signal comes
    assert 1 <= len(_parts(out)) < 7
    assert not (out / "results.npz").exists()
    process.send_signal(by)
    process.send_signal(signal.SIGCONT)
    said = _ended(process)
    return process.returncode, " ".join(said.split())


def _parts(out: Path) -> list[Path]:
    return list((out / "parts").glob("[0-9]*.npz"))


def test_a_killed_plan_is_gone_on_with(recording: Path, whole: Path) -> None:
    out = recording.parent / "killed"
    code, _ = _stopped(recording, out, signal.SIGKILL)
    assert code == -signal.SIGKILL
    assert (out / "lock").exists()  # nobody was left to take it away
    said = _ended(refused := _start(recording.with_name("not read"), out, "--devices", "1"))
    assert refused.returncode == 2
    assert "Continue them with --resume" in " ".join(said.split())
    assert "Traceback" not in said
    said = _ended(other := _start(recording, out, "--devices", "1", "--resume", "--learning-rate", "0.5"))
    assert other.returncode == 2
    assert "these differ (then -> now): learning_rate 0.003 -> 0.5. Give the same" in " ".join(said.split())
    damaged = min(_parts(out))
    damaged.write_bytes(damaged.read_bytes()[:-1])
    said = _ended(again := _start(recording, out, "--devices", "1", "--resume"))
    assert again.returncode == 0, said
    assert f"{damaged.name} is damaged; it is set aside" in said
    assert (out / "results.npz").read_bytes() == (whole / "results.npz").read_bytes()
    assert load_runs(out).table["status"].tolist() == ["ok"] * 8


def test_a_plan_stopped_by_ctrl_c_is_gone_on_with(recording: Path, whole: Path) -> None:
    out = recording.parent / "interrupted"
    code, said = _stopped(recording, out, signal.SIGINT)
    assert code == 130
    assert f"stopped; the runs that had ended are kept in {out}. The same command with --resume goes on" in said
    assert "Traceback" not in said
    kept = len(_parts(out))
    said = _ended(again := _start(recording, out, "--devices", "1", "--resume"))
    assert again.returncode == 0, said
    assert f"runs: {kept} of 8 (" in said  # first, those that were there; then now and then, how far it is
    assert "runs: 8 of 8 (100%)" in said
    assert (out / "results.npz").read_bytes() == (whole / "results.npz").read_bytes()

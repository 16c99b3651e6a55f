"""Two processes that share a plan: with fewer runs than processes, resumed, without a common folder, and when one fails."""

import json
import os
import shutil
import socket
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import two_processes
from helpers.children import SAME_PACKAGE, start_child
from helpers.two_processes import many, one

from smilejax._util.cores import cores
from smilejax.training.plans import load_runs, train_runs
from smilejax.training.plans.saved_runs import PARTS, RECORD, RESULTS

pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform != "linux", reason="Gloo, as Linux has it")]


class StopError(Exception):
    pass


def _stop(done: int) -> None:
    if done >= 6:
        raise StopError


@pytest.fixture(scope="module")
def folder(dataset, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Everything that the two left, after all that they tried."""
    folder = tmp_path_factory.mktemp("shared")
    train_runs(dataset, many(), folder=folder / "whole")
    with pytest.raises(StopError):
        train_runs(dataset, many(), folder=folder / "cut", progress=_stop)
    # Two machines, each with what it trained on a disk of its own; one part was nowhere kept.
    parts = sorted((folder / "cut" / PARTS).glob("*.npz"))
    assert len(parts) == 3
    shutil.copytree(folder / "cut", folder / "apart-0")
    (folder / "apart-0" / PARTS / parts[1].name).unlink()
    (folder / "apart-0" / PARTS / parts[2].name).unlink()
    (folder / "apart-1" / PARTS).mkdir(parents=True)
    shutil.copy(parts[1], folder / "apart-1" / PARTS)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"PYTHONPATH": SAME_PACKAGE}
    processes = []
    for number in ("0", "1"):
        (folder / f"of-{number}").mkdir()
        command = [sys.executable, two_processes.__file__, str(port), number, str(folder)]
        processes.append(start_child(command, environment))
    said = [process.communicate(timeout=240)[0] for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said
    return folder


def _said(folder: Path, name: str) -> list[dict]:
    return [json.loads((folder / f"of-{number}" / f"{name}.json").read_text()) for number in (0, 1)]


def _results(folder: Path, name: str) -> list[dict[str, np.ndarray]]:
    return [dict(np.load(folder / f"of-{number}" / f"{name}.npz")) for number in (0, 1)]


def _equal_everywhere(folder: Path, name: str, expected) -> None:
    for found in _results(folder, name):
        np.testing.assert_array_equal(found["logits"], expected.logits)
        np.testing.assert_array_equal(found["loss"], expected.train.loss)
        np.testing.assert_array_equal(found["status"], expected.status)


def test_fewer_runs_than_processes(folder: Path, dataset) -> None:
    alone = train_runs(dataset, one())
    _equal_everywhere(folder, "one", alone)
    np.testing.assert_array_equal(load_runs(folder / "one").result.logits, alone.logits)
    assert [said["progress"] for said in _said(folder, "one")] == [[0, 1], [0]]  # the second has nothing to do


def test_a_plan_is_gone_on_with_by_two(folder: Path) -> None:
    _equal_everywhere(folder, "resumed", load_runs(folder / "whole").result)
    assert (folder / "cut" / RESULTS).read_bytes() == (folder / "whole" / RESULTS).read_bytes()
    assert [said["progress"] for said in _said(folder, "resumed")] == [[6, 7], [6, 7]]  # each hears of its own


def test_what_each_kept_on_a_disk_of_its_own_reaches_both(folder: Path) -> None:
    _equal_everywhere(folder, "apart", load_runs(folder / "whole").result)
    assert (folder / "apart-0" / RESULTS).read_bytes() == (folder / "whole" / RESULTS).read_bytes()
    assert not (folder / "apart-1").exists()  # only the first keeps results; the other's parts have served
    assert [said["progress"][0] for said in _said(folder, "apart")] == [4, 4]


def test_both_stop_where_the_first_is_refused(folder: Path) -> None:
    first, second = _said(folder, "refused")
    assert first["kind"] == "OutputError"
    assert "already holds runs. Continue them with resume" in first["message"]
    assert second["kind"] == "SmilejaxError"
    assert "go on together or stop together; process 0 said: " in second["message"]
    assert "Continue them with resume" in second["message"]


def test_both_stop_where_the_second_cannot_begin_and_nothing_is_left(folder: Path) -> None:
    first, second = _said(folder, "no-memory")
    assert first["kind"] == "SmilejaxError"
    assert f"process 1 said: one run on each of {cores()} device(s) must fit into memory" in first["message"]
    assert second["kind"] == "SettingsError"
    assert not (folder / "no-memory").exists()


def test_both_stop_where_one_breaks_down_and_go_on_afterwards(folder: Path) -> None:
    first, second = _said(folder, "broken")
    assert "process 1 said: ZeroDivisionError" in first["message"]
    assert second["kind"] == "ZeroDivisionError"
    _equal_everywhere(folder, "resumed-after", load_runs(folder / "whole").result)
    assert sorted(p.name for p in (folder / "broken").iterdir()) == [RECORD, RESULTS, "runs.csv"]


def test_processes_that_were_told_different_things_refuse(folder: Path) -> None:
    for number in (0, 1):
        said = json.loads((folder / f"of-{number}" / "unlike.json").read_text())
        assert said["kind"] == "SettingsError"
        assert "seeds 2 (0 to 1) -> 2 (0 to 2)" in said["message"]
    assert not (folder / "unlike").exists()

"""What is on disk is trusted only as far as it is checked."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from helpers.children import children_ended, start_child
from helpers.examples import LOOKS_AT_ALL

from smilejax._util.errors import CheckpointError, OutputError
from smilejax.prediction import checkpoint

ARRAYS = {
    "params": {"fc1": {"kernel": np.arange(12, dtype=np.float32).reshape(3, 4), "bias": np.float32(2.5)}},
    "standardisation": {"mean": np.array([1, 2], np.int32)},
}


def same(a: dict, b: dict) -> bool:
    if isinstance(a, dict):
        return isinstance(b, dict) and a.keys() == b.keys() and all(same(a[k], b[k]) for k in a)
    return np.asarray(a).dtype == np.asarray(b).dtype and np.array_equal(a, b)


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return checkpoint.save_checkpoint(tmp_path / "a model", ARRAYS, {"note": "µ first"})


def test_round_trip(saved: Path) -> None:
    arrays, record = checkpoint.load_checkpoint(saved)
    assert same(arrays, ARRAYS)
    assert record == {"note": "µ first"}
    assert all(
        isinstance(a, np.ndarray) for a in (arrays["params"]["fc1"]["kernel"], arrays["standardisation"]["mean"])
    )
    assert json.loads((saved / "model.json").read_text())["arrays"]["params/fc1/kernel"] == {
        "shape": [3, 4],
        "dtype": "float32",
    }


def test_keys_that_orbax_confuses_are_kept_apart(tmp_path: Path) -> None:
    tree = {"a__b": np.float32(1), "a": {"b": np.float32(2), "_b": np.float32(3)}}
    arrays, _ = checkpoint.load_checkpoint(checkpoint.save_checkpoint(tmp_path / "m", tree, {}))
    assert same(arrays, tree)
    for bad in ({"a.b": np.float32(1)}, {"a/b": np.float32(1)}, {3: np.float32(1)}):
        with pytest.raises(CheckpointError, match="names of arrays must be letters, digits and '_'"):
            checkpoint.save_checkpoint(tmp_path / "other", bad, {})
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("bad", [np.array(["text"]), np.zeros((0, 3)), np.array([None])])
def test_what_cannot_be_kept_is_refused(bad: np.ndarray, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="array x must be numbers, at least one"):
        checkpoint.save_checkpoint(tmp_path / "m", {"x": bad}, {})


def test_every_flipped_byte_is_found(saved: Path) -> None:
    """One byte in each file, at its start, middle and end; the message names the file."""
    for file in sorted(f for f in saved.rglob("*") if f.is_file()):
        whole = file.read_bytes()
        for at in {0, len(whole) // 2, len(whole) - 1}:
            file.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
            with pytest.raises(CheckpointError, match=file.name):
                checkpoint.load_checkpoint(saved)
        file.write_bytes(whole)
    checkpoint.load_checkpoint(saved)


def test_truncated_missing_and_foreign_files_are_named(saved: Path) -> None:
    for file in sorted(f for f in saved.glob("arrays-*/**/*") if f.is_file()):
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(CheckpointError, match=f"{file.name} was altered"):
            checkpoint.load_checkpoint(saved)
        file.unlink()
        with pytest.raises(CheckpointError, match=f"{file.name} is missing"):
            checkpoint.load_checkpoint(saved)
        file.write_bytes(whole)
    stranger = next(saved.glob("arrays-*")) / "stranger"
    stranger.write_text("hello")
    with pytest.raises(CheckpointError, match="stranger does not belong to this model"):
        checkpoint.load_checkpoint(saved)


def test_what_is_no_checkpoint_is_called_so(tmp_path: Path, saved: Path) -> None:
    with pytest.raises(CheckpointError, match="does not exist"):
        checkpoint.load_checkpoint(tmp_path / "nowhere")
    with pytest.raises(CheckpointError, match=r"it holds no model\.json"):
        checkpoint.load_checkpoint(tmp_path)
    record = saved / "model.json"
    text = record.read_text()
    for content, message in (
        ("", "cannot be read"),
        ("{}", "was not written by smilejax"),
        ("[1]", "was not written by smilejax"),
        ("[" * 100_000, "cannot be read"),
        (text.replace('"schema": 2', '"schema": 3'), "has schema 3; this smilejax reads schema 2"),
        (text.replace('"µ first"', '"µ last"'), "was altered"),
        (text.replace("\n", "\n "), "was altered"),
        (text.replace("\n", "\r\n"), "was altered"),
    ):
        record.write_bytes(content.encode())
        with pytest.raises(CheckpointError, match=message):
            checkpoint.load_checkpoint(saved)


def test_nothing_is_overwritten_unless_asked(saved: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"is saved at .* already.*overwrite"):
        checkpoint.save_checkpoint(saved, ARRAYS, {})
    newer = {"x": np.float32(7)}
    checkpoint.save_checkpoint(saved, newer, {"n": 2}, overwrite=True)
    arrays, record = checkpoint.load_checkpoint(saved)
    assert same(arrays, newer)
    assert record == {"n": 2}
    assert len(list(saved.glob("arrays-*"))) == 1
    mine = tmp_path / "thesis"
    mine.mkdir()
    (mine / "chapter.txt").write_text("years of work")
    with pytest.raises(OutputError, match="is not a saved model; it is left as it is"):
        checkpoint.save_checkpoint(mine, ARRAYS, {}, overwrite=True)
    assert (mine / "chapter.txt").read_text() == "years of work"
    (mine / "model.json").write_text('{"a": 1}')
    with pytest.raises(OutputError, match="was not written by smilejax; it is left as it is"):
        checkpoint.save_checkpoint(mine, ARRAYS, {}, overwrite=True)
    assert (mine / "model.json").read_text() == '{"a": 1}'


def test_what_a_killed_first_save_left_is_saved_over(tmp_path: Path) -> None:
    (tmp_path / "m" / "arrays-12345678.orbax-checkpoint-tmp").mkdir(parents=True)
    assert same(checkpoint.load_checkpoint(checkpoint.save_checkpoint(tmp_path / "m", ARRAYS, {}))[0], ARRAYS)


def test_a_record_that_json_cannot_hold_is_refused(tmp_path: Path) -> None:
    for record in ({"x": float("nan")}, {"x": object()}):
        with pytest.raises(CheckpointError, match="the record must be what JSON can hold"):
            checkpoint.save_checkpoint(tmp_path / "m", ARRAYS, record)
    assert not (tmp_path / "m").exists()


def test_unwritable_places_are_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        checkpoint.save_checkpoint(tmp_path / "file" / "model", ARRAYS, {})


SAVER = """
import sys, numpy as np
from smilejax.prediction import checkpoint
number = 0
while True:
    number += 1
    arrays = {"n": np.full((200, 500), number, np.float32), "m": np.float32(number)}
    checkpoint.save_checkpoint(sys.argv[1], arrays, {"number": number}, overwrite=True)
    print(number, flush=True)
"""


def test_killed_at_any_instant_old_or_new_never_half(tmp_path: Path) -> None:
    """SIGKILL while it saves again and again: what loads is whole, and no older than the last save that returned."""
    rng = np.random.default_rng(0)
    place = tmp_path / "model"
    for _ in range(4 if LOOKS_AT_ALL else 2):
        with children_ended():
            process = start_child([sys.executable, "-c", SAVER, str(place)], stderr=None)
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(float(rng.uniform(0, 0.3)))
            process.send_signal(signal.SIGKILL)
            done = [int(n) for n in process.stdout.read().split()] or [1]
        arrays, record = checkpoint.load_checkpoint(place)
        assert record["number"] >= done[-1]
        assert (arrays["n"] == record["number"]).all()
        assert arrays["m"] == record["number"]


def test_a_full_disk_is_loud_and_leaves_the_old_one(saved: Path) -> None:
    """A limit on file size stands in for the disk; in a process of its own, since the limit cannot be taken back."""
    code = (
        "import resource, signal, sys, numpy as np\n"
        "from smilejax.prediction import checkpoint\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))\n"
        "big = {'x': np.random.default_rng(0).normal(size=(300, 300))}\n"
        "try: checkpoint.save_checkpoint(sys.argv[1], big, {}, overwrite=True)\n"
        "except Exception as e: print(type(e).__name__)\n"
    )
    assert hasattr(resource, "RLIMIT_FSIZE")
    out = subprocess.run([sys.executable, "-c", code, str(saved)], capture_output=True, text=True, check=False)
    assert out.stdout.strip() == "OutputError", out.stderr
    arrays, _ = checkpoint.load_checkpoint(saved)
    assert same(arrays, ARRAYS)
    assert len(list(saved.glob("arrays-*"))) == 1


@pytest.mark.parametrize("committed", [False, True])
def test_stopped_just_before_or_after_the_commit(saved: Path, committed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C on either side of the step that counts leaves the old model or the new one."""
    whole = checkpoint.write_bytes

    def stopped(path: Path, content: bytes) -> None:
        if committed:
            whole(path, content)
        raise KeyboardInterrupt

    monkeypatch.setattr(checkpoint, "write_bytes", stopped)
    newer = {"x": np.float32(7)}
    with pytest.raises(KeyboardInterrupt):
        checkpoint.save_checkpoint(saved, newer, {}, overwrite=True)
    assert same(checkpoint.load_checkpoint(saved)[0], newer if committed else ARRAYS)


@pytest.mark.skipif(os.getuid() == 0, reason="root may write anywhere")
def test_a_read_only_folder_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(OutputError, match="cannot be written"):
        checkpoint.save_checkpoint(tmp_path / "model", ARRAYS, {})

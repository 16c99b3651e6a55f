"""Saves that were killed, that meet a full disk, or that go on beside another."""

import errno
import logging
import sys
from pathlib import Path

import numpy as np
import pytest

from smilejax._util.errors import OutputError
from smilejax.prediction import checkpoint
from smilejax.prediction.checkpoint import load_checkpoint, save_checkpoint
from smilejax.prediction.saving import orbax_silent, saving_in

ARRAYS = {"a": np.arange(3, dtype=np.float32)}
LEFT = ("arrays-00000001.orbax-checkpoint-tmp", "arrays-00000002")


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A model beside which two saves were killed."""
    path = save_checkpoint(tmp_path / "model", ARRAYS, {})
    for name in LEFT:
        (path / name / "d").mkdir(parents=True)
        (path / name / "d" / "x").touch()
    return path


def _folders(model: Path) -> set[str]:
    return {path.name for path in model.iterdir()}


@pytest.mark.skipif(sys.platform == "win32", reason="no locks of folders there")
def test_the_next_save_removes_what_killed_ones_left(model: Path) -> None:
    assert load_checkpoint(model)[0]["a"].tolist() == [0, 1, 2]
    (model / "arrays-00000003").symlink_to(model.parent)
    save_checkpoint(model, {"a": np.ones(2)}, {}, overwrite=True)
    assert not _folders(model) & set(LEFT)
    assert len(_folders(model)) == 3  # the record, its arrays, and the link, which nothing of ours made
    assert load_checkpoint(model)[0]["a"].tolist() == [1, 1]


def test_not_while_another_saves(model: Path) -> None:
    first, second = (saving_in(model, when_alone=lambda: None) for _ in range(2))
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)  # the second began when it was not alone, and is still at it
    save_checkpoint(model, {"a": np.ones(2)}, {}, overwrite=True)
    assert set(LEFT) <= _folders(model)
    second.__exit__(None, None, None)


def test_a_full_disk_leaves_nothing_and_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(folder: Path, flat: object) -> None:
        (folder.with_name(f"{folder.name}.orbax-checkpoint-tmp") / "d").mkdir(parents=True)
        raise ValueError(f"RESOURCE_EXHAUSTED: {tmp_path}: No space left on device [os_error_code='{errno.ENOSPC}']")

    monkeypatch.setattr(checkpoint, "_write_arrays", full)
    with pytest.raises(OutputError, match=r"cannot be written: No space left on device\. Make room"):
        save_checkpoint(tmp_path / "model", ARRAYS, {})
    assert not (tmp_path / "model").exists()


def test_only_orbax_is_silent_and_only_while_it_saves(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("absl")

    def log(path: str) -> None:
        logger.handle(logger.makeRecord("absl", logging.ERROR, path, 1, path, (), None))

    with caplog.at_level(logging.ERROR, "absl"):
        logger.propagate, before = True, logger.propagate
        with orbax_silent():
            log("/x/orbax/checkpoint/future.py")
            log("/x/other/future.py")
        log("/x/orbax/checkpoint/future.py")
        logger.propagate = before
    assert [record.pathname for record in caplog.records] == ["/x/other/future.py", "/x/orbax/checkpoint/future.py"]

"""The weights file, and what must stand beside it."""

from pathlib import Path

import numpy as np
import pytest

from smilejax import SmilejaxError
from smilejax.faces import face_landmarker, landmarker


def test_weights_are_in_half_precision() -> None:
    with np.load(landmarker.WEIGHTS_FILE) as arrays:
        assert {arrays[name].dtype for name in arrays.files} == {np.dtype(np.float16)}
        assert sum(arrays[name].size for name in arrays.files) == 1_770_661


def test_loaded_once() -> None:
    assert face_landmarker() is face_landmarker()
    assert all(len(part) > 10 for part in face_landmarker())


@pytest.mark.parametrize("data", [None, b"", b"PK not these"])
def test_other_weights_are_refused(data: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "weights.npz"
    if data is not None:
        path.write_bytes(data)
    monkeypatch.setattr(landmarker, "WEIGHTS_FILE", path)
    with pytest.raises(SmilejaxError, match=r"weights\.npz.* Install smilejax again"):
        face_landmarker.__wrapped__()


def test_licence_and_origin_stand_beside() -> None:
    folder = landmarker.WEIGHTS_FILE.parent
    assert "Apache License" in (folder / "LICENSE-APACHE-2.0.txt").read_text()
    notice = (folder / "NOTICE.txt").read_text()
    for said in ("Google LLC", "What was changed", "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"):
        assert said in notice
    assert "second-hand" in (folder / "MODEL_CARDS.md").read_text()

"""PsychoPy's ioHub: HDF5 files and tables exported from them."""

import builtins
from pathlib import Path

import numpy as np
import pytest
from helpers.tracker_files.iohub import write_iohub
from helpers.tracker_files.reading import assert_recorded, names, read, said, used
from helpers.tracker_files.tobii import recorded

from smilejax._util.errors import ReadError
from smilejax.readers.given import Given
from smilejax.readers.trackers import psychopy_iohub
from smilejax.settings import ReadSettings

TRUTH = recorded(120.0)
F32 = 1e-6


def test_gives_back_what_was_recorded(tmp_path: Path) -> None:
    samples = read(psychopy_iohub, write_iohub(tmp_path / "a.hdf5", TRUTH))
    assert_recorded(samples, TRUTH, F32)
    assert samples.units == ("mm", "mm")
    assert samples.time is not None
    assert samples.time.unit == "s"
    np.testing.assert_array_equal(samples.time.values, TRUTH.time_us / 1e6)
    np.testing.assert_array_equal(samples.invalid, TRUTH.lost)


def test_condition_variables_are_trials_with_their_onset(tmp_path: Path) -> None:
    samples = read(psychopy_iohub, write_iohub(tmp_path / "a.hdf5", TRUTH))
    assert names(samples, "stimulus") == list(TRUTH.stimulus)
    assert names(samples, "label") == list(TRUTH.label)
    shown = np.array([s != "" for s in TRUTH.stimulus])
    assert samples.zero is not None
    np.testing.assert_array_equal(np.isnan(samples.zero), ~shown)
    assert samples.zero[10] == TRUTH.time_us[10] / 1e6
    bare = read(psychopy_iohub, write_iohub(tmp_path / "b.hdf5", TRUTH, conditions=False))
    assert bare.zero is None
    assert set(bare.names) == {"recording", "participant"}


def test_messages_are_events_of_their_session(tmp_path: Path) -> None:
    samples = read(psychopy_iohub, write_iohub(tmp_path / "a.hdf5", TRUTH))
    assert [e.text for e in samples.events] == ["ONSET_smile_a", "ONSET_smile_b"] * 2
    assert [e.recording for e in samples.events] == ["P1_2026-11-27"] * 2 + ["P2_2026-11-27"] * 2
    assert samples.names["recording"].names == ("P1_2026-11-27", "P2_2026-11-27")


@pytest.mark.parametrize(("eye", "side", "lane"), [(21, "left", 0), (22, "right", 1)])
def test_one_eye_stays_one_eye(tmp_path: Path, eye: int, side: str, lane: int) -> None:
    samples = read(psychopy_iohub, write_iohub(tmp_path / "a.hdf5", TRUTH, monocular=eye))
    assert samples.eyes == (side,)
    np.testing.assert_allclose(used(samples)[:, lane], TRUTH.pupil[:, lane], rtol=0, atol=F32)
    assert np.isnan(samples.pupil[:, 1 - lane]).all()


def test_a_value_behind_an_invalid_mark_is_never_used(tmp_path: Path) -> None:
    samples = read(psychopy_iohub, write_iohub(tmp_path / "a.hdf5", TRUTH, behind_lost=3.5))
    assert_recorded(samples, TRUTH, F32)
    assert (samples.pupil[TRUTH.lost] == 3.5).all()


@pytest.mark.parametrize(("kind", "unit"), [(77, "mm"), (71, "au"), (70, "au2"), (0, None)])
def test_an_area_is_not_mistaken_for_a_diameter(tmp_path: Path, kind: int, unit: str | None) -> None:
    assert read(psychopy_iohub, write_iohub(tmp_path / "a.hdf5", TRUTH, kind=kind)).units == (unit, unit)


def test_a_radius_is_said(tmp_path: Path) -> None:
    samples = read(psychopy_iohub, write_iohub(tmp_path / "a.hdf5", TRUTH, kind=82))
    assert "warning: a radius in mm" in said(samples, "measure of the left pupil")


def test_without_the_library_the_message_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_iohub(tmp_path / "a.hdf5", TRUTH)
    real = builtins.__import__

    def refuse(name: str, *rest: object) -> object:
        if name == "h5py":
            raise ImportError(name)
        return real(name, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(ReadError, match=r"pip install 'smilejax\[hdf5\]'"):
        psychopy_iohub.read(Given(path), ReadSettings())


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.999])
def test_a_file_that_was_cut_is_an_error_that_names_it(tmp_path: Path, share: float) -> None:
    path = write_iohub(tmp_path / "a.hdf5", TRUTH)
    raw = path.read_bytes()
    path.write_bytes(raw[: int(len(raw) * share)])
    with pytest.raises(ReadError, match=r"a\.hdf5"):
        psychopy_iohub.read(Given(path), ReadSettings())


def test_other_hdf5_files_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "a.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(100))
    assert not psychopy_iohub.recognises(Given(tmp_path / "a.h5"), ReadSettings())


def test_an_exported_table(tmp_path: Path) -> None:
    heads = "TRIAL_INDEX\tTRIAL_START_TIME\ttime\tleft_pupil_measure1\tright_pupil_measure1\tstatus\tparticipant"
    lines = [heads]
    for i, time in enumerate(TRUTH.time_us / 1e6):
        left, right = np.where(TRUTH.lost[i], 3.5, TRUTH.pupil[i]).tolist()
        status = int(TRUTH.lost[i] @ [20, 2])
        lines.append(
            f"{i // 50 + 1}\t{TRUTH.time_us[i // 50 * 50] / 1e6}\t{time}\t{left}\t{right}\t{status}\t{TRUTH.participant[i]}"
        )
    (tmp_path / "a.txt").write_text("\n".join(lines) + "\n")
    samples = read(psychopy_iohub, tmp_path / "a.txt")
    assert_recorded(samples, TRUTH)
    assert samples.time is not None
    assert samples.time.unit == "s"
    assert samples.zero is not None
    assert samples.zero[60] == TRUTH.time_us[50] / 1e6
    assert names(samples, "trial")[49:51] == ["1", "2"]

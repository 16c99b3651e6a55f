"""`smilejax track`, with a tracker that needs no networks: files in, a table out, and a word on all that is odd."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers.command_line import printed, refused, run
from helpers.fake_tracker import FakeTracker, put_in_place
from helpers.made_videos import quadrants, write_video
from PIL import Image

import smilejax
from smilejax.faces.measures import MEASURES
from smilejax.recordings.faces import Faces
from smilejax.tracking import many_videos as module
from smilejax.tracking.find_videos import find_videos
from smilejax.tracking.saved_tracks import SavedTracks

BLACK = np.zeros((64, 96, 3), np.uint8)


@pytest.fixture
def tracker(monkeypatch: pytest.MonkeyPatch) -> FakeTracker:
    fake = FakeTracker()
    put_in_place(monkeypatch, fake)
    return fake


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    videos = tmp_path / "videos"
    videos.mkdir()
    for smiler in (1, 2):
        for at, kind in enumerate(("deliberate", "spontaneous")):
            bright = [quadrants() // (1 + smiler + 2 * at)] * 3
            write_video(videos / f"00{smiler}_{kind}_smile_1.mp4", bright + [BLACK] * (smiler == 2))
    return videos


def test_a_folder_becomes_a_table_that_is_read_as_faces(
    tracker: FakeTracker, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder.parent / "faces.csv"
    said = printed(capsys, "track", folder, "--out", out)
    assert "4 videos, 14 frames; no face in 2 of them (14.3%)" in said
    assert "no face in 1 frame of 4" in said
    table = pd.read_csv(out, dtype={"smiler": str})
    assert list(table.columns[:5]) == ["video", "smiler", "label", "time_ms", "confidence"]
    assert [measure.name for measure in MEASURES] == list(table.columns[5 : 5 + len(MEASURES)])
    faces = smilejax.read(out)
    assert isinstance(faces, Faces)
    assert faces.participant == ("001", "001", "002", "002")
    assert faces.label.tolist() == [0, 1, 0, 1]
    assert faces.length.tolist() == [3, 3, 4, 4]
    assert {one.name: one.numbers for one in faces.covariates}["width"] == (96.0,) * 4
    assert not list(out.parent.glob(".faces*"))


def test_an_interrupted_run_goes_on_and_gives_the_same_bytes(
    tracker: FakeTracker, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = folder.parent / "whole.csv"
    assert run("track", folder, "--out", whole) == 0
    tracker.tracked.clear()
    out = folder.parent / "faces.csv"

    def stops(path: Path, **options: object) -> object:
        if path.name.startswith("002_spontaneous"):
            raise KeyboardInterrupt
        return tracker(path, **options)

    monkeypatch.setattr(module, "track_video", stops)
    assert run("track", folder, "--out", out) == 130
    assert not out.exists()
    monkeypatch.setattr(module, "track_video", tracker)
    tracker.tracked.clear()
    assert run("track", folder, "--out", out) == 0
    assert tracker.tracked == ["002_spontaneous_smile_1.mp4"]
    assert out.read_bytes() == whole.read_bytes()


def test_a_video_that_changed_since_or_another_face_is_tracked_anew(
    tracker: FakeTracker, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = folder.parent / "faces.csv"
    with monkeypatch.context() as stopped:
        stopped.setattr("smilejax.tracking.faces_table.faces_table", None)  # the table cannot be made: all is kept
        with pytest.raises(TypeError):
            run("track", folder, "--out", out)
    write_video(folder / "001_deliberate_smile_1.mp4", [quadrants()] * 5)
    tracker.tracked.clear()
    with monkeypatch.context() as stopped:
        stopped.setattr("smilejax.tracking.faces_table.faces_table", None)
        with pytest.raises(TypeError):
            run("track", folder, "--out", out)
    assert tracker.tracked == ["001_deliberate_smile_1.mp4"]
    assert run("track", folder, "--out", out, "--face", "2") == 0
    assert len(tracker.tracked) == 5


def test_what_cannot_be_read_stops_no_other(
    tracker: FakeTracker, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "003_deliberate_smile_1.mp4").write_bytes(b"")
    (folder / "004_deliberate_smile_1.mp4").write_bytes(b"")
    out = folder.parent / "faces.csv"
    assert run("track", folder, "--out", out) == 0
    said = capsys.readouterr().err.splitlines()
    assert "warning: 2 files could not be tracked and are not in the table:" in said
    assert sum(line.startswith("- ") and "_deliberate_smile_1.mp4: the file is empty" in line for line in said) == 2
    assert pd.read_csv(out)["video"].nunique() == 4
    (folder.parent / "empty").mkdir()
    (folder.parent / "empty" / "a.mp4").write_bytes(b"")
    said = refused(capsys, "track", folder.parent / "empty", "--out", folder.parent / "none.csv")
    assert "none of 1 file could be tracked" in said


def test_photos_and_labels(tracker: FakeTracker, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "photos").mkdir()
    for name in ("a", "b"):
        Image.fromarray(quadrants()).save(tmp_path / "photos" / f"{name}.jpg")
    (tmp_path / "labels.csv").write_text("file,smiler,label\na,ann,posed\nb,bob,genuine\nc,cat,genuine\n")
    out = tmp_path / "faces.csv"
    assert run("track", tmp_path / "photos", "--labels", tmp_path / "labels.csv", "--out", out) == 0
    assert "names no video that was given: c" in " ".join(capsys.readouterr().err.split())
    faces = smilejax.read(out)
    assert isinstance(faces, Faces)
    assert faces.stills
    assert faces.participant == ("ann", "bob")


def test_copies_are_said_and_are_no_earlier_run(
    tracker: FakeTracker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a", "b", "c"):
        Image.fromarray(quadrants()).save(tmp_path / f"{name}.jpg")
    assert run("track", tmp_path, "--out", tmp_path / "faces.csv") == 0
    heard = capsys.readouterr()
    said = " ".join((heard.out + heard.err).split())
    assert "2 files have the content of others: b.jpg is a.jpg, c.jpg is a.jpg." in said
    assert "earlier run" not in said


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--face", "0"), "--face must be largest, left, right, or a number from the left, from 1 up"),
        (("--face", "middle"), "--face must be"),
        (("--frames-hz", "0"), "--frames-hz must be a number above 0"),
        (("--names", "{smiler}", "--labels", "labels.csv"), "Give --labels or --names, not both"),
        (("--names", "{who}"), "--names: '{who}' in"),
        (("--out", "videos/001_deliberate_smile_1.mp4"), "suffix '.mp4' is not among those written"),
    ],
)
def test_options_that_cannot_be(
    folder: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    expected: str,
) -> None:
    monkeypatch.chdir(folder.parent)
    out = () if "--out" in options else ("--out", "faces.csv")
    assert expected in refused(capsys, "track", "videos", *out, *options)


def test_crops_are_said_to_be_biometric_and_go_to_an_empty_folder(
    tracker: FakeTracker, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder.parent / "faces.csv"
    assert "holds something already" in refused(capsys, "track", folder, "--out", out, "--crops", folder)
    assert run("track", folder, "--out", out, "--crops", folder.parent / "crops") == 0
    assert "biometric data" in capsys.readouterr().err


def test_a_kept_video_is_trusted_by_its_digest_and_only_by_the_same_program(
    tracker: FakeTracker, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = SavedTracks.beside(tmp_path / "faces.csv")
    (video, *_) = find_videos([folder])
    key = saved.key(video, "largest", None)
    saved.put(key, tracker(video.path))
    assert saved.get(key) is not None
    (file,) = saved.folder.iterdir()
    whole = file.read_bytes()
    for at in np.linspace(0, len(whole) - 1, 60).astype(int):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        assert saved.get(key) is None
    monkeypatch.setenv("XLA_FLAGS", "--xla_cpu_enable_fast_math=true")
    assert SavedTracks.beside(tmp_path / "faces.csv").key(video, "largest", None) != key

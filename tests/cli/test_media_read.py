"""Videos and photos for a model: tracked at once, or refused in words; with a tracker that needs no networks."""

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from helpers.fake_tracker import FakeTracker, put_in_place
from helpers.made_videos import quadrants, write_video
from PIL import Image

from smilejax._util.errors import DataError, ReadError
from smilejax.cli import predict_command
from smilejax.cli.media_read import are_media, as_the_model_sees, faces_for
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.recipe import Recipe
from smilejax.settings import ReadSettings

MODEL = SimpleNamespace(recipe=FaceRecipe(), crop_side=None, stills=False, class_names=("posed", "genuine"))
STILL_MODEL = SimpleNamespace(recipe=FaceRecipe.stills(), crop_side=None, stills=True, class_names=("posed", "genuine"))


@pytest.fixture
def tracker(monkeypatch: pytest.MonkeyPatch) -> FakeTracker:
    fake = FakeTracker()
    put_in_place(monkeypatch, fake)
    return fake


@pytest.fixture
def video(tmp_path: Path) -> Path:
    dark = quadrants() // 2
    return write_video(tmp_path / "smile.mp4", [dark, quadrants(), np.zeros_like(dark), dark])


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    Image.fromarray(quadrants()).save(tmp_path / "smile.jpg")
    return tmp_path / "smile.jpg"


def test_a_video_becomes_faces_with_what_was_lost(tracker: FakeTracker, video: Path) -> None:
    faces, notes, _ = faces_for(MODEL, [video])
    assert faces.trial == ("smile.mp4",)
    assert faces.label.tolist() == [-1]
    assert faces.length.tolist() == [4]
    assert notes == ["smile.mp4: no face in 1 frame of 4"]
    assert as_the_model_sees(MODEL, faces) == (faces, [])


def test_a_model_of_single_frames_sees_a_photo_and_the_apex_of_a_video(
    tracker: FakeTracker, video: Path, photo: Path
) -> None:
    single, notes = as_the_model_sees(STILL_MODEL, faces_for(STILL_MODEL, [photo])[0])
    assert single.stills
    assert not notes
    faces, _, _ = faces_for(STILL_MODEL, [video])
    apex, notes = as_the_model_sees(STILL_MODEL, faces)
    assert apex.stills
    assert (
        apex.values[0, 0].tolist() == faces.values[0, 1].tolist()
    )  # the brightest, which the tracker takes for a smile
    assert "apex" in notes[0]


def test_a_photo_is_refused_by_a_model_of_videos_which_answers_the_videos_beside_it(
    tracker: FakeTracker, video: Path, photo: Path
) -> None:
    with pytest.raises(DataError, match=r"smile\.jpg is a single picture, and the model was trained on videos"):
        faces_for(MODEL, [photo])
    assert not tracker.tracked
    faces, _, broken = faces_for(MODEL, [video, photo])
    assert faces.trial == ("smile.mp4",)
    assert [(one.name, "single picture" in str(one.error)) for one in broken] == [("smile.jpg", True)]


def test_a_video_is_refused_by_a_model_of_pupils(tracker: FakeTracker, video: Path) -> None:
    pupils = SimpleNamespace(recipe=Recipe(), stills=False, class_names=("posed", "genuine"))
    with pytest.raises(DataError, match=r"the model was trained on pupils, and .* is a video or photo of a face"):
        faces_for(pupils, [video])
    assert not tracker.tracked


def test_a_table_of_faces_is_refused_by_a_model_of_pupils(tmp_path: Path) -> None:
    """Whatever its own recordings were read by: the first thing to say is that these are no pupils."""
    table = tmp_path / "faces.csv"
    table.write_text("video,smiler,label,time_ms,AU12\na,ann,posed,0,1\na,ann,posed,40,2\n")
    pupils = SimpleNamespace(recipe=Recipe())
    with pytest.raises(DataError, match=r"trained on pupils, and \S*faces\.csv is a table of faces"):
        predict_command._refuse_tables_of_faces(pupils, [table], ReadSettings())
    predict_command._refuse_tables_of_faces(MODEL, [table], ReadSettings())
    table.write_text("participant,trial,label,time_ms,left_mm\np,a,posed,0,3\np,a,posed,20,3\n")
    predict_command._refuse_tables_of_faces(pupils, [table], ReadSettings())


def test_no_face_in_any_of_them(tracker: FakeTracker, tmp_path: Path) -> None:
    black = write_video(tmp_path / "black.mp4", [np.zeros((64, 96, 3), np.uint8)] * 2)
    with pytest.raises(DataError, match=r"no face was found in .*black\.mp4"):
        faces_for(MODEL, [black])


def test_what_is_a_video_or_photo_and_what_a_table(video: Path, photo: Path, tmp_path: Path) -> None:
    (tmp_path / "faces.csv").write_text("video,smiler\n")
    video.rename(tmp_path / "clip")
    assert are_media([tmp_path / "clip", photo, tmp_path])
    assert not are_media([tmp_path / "faces.csv"])
    assert not are_media([tmp_path / "none.csv"])
    with pytest.raises(DataError, match=r"Give them one after the other"):
        are_media([photo, tmp_path / "faces.csv"])


def test_of_several_videos_those_that_can_be_read_are_answered(
    tracker: FakeTracker, video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = tmp_path / "empty.mp4"
    empty.write_bytes(b"")

    def tracked(path: Path, **options: object) -> object:
        if path == empty:
            raise ReadError(f"{path}: the file is empty (0 bytes).")
        return tracker(path, **options)

    put_in_place(monkeypatch, tracked)
    faces, _, broken = faces_for(MODEL, [empty, video])
    assert faces.trial == ("smile.mp4",)
    assert [(one.name, "0 bytes" in str(one.error)) for one in broken] == [("empty.mp4", True)]
    with pytest.raises(ReadError, match="0 bytes"):
        faces_for(MODEL, [empty])

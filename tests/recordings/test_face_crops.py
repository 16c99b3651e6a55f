"""`FaceCrops`: faces with pictures, from a table and its folder; what is wrong with them is named."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from helpers.made_crops import write_crops
from PIL import Image

from smilejax import FaceCrops, FaceRecipe, Faces, ReadSettings, apex_frames, read, read_crops
from smilejax._util.errors import DataWarning, FacesError, ReadError, SettingsError, SmilejaxError
from smilejax.preprocess import face_pipeline
from smilejax.preprocess.cleaning import settle
from smilejax.readers.faces.frame_grid import _nearest
from smilejax.readers.faces.tidy_faces import tidy_faces
from smilejax.recordings.recording import Recording

CLASSES = ReadSettings(classes=("posed", "genuine"))
FRAME = "00_genuine.mp4/frame_000002.png"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    return write_crops(tmp_path, smilers=2, frames=3)


def pixels(folder: Path, name: str) -> np.ndarray:
    with Image.open(folder / "crops" / name) as picture:
        return np.asarray(picture)


def test_each_frame_has_the_picture_that_its_row_names(table: Path) -> None:
    faces = read(table, CLASSES)
    crops = read_crops(table.parent / "crops", faces, side=16)
    assert isinstance(crops, Recording)
    assert isinstance(crops, Faces)
    assert crops.pixels.shape == (4, 3, 16, 16, 3)
    assert faces.crop == tuple(
        tuple(f"{who}_{label}.mp4/frame_{frame:06d}.png" for frame in (1, 2, 3))
        for who in ("00", "01")
        for label in ("posed", "genuine")
    )
    for row, names in enumerate(faces.crop):
        for frame, name in enumerate(names):
            np.testing.assert_array_equal(crops.pixels[row, frame], pixels(table.parent, name))
    assert "3 frames at 10 Hz (0.3 s), 2 measures: lip_corner_left, lip_corner_right, crops of 16 x 16 pixels" in repr(
        crops
    )
    assert crops.source.findings[-1].value == "16 x 16 pixels of 3 colours, 12 frames, 0.00922 MB of memory"
    with pytest.raises(ValueError, match="read-only"):
        crops.pixels[0] = 0


def test_rows_apex_and_table_keep_the_pictures(table: Path) -> None:
    crops = read_crops(table.parent / "crops", read(table, CLASSES), side=16)
    np.testing.assert_array_equal(crops[[2, 0]].pixels, crops.pixels[[2, 0]])
    single = apex_frames(crops)
    at = crops.values.mean(2).argmax(1)
    np.testing.assert_array_equal(single.pixels[:, 0], crops.pixels[np.arange(4), at])
    assert single.crop == tuple((crops.crop[row][frame],) for row, frame in enumerate(at))
    alone = read_crops(table.parent / "crops", apex_frames(read(table, CLASSES)), side=16)
    np.testing.assert_array_equal(alone.pixels, single.pixels)
    assert tidy_faces(crops)["crop"].tolist() == [name for names in crops.crop for name in names]


def test_they_are_scaled_by_means_of_areas(tmp_path: Path) -> None:
    table = write_crops(tmp_path, smilers=1, side=32)
    small = read_crops(tmp_path / "crops", read(table, CLASSES), side=16).pixels[0, 0].astype(float)
    large = pixels(tmp_path, "00_posed.mp4/frame_000001.png").astype(float)
    assert np.abs(small - large.reshape(16, 2, 16, 2, 3).mean((1, 3))).max() <= 1


def spoiled(folder: Path, how: str) -> None:
    file = folder / "crops" / FRAME
    if how == "folder":
        (folder / "crops").rename(folder / "elsewhere")
    elif how == "absent":
        file.unlink()
    elif how == "cut":
        file.write_bytes(file.read_bytes()[:200])
    elif how == "text":
        file.write_text("no picture")
    elif how == "size":
        Image.new("RGB", (24, 24)).save(file)
    elif how == "oblong":
        Image.new("RGB", (16, 20)).save(file)
    else:
        text = (folder / "faces.csv").read_text()
        outside = {"outside": "../faces.csv", "none": "", "column": FRAME}[how]
        names = r"00_genuine.mp4/frame_\d+.png" if how == "none" else re.escape(FRAME)
        text = re.sub(names, outside, text)
        (folder / "faces.csv").write_text(text.replace(",crop,", ",picture,") if how == "column" else text)


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("folder", "crops: there is no such folder of crops"),
        ("absent", f"{FRAME}: there is no such crop, and the table names it"),
        ("cut", f"{FRAME}: cannot be decoded"),
        ("text", f"{FRAME}: begins as a photo does, and cannot be read as one"),
        ("size", f"{FRAME}: crops must be 16 x 16 as .*00_posed.mp4/frame_000001.png; this one has 24 x 24 pixels"),
        ("oblong", f"{FRAME}: crops must be square; this one has 16 x 20 pixels"),
        ("outside", "the crop '../faces.csv' is not in the folder"),
        ("none", "every video must have a crop of the face; video '00_genuine.mp4' of smiler 's0' .row 1. has none"),
        ("column", "does not say which crop belongs to which frame: it has no column crop"),
    ],
)
@pytest.mark.filterwarnings("ignore:not used")
def test_what_is_wrong_is_named(table: Path, how: str, expected: str) -> None:
    spoiled(table.parent, how)
    with pytest.raises(SmilejaxError, match=expected):
        read_crops(table.parent / "crops", read(table, CLASSES), side=16)


def test_a_side_larger_than_the_crops(table: Path) -> None:
    with pytest.raises(ReadError, match="the crop has 16 x 16 pixels, fewer than the 48 that are wanted"):
        read_crops(table.parent / "crops", read(table, CLASSES))


def test_arrays_of_another_shape(table: Path) -> None:
    crops = read_crops(table.parent / "crops", read(table, CLASSES), side=16)
    for wrong in ({"pixels": crops.pixels[:, :2]}, {"pixels": crops.pixels / 255.0}, {"there": crops.there[:, :1]}):
        with pytest.raises(FacesError, match="must be"):
            replace(crops, **wrong)
    with pytest.raises(FacesError, match="crop must have one name for each frame"):
        replace(read(table, CLASSES), crop=(("a",),) * 4)


def test_frames_off_the_grid_take_the_nearest_picture(table: Path) -> None:
    """A video of another rate is put on the grid by time: its pictures are not mixed."""
    text = table.read_text()
    table.write_text(text.replace("00_posed.mp4,s0,posed,100.0", "00_posed.mp4,s0,posed,140.0"))
    with pytest.warns(DataWarning, match="put on 10 Hz by time"):
        names = read(table, CLASSES).crop[0]
    assert [name[-5] for name in names] == ["1", "2", "3"]
    found = _nearest(np.array([0, 0.3, 1.9, 2.0, 9.0]), 10, 2.5)
    assert found.tolist() == [0, 1, 3, 3, -1, -1, -1, -1, 4, 4]


def test_the_recipe_and_the_recording_must_agree(table: Path) -> None:
    faces = read(table, CLASSES)
    recipe = FaceRecipe(crop_side=16, align="start", neutral_ms=None, lowpass_hz=None)
    with pytest.raises(SettingsError, match="crop_side must be None for recordings without crops; it is 16"):
        settle(recipe, faces)
    crops = read_crops(table.parent / "crops", faces, side=16)
    assert isinstance(crops, FaceCrops)
    assert settle(recipe, crops).crop_side == 16
    with pytest.raises(SettingsError, match="crop_side must be 16, as many pixels as the crops"):
        settle(replace(recipe, crop_side=24), crops)
    with pytest.raises(SettingsError, match="crop_side must be None, or a multiple of 8 from 16 up; it is 20"):
        replace(recipe, crop_side=20)


def test_steps_take_the_nearest_frame_that_has_a_crop_from_before_the_onset_on(table: Path) -> None:
    """Of a video at 10 Hz, given at 5 Hz, whose onset is at 200 ms and of which 100 ms before it are kept."""
    many = (
        write_crops(table.parent / "many", smilers=1, frames=10) if (table.parent / "many").mkdir() is None else table
    )
    crops = read_crops(many.parent / "crops", read(many, CLASSES), side=16)
    there = crops.there.copy()
    there[0, 3] = False
    crops = replace(crops, there=there)
    recipe = FaceRecipe(crop_side=16, before_onset_ms=100.0, resample_hz=5.0, duration_ms=1000.0)
    onset = np.array([200.0, np.nan], np.float32)
    cleaned = type("Cleaned", (), {"smile": type("Smile", (), {"onset_ms": onset})})
    valid = np.array([[True] * 4 + [False], [True] * 5])
    found = np.asarray(face_pipeline._crops(crops, recipe, cleaned, valid))  # type: ignore[arg-type]
    for step, frame in enumerate(
        (1, 2, 5, 7)
    ):  # 100, 300, 500, 700 ms; of 300 ms there is none, and 200 is as near as 400
        np.testing.assert_array_equal(found[0, step], crops.pixels[0, frame])
    assert not found[0, 4].any()
    for step, frame in enumerate((0, 2, 4, 6, 8)):  # without an onset from the start
        np.testing.assert_array_equal(found[1, step], crops.pixels[1, frame])

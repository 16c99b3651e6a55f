"""`FaceRecipe`: every step by what it does to courses that are known, its words and its errors."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from helpers.drawn_faces import RATE_HZ, drawn_faces

from smilejax import FaceRecipe, Faces, Reason, Recipe, TrialStatus, clean, prepare
from smilejax._util.errors import SettingsError
from smilejax.preprocess.cleaning import settle
from smilejax.preprocess.face_quality import face_quality, face_table, kept_ms
from smilejax.preprocess.face_steps import FACE_STEPS
from smilejax.preprocess.recipe_in_words import steps
from smilejax.preprocess.to_dataset import to_dataset

BARE = FaceRecipe(align="start", neutral_ms=None, lowpass_hz=None, resample_hz=None, max_gap_ms=0.0)


@pytest.fixture(scope="module")
def faces() -> Faces:
    return drawn_faces(4, 2)


def changed(faces: Faces, **at: Any) -> Faces:
    """Faces with NaN or other values put in: `values=(index, value)`."""
    parts = {name: np.array(getattr(faces, name)) for name in at}
    for name, (index, value) in at.items():
        parts[name][index] = value
    return replace(faces, **parts)


def test_nothing_is_done_where_every_step_is_left_out(faces: Faces) -> None:
    dataset = prepare(faces, BARE)
    np.testing.assert_array_equal(dataset.x, faces.values)
    assert dataset.valid.all()
    assert (dataset.start_ms, dataset.rate_hz) == (0.0, RATE_HZ)
    assert dataset.channels[0].words == "raising of the left lip corner"


def test_frames_of_low_or_unknown_confidence_are_missing(faces: Faces) -> None:
    unsure = changed(faces, confidence=((0, slice(3, 5)), [0.49, np.nan]))
    cleaned = clean(unsure, BARE)
    assert np.asarray(cleaned.trace.reason)[0, 2:6, 0].tolist() == [0, Reason.LOW_CONFIDENCE, Reason.LOW_CONFIDENCE, 0]
    assert float(cleaned.quality.proportion_valid[0]) == pytest.approx(0.98)
    assert float(cleaned.quality.longest_gap_ms[0]) == pytest.approx(80.0)


def test_negative_values_are_values_and_short_gaps_are_filled_on_lines(faces: Faces) -> None:
    line = changed(faces, values=((0, slice(None), 0), np.linspace(-1, 1, 100)))
    gap = changed(line, values=((0, slice(10, 14)), np.nan))
    filled = prepare(gap, replace(BARE, max_gap_ms=200.0))
    np.testing.assert_allclose(filled.x[0, :, 0], np.linspace(-1, 1, 100), atol=1e-6)
    left = prepare(changed(line, values=((0, slice(10, 30)), np.nan)), replace(BARE, max_gap_ms=200.0))
    assert np.asarray(left.valid)[0].sum() == 80


def test_the_onset_is_where_the_course_leaves_the_neutral_face(faces: Faces) -> None:
    """Of a ramp from 0 to 1 between frames 20 and 30, with a level of 5, 10 % are exceeded at frame 22."""
    course = 5 + np.clip((np.arange(100) - 20) / 10, 0, 1)
    ramped = changed(faces, values=((slice(None), slice(None), slice(0, 2)), course[:, None]))
    cleaned = clean(ramped, replace(BARE, align="onset", neutral_ms=200.0))
    assert np.asarray(cleaned.smile.onset_ms).tolist() == [22 * 40.0] * len(faces)
    np.testing.assert_allclose(cleaned.smile.amplitude, 1.0, atol=1e-5)
    np.testing.assert_allclose(cleaned.neutral[:, 0], 5.0, atol=1e-5)
    dataset = prepare(ramped, replace(BARE, align="onset", neutral_ms=200.0, before_onset_ms=400.0))
    assert dataset.start_ms == -400.0
    np.testing.assert_allclose(dataset.x[0, 8:20, 0], np.clip(np.arange(12) / 10, 0, 1), atol=1e-5)
    assert np.asarray(dataset.valid).sum(1).tolist() == [88] * len(
        faces
    )  # 12 frames of the window lie behind the video


def test_a_dip_on_the_way_does_not_hide_the_rise_to_the_maximum(faces: Faces) -> None:
    course = np.concatenate([np.zeros(20), np.full(5, 0.3), np.zeros(10), np.ones(65)])
    twice = changed(faces, values=((slice(None), slice(None), slice(0, 2)), course[:, None]))
    cleaned = clean(twice, replace(BARE, align="onset", neutral_ms=200.0))
    assert float(cleaned.smile.onset_ms[0]) == 35 * 40.0


def test_videos_without_a_neutral_face_or_a_smile_are_rejected(faces: Faces) -> None:
    late = changed(faces, values=((0, slice(0, 10)), np.nan))
    flat = changed(late, values=((1, slice(None), slice(0, 2)), 0.0))
    empty = changed(flat, values=((2, slice(None)), np.nan))
    status = np.asarray(clean(empty, replace(BARE, align="onset", neutral_ms=200.0)).status).tolist()
    assert status[:4] == [
        TrialStatus.NO_NEUTRAL_FACE, TrialStatus.NO_ONSET, TrialStatus.NOTHING_MEASURED, TrialStatus.KEPT,
    ]  # fmt: skip


def test_a_video_is_cleaned_alike_alone_and_among_others(faces: Faces) -> None:
    whole, alone = prepare(faces, BARE), prepare(faces[[3]], BARE)
    np.testing.assert_array_equal(whole.x[3], alone.x[0])


def test_measures_and_the_mask_are_given_as_asked_for(faces: Faces) -> None:
    gap = changed(faces, values=((0, 10), np.nan))
    recipe = replace(BARE, measures=("eyelids_left",), measured=True, max_gap_ms=200.0)
    dataset = prepare(gap, recipe)
    assert [channel.name for channel in dataset.channels] == ["eyelids_left", "mask"]
    assert np.asarray(dataset.x)[0, 9:12, 1].tolist() == [1, 0, 1]
    assert dataset.valid.all()


def test_photos_are_given_as_they_are_whatever_the_recipe_does_in_time(faces: Faces) -> None:
    photos = replace(faces, values=faces.values[:, 40:41], confidence=None, length=np.ones(len(faces)), rate_hz=1.0)
    dataset = to_dataset(photos)
    np.testing.assert_array_equal(dataset.x, photos.values)
    assert dataset.kept.all()
    assert settle(FaceRecipe(), photos) == settle(FaceRecipe.stills(), photos)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"min_confidence": 1.5}, "min_confidence must be a number at least 0 and at most 1 or None; it is 1.5"),
        ({"align": "apex"}, "align must be one of onset, start; it is 'apex'"),
        ({"onset_proportion": 1.0}, "onset_proportion must be above 0 and below 1; it is 1.0"),
        ({"neutral_ms": None}, "align must be start where neutral_ms is None"),
        ({"neutral_ms": 0}, "neutral_ms must be a number above 0 or None"),
        ({"measures": ()}, "measures must be different names of measures"),
        ({"measured": 1}, "measured must be True or False"),
    ],
)
def test_settings_out_of_range_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        FaceRecipe(**changes)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"measures": ("AU99",)}, "measures must be among those of the recording"),
        ({"measures": ("eyelids_left",)}, "align must be start where no measure follows the smile"),
        ({"resample_hz": 50.0}, "resample_hz must be at most the recording's rate of 25 Hz"),
        ({"lowpass_hz": 20.0}, "lowpass_hz must be below half the recording's rate"),
        ({"duration_ms": 400.0}, "before_onset_ms must be below duration_ms"),
        ({"neutral_ms": 10.0}, "neutral_ms must be at least one sample long"),
    ],
)
def test_a_recipe_that_does_not_fit_is_refused(faces: Faces, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        prepare(faces, FaceRecipe(**changes))
    assert str(caught.value).startswith(message)


def test_recipes_of_the_other_kind_are_refused(faces: Faces) -> None:
    with pytest.raises(SettingsError, match="recipe must be a FaceRecipe, since these are recordings of faces"):
        prepare(faces, Recipe())
    assert set(TrialStatus) >= {TrialStatus.NO_ONSET}


def test_words_name_no_pupil_and_follow_the_order_of_the_steps() -> None:
    words = steps(FaceRecipe(), 25.0)
    assert [one.name for one in words] == [
        "missing", "low confidence", "reject", "fill gaps", "low-pass", "neutral face", "reject", "align", "reject",
        "resample", "channels",
    ]  # fmt: skip
    assert not any("pupil" in one.does or "trial" in one.does for one in words)
    assert len({step.name for step in FACE_STEPS}) == len(FACE_STEPS)


def test_quality_and_cleaned_data_are_tables(faces: Faces) -> None:
    recipe = replace(BARE, align="onset", neutral_ms=200.0)
    lost = changed(faces, values=((0, slice(60, 65)), np.nan))
    cleaned = clean(lost, recipe)
    table = face_quality(lost, cleaned)
    assert table.loc[0, ["proportion_valid", "longest_gap_ms", "proportion_missing"]].tolist() == [0.95, 200.0, 0.05]
    assert table["onset_ms"].between(480, 1200).all()
    assert table.filter(like="proportion_").drop(columns="proportion_valid").sum(axis=1).round(6).eq(1).all()
    settled = settle(recipe, lost)
    rows = face_table(lost, cleaned, settled)
    assert rows["time_ms"].min() == -480.0
    assert rows.loc[rows["reason"] == "missing", "lip_corner_left"].isna().all()
    last = rows.groupby(["participant", "trial"], sort=False)["time_ms"].max() + 480.0 + 40.0
    np.testing.assert_allclose(last.to_numpy(), kept_ms(lost, cleaned, settled))

"""`Faces`: every rule with its message, ownership of arrays, selection; what `Trials` shares is tested there."""

import re
from typing import Any

import numpy as np
import pytest

from smilejax._util.errors import FacesError
from smilejax.recordings.face_measures import FACE_MEASURES, SMILE_MEASURES, face_measure, smile_measures
from smilejax.recordings.faces import STILL_RATE_HZ, Faces
from smilejax.recordings.recording import UNLABELLED, Recording
from smilejax.recordings.source import Source
from smilejax.recordings.stimulus_table import Covariate


def arguments(**changes: Any) -> dict[str, Any]:
    """Arguments of three good videos of two smilers, unequal in length."""
    values = np.random.default_rng(0).normal(0.0, 0.1, (3, 8, 2)).astype(np.float32)
    values[0, 2] = np.nan
    return {
        "values": values,
        "channels": ("lip_corner_left", "AU06"),
        "length": np.array([8, 6, 1]),
        "rate_hz": 25,
        "label": np.array([0, 1, UNLABELLED]),
        "class_names": ("posed", "genuine"),
        "trial": ("v1", "v2", "v1"),
        "participant": ("ann", "ann", "bob"),
        "confidence": np.full((3, 8), 0.9),
        "covariates": (Covariate("width", numbers=(640.0, 1280.0, None)), Covariate("camera", words=("a", "b", ""))),
    } | changes


def test_good_videos_are_held_as_given_and_are_a_recording() -> None:
    given = arguments()
    faces = Faces(**given)
    assert isinstance(faces, Recording)
    np.testing.assert_array_equal(faces.values, given["values"])
    assert (faces.values.dtype, faces.shape, len(faces)) == (np.float32, (3, 8, 2), 3)
    assert faces.confidence is not None
    assert faces.confidence.dtype == np.float32
    assert (faces.smiler, faces.stimulus, faces.start_ms, faces.rate_hz) == (None, None, 0.0, 25.0)
    assert faces.unit == "eye distances, intensity"
    given["values"][:] = 9.0
    assert not (faces.values == 9.0).any()
    with pytest.raises(ValueError, match="read-only"):
        faces.confidence[0] = 0


def test_measured_is_finite_and_inside_the_video() -> None:
    measured = Faces(**arguments()).measured()
    assert measured.sum((1, 2)).tolist() == [14, 12, 2]
    assert not measured[0, 2].any()


def test_rows_are_selected_with_all_that_is_known_of_them() -> None:
    faces = Faces(**arguments(stimulus=("s1", "s2", "s1")))
    taken = faces[[2, 0]]
    assert (taken.trial, taken.participant, taken.stimulus) == (("v1", "v1"), ("bob", "ann"), ("s1", "s1"))
    assert [one.values for one in taken.covariates] == [(None, 640.0), ("", "a")]
    np.testing.assert_array_equal(taken.values, faces.values[[2, 0]])
    assert taken.confidence is not None
    assert taken.channels == faces.channels
    assert Faces(**arguments(confidence=None))[0].confidence is None
    with pytest.raises(FacesError, match=re.escape("rows must be below the number of videos, 3; one is 3.")):
        faces[[3]]
    with pytest.raises(FacesError, match=re.escape("video 'v2' of smiler 'ann' (row 1) stands in row 0 already")):
        faces.take([1, 1])


def test_a_photo_is_a_video_of_one_frame() -> None:
    given = arguments()
    one = {"values": given["values"][:, :1], "length": np.ones(3), "confidence": None, "rate_hz": STILL_RATE_HZ}
    photos = Faces(**given | one)
    assert photos.stills
    assert not Faces(**given).stills
    assert "single frames, 2 measures: lip_corner_left, AU06" in repr(photos)


def test_repr_speaks_of_videos_and_smilers_and_html_is_escaped() -> None:
    faces = Faces(**arguments(source=Source("<b>.csv", "faces")))
    assert repr(faces) == (
        "Faces(3 videos; 2 smilers; 1 posed, 1 genuine, 1 without label; "
        "8 frames at 25 Hz (0.32 s), 2 measures: lip_corner_left, AU06; <b>.csv (faces))"
    )
    assert "<b>.csv" not in faces._repr_html_()
    assert "<caption><b>Faces</b></caption>" in faces._repr_html_()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"values": np.ones((3, 8))},
            "values must be shaped [N videos, T frames, C measures], with a measure at least",
        ),
        ({"values": np.ones((0, 8, 2))}, "there must be at least one video; values has none."),
        ({"channels": ("AU12",)}, "channels must have 2 names, one for each measure of values; it has 1."),
        ({"channels": "ab"}, "channels must be a sequence of names; it is 'ab'."),
        ({"channels": ("AU12", "AU12")}, "channels must be different names, none of them empty; they are AU12, AU12."),
        ({"channels": ("AU12", " ")}, "channels must be different names, none of them empty"),
        (
            {"length": np.array([8, 0, 8])},
            "a video must have 1 to 8 frames (the width of values); video 'v2' of smiler 'ann' (row 1) has 0.",
        ),
        ({"trial": ("v1",)}, "trial must have 3 names, one for each video of values; it has 1."),
        ({"stimulus": ("a",)}, "stimulus must have 3 names, one for each video of values; it has 1."),
        ({"rate_hz": 0}, "rate_hz must be a finite number above 0; it is 0.0."),
        ({"start_ms": np.nan}, "start_ms must be a finite number; it is nan."),
        ({"values": np.full((3, 8, 2), np.nan)}, "no frame of any of the 3 videos was measured: all are NaN."),
        (
            {"values": np.stack([np.ones((3, 8)), np.full((3, 8), np.nan)], axis=2)},
            "AU06 was measured in no frame of any video. Leave it out of channels.",
        ),
        ({"confidence": np.ones((3, 7))}, "confidence must have one number for each frame, [3, 8]; it is [3, 7]."),
        ({"confidence": "high"}, "confidence must be numbers; it arrived as <U4. Convert it before making Faces."),
        (
            {"confidence": np.full((3, 8), 90.0)},
            "confidence must be between 0 and 1, or NaN; video 'v1' of smiler 'ann' (row 0) has 90 at frame 0. "
            "Divide percents by 100.",
        ),
        ({"covariates": {"width": 3}}, "covariates must be a sequence of Covariate; they are {'width': 3}."),
        (
            {"covariates": (Covariate("width", numbers=(1.0,)),)},
            "a covariate must have one value for each of 3 videos; 'width' has 1.",
        ),
        (
            {"covariates": (Covariate("width", numbers=(1.0, 2.0, 3.0)),) * 2},
            "covariates must have different names; they are width, width.",
        ),
        ({"source": "file.csv"}, "source must be a Source; it is 'file.csv'."),
        (
            {"label": np.array([0, 2, 1])},
            "a label must be 0 (posed), 1 (genuine) or -1 (unknown); video 'v2' of smiler",
        ),
        ({"class_names": ("posed", "Posed ")}, "class_names must be two different words"),
    ],
)
def test_broken_faces_are_refused_with_the_rule_and_what_arrived(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(FacesError) as caught:
        Faces(**arguments(**changes))
    assert str(caught.value).startswith(message)


def test_an_infinite_value_is_named_and_padding_is_not_judged() -> None:
    values = np.array(arguments()["values"])
    values[1, 6:] = np.inf  # video 1 ends after 6 frames
    confidence = np.full((3, 8), 0.5)
    confidence[2, 1:] = -1
    assert len(Faces(**arguments(values=values, confidence=confidence))) == 3
    values[1, 5, 1] = -np.inf
    with pytest.raises(FacesError, match=r"video 'v2' of smiler 'ann' \(row 1\) has -inf at frame 5 of AU06\."):
        Faces(**arguments(values=values))


def test_measures_known_by_name_are_complete_and_the_course_of_a_smile_is_made_of_them() -> None:
    assert {name for names in SMILE_MEASURES for name in names} <= set(FACE_MEASURES)
    assert all(name == one.name and one.words and one.unit for name, one in FACE_MEASURES.items())
    assert smile_measures(("AU12", "lip_corner_right", "lip_corner_left")) == ("lip_corner_left", "lip_corner_right")
    assert smile_measures(("lip_corner_left", "mouth_width")) == ("mouth_width",)
    assert face_measure("nostrils").unit == "its own unit"

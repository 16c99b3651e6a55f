"""The figure of one video of a face: what was tracked and what the recipe made of it lie on one clock."""

import numpy as np
import pytest
from helpers.drawn_faces import drawn_faces

from smilejax.preprocess import clean
from smilejax.preprocess.cleaning import settle
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.report.figures import face_figure, rendered


@pytest.fixture(scope="module")
def drawn():
    faces, recipe = drawn_faces(), FaceRecipe()
    return faces, clean(faces, recipe), settle(recipe, faces)


def test_tracked_and_cleaned_courses_lie_on_each_other(drawn) -> None:
    faces, cleaned, recipe = drawn
    course, sure, why = face_figure(faces, cleaned, recipe, 1).axes
    lines = course.get_lines()
    tracked, made = lines[0].get_xydata(), lines[1].get_xydata()
    there = np.isfinite(made[:, 1])
    near = np.interp(made[there, 0], tracked[:, 0], tracked[:, 1])
    assert there.sum() > 10
    assert np.abs(near - made[there, 1]).max() < 0.1 * np.ptp(tracked[:, 1])
    assert np.abs(near - made[there, 1]).mean() < 0.03 * np.ptp(tracked[:, 1])
    assert len(sure.get_lines()[0].get_xydata()) == faces.length[1]
    assert why.get_yticklabels()[0].get_text() == f"{len(recipe.measures)} measures"


def test_a_video_without_onset_and_without_confidence_is_drawn(drawn) -> None:
    faces, _, recipe = drawn
    still = faces.values.copy()
    still[0] = still[0, 0]
    flat = faces.__class__(**{**vars(faces), "values": still, "confidence": None})
    figure = face_figure(flat, clean(flat, FaceRecipe()), recipe, 0)
    assert "onset" in figure.texts[1].get_text()
    assert [text.get_text() for text in figure.axes[1].texts] == ["not given"]
    assert rendered(figure, ".png").startswith(b"\x89PNG")

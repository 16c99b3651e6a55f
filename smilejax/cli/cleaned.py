"""What `smilejax clean` makes of a recording, whatever its kind: tables, and a figure of one trial."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from smilejax._util.errors import DataError
from smilejax.preprocess import Cleaned, clean, cleaned_tables
from smilejax.preprocess.any_recipe import AnyRecipe
from smilejax.preprocess.cleaning import settle
from smilejax.preprocess.face_pipeline import CleanedFaces
from smilejax.preprocess.face_quality import face_quality, face_table
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.quality_tables import trial_quality
from smilejax.preprocess.recipe import Recipe
from smilejax.recordings.any_recording import AnyRecording
from smilejax.recordings.faces import Faces


@dataclass(frozen=True, eq=False)
class CleanedRecording:
    """A cleaned recording.

    Arguments:
        cleaned: what the recipe made of it. quality: one row per trial.
        steps, samples: make the tables of the cleaned data, and of the samples as recorded.
        figure: draws the trial in a row, as a file with a suffix.
    """

    cleaned: Cleaned | CleanedFaces
    quality: pd.DataFrame
    steps: Callable[[], pd.DataFrame]
    samples: Callable[[], pd.DataFrame]
    figure: Callable[[int, str], bytes]


def cleaned_by(recording: AnyRecording, recipe: AnyRecipe) -> CleanedRecording:
    """Clean a recording.

    Raises:
        SettingsError: the recipe does not fit it.
    """
    if isinstance(recording, Faces):
        assert isinstance(recipe, FaceRecipe)
        return _faces(recording, recipe)
    assert isinstance(recipe, Recipe)
    trials, pupils, made = recording, recipe, clean(recording, recipe)

    def figure(row: int, suffix: str) -> bytes:
        from smilejax.report import figures

        return figures.rendered(figures.trace_figure(trials, made, pupils, row), suffix)

    return CleanedRecording(
        made,
        trial_quality(trials, made, pupils),
        lambda: cleaned_tables.step_table(trials, made, pupils),
        lambda: cleaned_tables.sample_table(trials, made),
        figure,
    )


def _faces(faces: Faces, recipe: FaceRecipe) -> CleanedRecording:
    made, settled = clean(faces, recipe), settle(recipe, faces)

    def samples() -> pd.DataFrame:
        raise DataError(
            "a table of samples as recorded is made of pupils alone; the table of faces holds them already."
        )

    def figure(row: int, suffix: str) -> bytes:
        from smilejax.report import figures

        return figures.rendered(figures.face_figure(faces, made, settled, row), suffix)

    return CleanedRecording(made, face_quality(faces, made), lambda: face_table(faces, made, settled), samples, figure)

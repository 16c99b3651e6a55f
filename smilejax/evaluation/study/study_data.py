"""What a study takes from a recording, whatever its kind: nothing that follows looks at the signal itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import singledispatch

import jax.numpy as jnp
import numpy as np
import numpy.typing as npt
from jaxtyping import Float

from smilejax._util.typed_json import JsonValue
from smilejax.classifiers import mask_only, mask_recipe
from smilejax.evaluation.class_quality import class_warnings
from smilejax.evaluation.study import cleaning_panels
from smilejax.evaluation.study.figure_results import CleaningPanels
from smilejax.preprocess import clean, prepare
from smilejax.preprocess.any_recipe import AnyRecipe, check_recipe
from smilejax.preprocess.channels import mask_channel, mask_of
from smilejax.preprocess.cleaned_tables import cleaned_unit
from smilejax.preprocess.cleaning import clean_and_prepare, settle
from smilejax.preprocess.dataset import Dataset
from smilejax.preprocess.face_quality import face_quality, kept_ms
from smilejax.preprocess.face_recipe import FaceRecipe
from smilejax.preprocess.quality_tables import trial_quality
from smilejax.preprocess.recipe import Recipe
from smilejax.preprocess.steps.baseline import chosen_window
from smilejax.preprocess.to_dataset import to_dataset
from smilejax.recordings.faces import Faces
from smilejax.recordings.recording import Recording, length_ms
from smilejax.recordings.trials import Trials
from smilejax.recordings.video_covariates import video_covariates
from smilejax.settings import to_json


@dataclass(frozen=True, eq=False)
class StudyData:
    """N trials as a study needs them.

    Arguments:
        dataset: what the network sees.
        masked: the missing-data mask alone, for the negative control.
        baseline: `f32[N]`, level before the response that preprocessing subtracted, in the recording's unit; None where it
            subtracted none.
        model_unit: unit of what the network sees.
        recipe: the preprocessing as JSON, for the report.
        notes: makes notes on the part that is the baseline, and on differences between the classes in how well they were
            recorded.
        cleaning: makes the panels on the cleaning of one trial; without steps where there is none to show.
        video: of faces, what is known of the videos besides the face, by name.
    """

    dataset: Dataset
    masked: Dataset
    baseline: Float[np.ndarray, " N"] | None
    model_unit: str
    recipe: Mapping[str, JsonValue]
    notes: Callable[[], tuple[str, ...]]
    cleaning: Callable[[], CleaningPanels]
    video: Mapping[str, Float[np.ndarray, " N"]] | None = None


@singledispatch
def study_data(recording: Recording, recipe: AnyRecipe) -> StudyData:
    """What a study takes from a recording: of any kind what `to_dataset` makes of it, of `Trials` their cleaning as well.

    Arguments:
        recording: N trials.
        recipe: of this kind of recording; a kind of your own may have no use for it.

    Raises:
        SettingsError: a recipe that does not fit the recording.
        DataError: no `Dataset` can be made of this kind of recording.
    """
    dataset = to_dataset(recording, recipe)
    panels = CleaningPanels(recording.participant[0], recording.trial[0], recording.unit, ())
    return StudyData(
        dataset=dataset,
        masked=mask_only(_with_mask(dataset), length_ms=length_ms(recording)),
        baseline=None,
        model_unit=recording.unit,
        recipe={},
        notes=lambda: (),
        cleaning=lambda: panels,
    )


@study_data.register
def _(recording: Faces, recipe: AnyRecipe) -> StudyData:
    check_recipe(recipe, recording.kind)
    assert isinstance(recipe, FaceRecipe)
    settled = settle(recipe, recording)
    cleaned, with_mask = clean_and_prepare(recording, replace(settled, measured=True))
    at = [one for one in with_mask.channels if settled.measured or not one.mask]
    dataset = replace(with_mask, x=with_mask.x[:, :, : len(at)], channels=tuple(at), recipe=settled)
    quality = face_quality(recording, cleaned)
    panels = CleaningPanels(recording.participant[0], recording.trial[0], recording.unit, ())
    return StudyData(
        dataset=dataset,
        masked=mask_only(with_mask, length_ms=kept_ms(recording, cleaned, settled)),
        baseline=None,
        model_unit=settled.unit,
        recipe=to_json(settled),
        notes=lambda: tuple(class_warnings(quality, recording.kind)),
        cleaning=lambda: panels,
        video=video_covariates(recording),
    )


@study_data.register
def _(recording: Trials, recipe: AnyRecipe) -> StudyData:
    check_recipe(recipe, recording.kind)
    assert isinstance(recipe, Recipe)
    cleaned, dataset = clean(recording, recipe), prepare(recording, recipe)
    settled = settle(recipe, recording)
    baseline: npt.NDArray[np.float32] | None = None
    if recipe.baseline_ms is not None:
        baseline = np.asarray(cleaned.baseline).mean(1)
    said = chosen_window(recipe, recording)
    return StudyData(
        dataset=dataset,
        masked=mask_only(prepare(recording, mask_recipe(recipe)), length_ms=length_ms(recording)),
        baseline=baseline,
        model_unit=cleaned_unit(recording, settled),
        recipe=to_json(settled),
        notes=lambda: (*((said,) if said else ()), *class_warnings(trial_quality(recording, cleaned, settled))),
        cleaning=lambda: cleaning_panels.panels(recording, cleaned, recipe),
    )


def _with_mask(dataset: Dataset) -> Dataset:
    """The dataset with a mask among its channels: where it has none, of its valid steps."""
    if mask_of(dataset.channels) is not None:
        return dataset
    mask = jnp.asarray(dataset.valid, dataset.x.dtype)[:, :, None]
    return replace(
        dataset, x=jnp.concatenate([dataset.x, mask], axis=2), channels=(*dataset.channels, mask_channel("mask"))
    )

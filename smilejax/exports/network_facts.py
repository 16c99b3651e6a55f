"""What an exported network is of, and what a program that runs it without smilejax must know."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

import jax
import numpy as np

from smilejax._util.errors import SETTING, DataError
from smilejax._util.typed_json import JsonValue
from smilejax.classifiers.registry import OFFERED
from smilejax.prediction.ensemble import members_of
from smilejax.prediction.predictor import Predictor, versions
from smilejax.preprocess.any_recipe import kind_of_recipe
from smilejax.preprocess.recipe import Recipe
from smilejax.preprocess.recipe_in_words import steps
from smilejax.preprocess.steps.baseline import CORRECTIONS
from smilejax.settings import samples_in, to_json
from smilejax.settings.classifier_names import FITTED

if TYPE_CHECKING:
    from smilejax.models.network import Variables

INPUTS = {
    "x": "float32 [trials, steps, channels]: the cleaned signal as smilejax.prepare gives it, not standardised",
    "valid": "bool [trials, steps]: which steps carry a value; what stands in x at others is not looked at",
}
INPUTS_OF_CROPS = {
    "x": "uint8 [trials, steps, side, side, 3]: upright crops of the face as `smilejax track --crops` makes them, scaled",
    "valid": "bool [trials, steps]: frames that have a crop; what stands in x at others is not looked at",
}
COLOURS = ("red", "green", "blue")
OUTPUT = "probability"
"""`float32 [trials, 2]`, the probability of each class; NaN for a trial without a valid step."""


@dataclass(frozen=True, eq=False)
class NetworkFacts:
    """The networks of a model, and the shape of what they are given.

    Arguments:
        predictor: the model. members: the variables of each network, on the host.
        steps: of a trial. channels: names of what a step holds, or of a crop's colours.
    """

    predictor: Predictor
    members: "list[Variables]"
    steps: int
    channels: tuple[str, ...]

    @property
    def rate_hz(self) -> float:
        """Steps per second."""
        return self.predictor.recipe.resample_hz or self.predictor.recorded_hz


def network_facts(predictor: Predictor, form: str, *, pictures: bool = False) -> NetworkFacts:
    """The networks of a model that consists of nothing else.

    Arguments:
        form: of the export, in the message. pictures: whether it can be of networks that are given pictures.

    Raises:
        DataError: the model is, or contains, a classifier that is no network, or is one of pictures where these cannot be.
    """
    if predictor.classifier != "network":
        label = OFFERED[FITTED[predictor.classifier]].label
        has = "is made of a network and" if predictor.classifier == "combined" else "is"
        raise DataError(
            f"only networks are exported as {form}; the classifier {predictor.classifier!r} {has} {label}.",
            hint=f"Train one with {SETTING.classifier} network, or predict with smilejax.",
        )
    if predictor.settings.model.of_pictures and not pictures:
        raise DataError(
            f"networks of pictures ({predictor.settings.model.network!r}) are not exported: {form} is given measured signals.",
            hint="Predict with smilejax.",
        )
    recipe = predictor.recipe
    assert recipe.duration_ms is not None
    members = [
        cast("Variables", jax.tree.map(np.asarray, one)) for one in members_of(predictor.variables, predictor.members)
    ]
    rate_hz = recipe.resample_hz or predictor.recorded_hz
    channels = recipe.channels if predictor.crop_side is None else COLOURS
    return NetworkFacts(predictor, members, samples_in(recipe.duration_ms, rate_hz), channels)


def network_description(facts: NetworkFacts) -> dict[str, JsonValue]:
    """What goes with an exported network, as JSON: classes, channels, units, rates, times, recipe, settings and versions."""
    predictor = facts.predictor
    recipe = predictor.recipe
    in_mm = predictor.unit == "mm"
    cleaning = steps(recipe, predictor.recorded_hz, in_mm=in_mm, start_ms=predictor.start_ms)
    return {
        "program": "smilejax",
        "inputs": dict(INPUTS if predictor.crop_side is None else INPUTS_OF_CROPS),
        "output": f"{OUTPUT}: float32 [trials, 2], in the order of class_names; NaN for a trial without a valid step",
        "class_names": list(predictor.class_names),
        "recording": kind_of_recipe(recipe).name,
        "channels": list(facts.channels),
        "unit": _unit_of_input(predictor),
        "recorded_unit": predictor.unit,
        "rate_hz": facts.rate_hz,
        "recorded_hz": predictor.recorded_hz,
        "steps": facts.steps,
        "start_ms": predictor.start_ms,
        "duration_ms": recipe.duration_ms,
        "members": len(facts.members),
        "temperature": predictor.temperature,
        "recipe": to_json(recipe),
        "recipe_in_words": [f"{step.name}: {step.does}" for step in cleaning],
        "settings": to_json(predictor.settings),
        "versions": dict(versions()),
    }


def _unit_of_input(predictor: Predictor) -> str:
    """The unit of the cleaned signal, before any velocity and standardisation, which are in the network."""
    recipe = predictor.recipe
    if predictor.crop_side is not None:
        return "0 to 255"
    if not isinstance(recipe, Recipe) or recipe.baseline_ms is None:
        return predictor.unit
    return CORRECTIONS[recipe.baseline].unit or predictor.unit

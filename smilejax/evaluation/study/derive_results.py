"""All numbers of a study from its material: what `study.json` holds. Pure; draws follow from the seed in the settings."""

from dataclasses import asdict

import numpy as np

from smilejax.evaluation.statistics import holm
from smilejax.evaluation.study import compute_scores, figure_data
from smilejax.evaluation.study.raw_results import RawResults
from smilejax.evaluation.study.verdict_in_words import Numbers, verdict
from smilejax.settings import StudySettings


def compute_results(material: RawResults, settings: StudySettings) -> Numbers:
    """Everything derived, as JSON; docs/study.md has each name."""
    found: Numbers = {
        "class_names": list(material.about["class_names"]),
        "alpha": settings.alpha,
        "level": settings.level,
        "data": {**figure_data.data_numbers(material), "single": _single(material), "notes": material.about["notes"]},
        "protocols": [compute_scores.protocol_numbers(one, material, settings) for one in material.scored],
        "verdict_protocol": material.verdict_protocol.name,
        "videos": compute_scores.video_numbers(material, settings),
        "test": compute_scores.test_numbers(material, settings),
        "people": compute_scores.people_numbers(material, settings),
        "controls": _corrected(compute_scores.control_numbers(material, settings)),
        "choice": compute_scores.choice_numbers(material),
        "calibration": figure_data.calibration_numbers(material, settings),
        "roc": figure_data.roc_numbers(material),
        "voting": figure_data.voting_numbers(material, settings),
        "participants": figure_data.group_numbers(material, "participant"),
        "stimuli": figure_data.group_numbers(material, "stimulus"),
        "curves": figure_data.curve_numbers(material.verdict_protocol.curves),
        "dilation": figure_data.dilation_numbers(material, settings),
        "attribution": figure_data.attribution_numbers(material.attribution, material),
        "cleaning": material.steps,
        "about": material.about,
    }
    plain: Numbers = finite(found)  # type: ignore[assignment]
    return {"verdict": _listed(asdict(verdict(plain))), **plain}


def _corrected(controls: list[Numbers]) -> list[Numbers]:
    """Controls with their p corrected for there being several (Holm 1979); the shares of the classes can find nothing."""
    for one in controls:
        if one.get("test"):
            one["test"]["p_corrected"] = one["test"]["p"]
    tested = [one for one in controls if one.get("test") and one["name"] != "majority"]
    if tested:
        corrected = holm(np.array([one["test"]["p"] for one in tested])).adjusted
        for one, p in zip(tested, corrected, strict=True):
            one["test"]["p_corrected"] = float(p)
    return controls


def _single(material: RawResults) -> bool:
    """Whether no participant has two trials of one class."""
    kept = material.trials[material.trials["kept"] & (material.trials["label"] >= 0)]
    return bool(kept.groupby(["participant", "label"]).size().max() == 1) if len(kept) else True


def _listed(words: Numbers) -> Numbers:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in words.items()}


def finite(value: object) -> object:
    """The same with None for every number that is none, as JSON wants it."""
    if isinstance(value, dict):
        return {name: finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [finite(part) for part in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value

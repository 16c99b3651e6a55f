"""A recipe in words: its steps in the order in which they are done, with their numbers and where these come from."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from smilejax.preprocess.recipe import Correction, Interpolation, Recipe

KRET, HERSHMAN, MATHOT, MATHOT_2018, KNAPEN, HOEKS, OURS = (
    "Kret & Sjak-Shie 2019",
    "Hershman et al. 2018",
    "Mathôt 2013",
    "Mathôt et al. 2018",
    "Knapen et al. 2016",
    "Hoeks & Levelt 1993",
    "our choice",
)

_WAYS: dict[Interpolation, tuple[str, str]] = {
    "linear": ("on straight lines", KRET),
    "pchip": ("with a monotone cubic", "Fritsch & Carlson 1980"),
    "four-point": ("with a cubic through four samples", MATHOT),
}
_CORRECTIONS: dict[Correction, tuple[str, str]] = {
    "subtract": ("subtract", MATHOT_2018),
    "percent": ("give the pupil in percent of", ""),
    "z": ("subtract, in the window's standard deviations,", ""),
}


class Described(NamedTuple):
    """One step of a recipe in words."""

    name: str
    does: str
    """With its numbers and their units."""
    source: str
    """Who published the step, `after` them where its numbers are not theirs; empty where there is nothing to cite."""


def steps(recipe: Recipe, rate_hz: float | None = None, *, in_mm: bool | None = None) -> list[Described]:
    """What a recipe does, in the order of its docstring. Steps that it leaves out are not listed.

    Arguments:
        recipe: what is described.
        rate_hz: the recording's rate: whether there is anything to resample then shows. None where it is not known.
        in_mm: whether the unit is mm, on which the plausible range depends; None where it is not known.

    Example:
        >>> for step in steps(Recipe.report()):
        ...     print(f"{step.name}: {step.does}")
        missing: take NaN, zero and negative numbers as not measured
        fuse the eyes: average them; where one is absent, take the other
        reject: trials of which nothing was measured
        fill gaps: of any length, on straight lines
        give the model: fused
    """
    return [
        *_cropped(recipe),
        *_marked(recipe, in_mm),
        *_joined(recipe),
        *_smoothed(recipe, rate_hz),
        *_related(recipe, in_mm),
    ]


def _cropped(r: Recipe) -> Iterator[Described]:
    if r.duration_ms is not None:
        yield Described("crop", f"or pad every trial to {r.duration_ms:g} ms", "")


def _marked(r: Recipe, in_mm: bool | None) -> Iterator[Described]:
    yield Described("missing", "take NaN, zero and negative numbers as not measured", "")
    if r.range_mm is not None and in_mm is not False:
        within = f"mark pupils outside {r.range_mm[0]:g} to {r.range_mm[1]:g} mm"
        source = _by(KRET, r.range_mm == (1.5, 9.0))
        yield Described("out of range", within + ("" if in_mm else ", where the unit is mm"), source)
    if r.range_mads is not None and in_mm is not True:
        within = f"mark pupils outside the participant's median ± {r.range_mads:g} MAD"
        yield Described("out of range", within + (", in units other than mm" if in_mm is None else ""), OURS)
    if r.tracker_blinks:
        yield Described("tracker's blinks", "mark what the file says is a blink", "")
    if r.partial_blink_ms is not None and r.speed_mads is not None:  # what is too fast is settled by speed_mads
        dip = f"mark dips between a fall and a rise that are too fast, up to {r.partial_blink_ms:g} ms"
        yield Described("partial blinks", dip, f"after {MATHOT}")
    floor = f" and {r.min_speed_per_s:g} diameter/s" if r.min_speed_per_s else ""
    if r.blink_edge_ms is not None:
        way = f"mark up to {r.blink_edge_ms:g} ms around gaps while speed is above median + {r.blink_edge_mads:g} MAD{floor}"
        yield Described("blink edges", way, f"after {HERSHMAN}")
        if r.blink_merge_ms:
            close = f"mark what lies between gaps of 50 ms or more that are up to {r.blink_merge_ms:g} ms apart"
            yield Described("merge", close, _by(HERSHMAN, r.blink_merge_ms == 100))
    if r.speed_mads is not None:
        fast = f"mark speeds over {r.speed_span_ms:.3g} ms above median + {r.speed_mads:g} MAD{floor}"
        yield Described("too fast", fast, _by(KRET, r.speed_mads == 16 and not floor))
    if r.pad_ms is not None:
        low, high = r.pad_gaps_ms
        edge = f"mark {r.pad_ms:.3g} ms on either side of gaps of {low:g} to {high:g} ms"
        yield Described("padded edges", edge, _by(KRET, (r.pad_ms, low, high) == (50, 75, 2000)))
    if r.trend_mads is not None:
        least = f" and {r.min_trend_proportion:.3g} of the mean" if r.min_trend_proportion else ""
        far = f"mark deviations from a smooth line above median + {r.trend_mads:g} MAD{least}"
        yield Described("off the trend", far, _by(KRET, r.trend_mads == 16 and not least))
    if r.island_ms is not None:
        lone = f"mark runs under {r.island_ms:g} ms between gaps over {r.island_gap_ms:g} ms"
        yield Described("islands", lone, _by(KRET, (r.island_ms, r.island_gap_ms) == (50, 40)))


def _joined(r: Recipe) -> Iterator[Described]:
    if r.other_eye_ms is not None:
        averaged = f", averaged over {r.other_eye_ms:g} ms" if r.other_eye_ms else ""
        how = f"fill an eye from the other by their difference{averaged}"
        yield Described("other eye", how, _by(KRET, not averaged))
    if {"fused", "drive"} & set(r.channels) or set(r.channels) == {"mask"}:
        yield Described("fuse the eyes", "average them; where one is absent, take the other", "")
    if r.max_missing < 1:
        yield Described("reject", f"trials with more than {_percent(r.max_missing)} missing", "published: 20% to 75%")
    else:
        yield Described("reject", "trials of which nothing was measured", "")
    if r.max_gap_ms > 0:
        length = "of any length" if r.max_gap_ms == math.inf else f"of up to {r.max_gap_ms:g} ms"
        how, source = _WAYS[r.interpolation]
        if r.interpolation == "linear" and r.max_gap_ms != 250:
            source = "" if r.max_gap_ms == math.inf else f"after {KRET}"
        yield Described("fill gaps", f"{length}, {how}", source)


def _smoothed(r: Recipe, rate_hz: float | None) -> Iterator[Described]:
    if r.blink_response:
        yield Described("blink response", "fit the pupil's own response to blinks, and subtract it", KNAPEN)
    if r.lowpass_hz is not None:
        filtered = f"{r.lowpass_hz:g} Hz, Butterworth of order {r.lowpass_order}, zero-phase"
        yield Described("low-pass", filtered, _by(KRET, (r.lowpass_hz, r.lowpass_order) == (4, 4)))
    if r.resample_hz is not None and r.resample_hz != rate_hz:
        was = "" if rate_hz is None else f"from {rate_hz:g} "
        yield Described("resample", f"{was}to {r.resample_hz:g} Hz, without aliases", OURS)


def _related(r: Recipe, in_mm: bool | None) -> Iterator[Described]:
    if r.baseline_ms is not None:
        how, source = _CORRECTIONS[r.baseline]
        yield Described("baseline", f"{how} the {r.baseline_statistic} of the first {r.baseline_ms:g} ms", source)
        unusable = ["no baseline"]
        if r.max_baseline_missing < 1:
            unusable.append(f"more than {_percent(r.max_baseline_missing)} of its window missing")
        if r.min_baseline_mm and in_mm is not False:
            unusable.append(f"one under {r.min_baseline_mm:g} mm")
        yield Described("reject", f"trials with {' or '.join(unusable)}", f"after {MATHOT_2018}")
    if "drive" in r.channels:
        shape = f"deconvolve with n = {r.drive_n:g} and a peak at {r.drive_t_max_ms:g} ms"
        yield Described("drive", shape, _by(HOEKS, (r.drive_n, r.drive_t_max_ms) == (10.1, 930)))
    yield Described("give the model", ", ".join(r.channels), "")


def _percent(share: float) -> str:
    return f"{100 * share:.4g}%"


def _by(source: str, as_published: bool) -> str:
    """Whom a step is from: `after` them where its numbers, or a part of it, are not theirs."""
    return source if as_published else f"after {source}"

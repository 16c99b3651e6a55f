"""How much of what is destroyed is found, how much of what is good is lost, and how true the reconstruction is."""

from dataclasses import replace

import numpy as np

from cleaning.against_truth import WRONG, Change, Found, measure
from cleaning.tables import heading, plus_minus, ratio, table
from smilejax import Destruction, Recipe, SimulationSettings, Trials
from smilejax.preprocess.recipe import RECIPES

TARGETS = {"recall": 0.98, "lost": 0.02, "short": 0.05, "other_eye": 0.03}
"""For the recipe `default`: at least, at most, and below in mm."""


def one_eye_only(trials: Trials) -> Trials:
    """A tracker that records the left eye."""
    pupil = trials.pupil.copy()
    pupil[..., 1] = np.nan
    return replace(trials, pupil=pupil)


def two_decimals(trials: Trials) -> Trials:
    """A file written in hundredths of a millimetre."""
    return replace(trials, pupil=np.round(trials.pupil, 2))


CASES: dict[str, tuple[dict[str, float], Change | None]] = {
    "as simulated by default": ({}, None),
    "noise .005 mm": ({"noise_mm": 0.005}, None),
    "noise .03 mm": ({"noise_mm": 0.03}, None),
    "noise .06 mm": ({"noise_mm": 0.06}, None),
    "30 blinks a minute": ({"blinks_per_minute": 30.0}, None),
    "blinks of 60 ms": ({"blink_ms": 60.0}, None),
    "blinks of 300 ms": ({"blink_ms": 300.0}, None),
    "effect and reflex of 1 mm": ({"effect_mm": 1.0, "reflex_mm": 1.0}, None),
    "the same, pupils of 5 mm": ({"effect_mm": 1.0, "reflex_mm": 1.0, "baseline_mm": 5.0}, None),
    "hippus of .2 mm": ({"hippus_mm": 0.2}, None),
    "spikes of .2 mm": ({"spike_mm": 0.2}, None),
    "20 spikes a minute": ({"spikes_per_minute": 20.0}, None),
    "20 losses a minute": ({"losses_per_minute": 20.0}, None),
    "islands in every gap": ({"island_share": 1.0}, None),
    "pupils of 2.2 mm": ({"baseline_mm": 2.2, "baseline_sd_mm": 0.2}, None),
    "pupils of 6 mm": ({"baseline_mm": 6.0}, None),
    "left eye only": ({}, one_eye_only),
    "two decimals": ({}, two_decimals),
    "two decimals, noise .002 mm": ({"noise_mm": 0.002}, two_decimals),
    "all at once": (
        {"noise_mm": 0.03, "blinks_per_minute": 30.0, "losses_per_minute": 10.0, "spikes_per_minute": 10.0, "spike_mm": 0.3,
         "hippus_mm": 0.12, "reflex_mm": 0.7},
        None,
    ),
}  # fmt: skip
"""What is changed in the simulation, and in the recording it gives."""


def run(trials: int, seed: int) -> None:
    """Print the tables of this section."""
    heading(
        "Accuracy",
        f"Simulated trials of 10 s with known truth: `SimulationSettings()` at the rate given, {trials} trials for each "
        "table, in studies of 100 (10 participants, 10 trials each), each study with a seed of its own. ± is the standard "
        "error over studies (jackknife).",
    )
    for rate_hz in (60.0, 500.0):
        settings = SimulationSettings(rate_hz=rate_hz)
        found = measure(settings, {name: Recipe.named(name) for name in RECIPES}, trials, seed=seed)
        _marks(found, rate_hz)
        _reconstructions(found, rate_hz)
    _robustness(max(10, trials * 3 // 10), seed)


def _marks(found: dict[str, Found], rate_hz: float) -> None:
    print(f"\n**Marks at {rate_hz:g} Hz**, in percent of samples; both eyes, before one is filled from the other.")
    kinds = {"ramps": (Destruction.RAMP,), "spikes": (Destruction.SPIKE,), "islands": (Destruction.ISLAND,)}
    table(
        ["recipe", "recall", "recall of numbers", *(f"of {kind}" for kind in kinds), "precision", "good lost"],
        [
            [
                name,
                plus_minus(f.recall(), 2, 100),
                plus_minus(f.recall(WRONG), 2, 100),
                *(plus_minus(f.recall(kind), 2, 100) for kind in kinds.values()),
                plus_minus(f.precision(), 1, 100),
                plus_minus(f.lost(), 2, 100),
            ]
            for name, f in found.items()
        ],
    )


def _reconstructions(found: dict[str, Found], rate_hz: float) -> None:
    print(f"\n**Reconstruction at {rate_hz:g} Hz**: root mean square error in mm; kept trials.")
    for when, prefix in (("before the low-pass", ""), ("finished", "done_")):
        names = ["short", "gaps", "one_eye", "whole"]
        head = ["gaps ≤ 250 ms", "all filled gaps", "one eye seen", "whole trace"]
        extra = [] if prefix else ["the eye filled from the other"]
        last = [] if prefix else ["gaps filled, %", "of the trace given, %", "trials kept, %"]
        rows = []
        for name, f in found.items():
            cells = [plus_minus(getattr(f, prefix + n).rms(), 4) for n in names]
            if not prefix:
                cells.insert(2, plus_minus(f.other_eye.rms(), 4))
                shares = ((f.filled, f.absent), (f.whole.count, f.samples), (f.kept, f.trials))
                cells += [plus_minus(ratio(*share), 1, 100) for share in shares]
            rows.append([name, *cells])
        table([when, *head[:2], *extra, *head[2:], *last], rows)


def _robustness(trials: int, seed: int) -> None:
    print(
        f"\n**The recipe `default` where recordings differ from the default simulation**: {trials} trials a row. A target that "
        "is missed is set in bold: recall ≥ 98%, good lost ≤ 2%, error in gaps ≤ 250 ms below .05 mm, of the eye filled "
        "from the other below .03 mm. Errors before the low-pass, but for the finished trace. By lines alone: what the error "
        "in gaps ≤ 250 ms would be, had the true pupil, without noise, been joined by straight lines over the same gaps."
    )
    for rate_hz in (60.0, 500.0):
        print(f"\nAt {rate_hz:g} Hz")
        rows = []
        for name, (changes, change) in CASES.items():
            rows.append(_row(name, SimulationSettings(rate_hz=rate_hz, **changes), trials, seed, change))
        table(COLUMNS, rows)
    print("\nAt other rates")
    rates = (30.0, 120.0, 250.0, 1000.0)
    table(COLUMNS, [_row(f"{rate:g} Hz", SimulationSettings(rate_hz=rate), trials, seed, None) for rate in rates])


COLUMNS = [
    "case",
    "recall, %",
    "of numbers, %",
    "good lost, %",
    "gaps ≤ 250 ms, mm",
    "by lines alone, mm",
    "the eye filled, mm",
    "whole trace, mm",
    "finished, mm",
    "kept, %",
]


def _row(name: str, settings: SimulationSettings, trials: int, seed: int, change: Change | None) -> list[str]:
    f = measure(settings, {"default": Recipe()}, trials, seed=seed, change=change)["default"]
    recall, lost, short, other = f.recall(), f.lost(), f.short.rms(), f.other_eye.rms()

    def judged(text: str, missed: bool) -> str:
        return f"**{text}**" if missed else text

    return [
        name,
        judged(plus_minus(recall, 2, 100), recall[0] < TARGETS["recall"]),
        plus_minus(f.recall(WRONG), 2, 100),
        judged(plus_minus(lost, 2, 100), lost[0] > TARGETS["lost"]),
        judged(plus_minus(short, 4), short[0] >= TARGETS["short"]),
        plus_minus(f.short_line.rms(), 4),
        judged(plus_minus(other, 4), other[0] >= TARGETS["other_eye"]),
        plus_minus(f.whole.rms(), 4),
        plus_minus(f.done_whole.rms(), 4),
        plus_minus(ratio(f.kept, f.trials), 1, 100),
    ]

"""Figures say what the arrays say, and are drawn whatever a recording holds."""

import itertools
import math
import warnings
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from typing import Any

import jax
import matplotlib
import numpy as np
import pytest
from evaluation.multiverse.made_up_multiverse import multiverse
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

import smilejax
from smilejax import Reason, Recipe, Trials
from smilejax.evaluation.multiverse import Multiverse
from smilejax.preprocess import Cleaned
from smilejax.preprocess.reasons import PRESENT
from smilejax.report.figures import FORMATS, reason_spans, rendered, specification_curve, trace_figure
from smilejax.report.figures.render import short

MAGIC = {".png": b"\x89PNG\r\n\x1a\n", ".svg": b"<?xml", ".pdf": b"%PDF-"}
ODD = ("a $b_1$ $\\frac{$", "_" + 60 * "W", "हिन्दी 日本語 🙂", "tab\tand\x00zero\nline", "<&\"'>")
"""Names that markup, legends, fonts and files stumble over."""

# Trials.


def study() -> Trials:
    """At 60 Hz, 3 s: a usual one, nothing, one eye only, and one that is shorter and of no class."""
    t = np.arange(180) / 60
    pupil = np.stack([3 + 0.3 * np.sin(2 * t), 3.3 + 0.28 * np.sin(2 * t)], axis=-1)
    pupil = np.stack([pupil] * 4) + 0.01 * np.random.default_rng(1).normal(size=(4, 180, 2))
    pupil[0, 30:42] = np.nan  # a blink
    pupil[0, 80:95, 0] = np.nan
    pupil[0, 120:150] = np.nan  # too long to be filled
    pupil[0, 160, 1] = 12.0
    pupil[1] = np.nan
    pupil[2, :, 1] = np.nan
    pupil[2, 50:60, 0] = 0.0
    pupil[3, 100:] = np.nan
    return Trials(
        pupil=pupil,
        length=np.array([180, 180, 180, 100]),
        rate_hz=60.0,
        unit="mm",
        label=np.array([0, 1, 1, -1]),
        class_names=("posed", "genuine"),
        trial=("a", "b", "c", "d"),
        participant=("p", "p", "q", "q"),
    )


KINDS = {
    "usual": replace(Recipe.minimal(), pad_ms=20.0, other_eye_ms=0.0, max_gap_ms=400.0),
    "percent": replace(Recipe.minimal(), baseline="percent"),
    "z": replace(Recipe.minimal(), baseline="z", baseline_ms=1000.0),
    "either eye": replace(Recipe.minimal(), channels=("left", "right"), resample_hz=None, baseline_ms=None),
}
made: dict[str, Cleaned] = {}


def cleaned(kind: str) -> Cleaned:
    """Cleaned once for all tests here."""
    if kind not in made:
        made[kind] = smilejax.clean(study(), KINDS[kind])
    return made[kind]


def figure_of(kind: str, row: int, trials: Trials | None = None) -> Figure:
    return trace_figure(trials or study(), cleaned(kind), KINDS[kind], row)


def sticking_out(figure: Figure) -> list[str]:
    """What the figure's edge cuts: panels with all that belongs to them, and lines of words."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing|Matplotlib currently does not support")
        figure.draw_without_rendering()
        renderer = figure._get_renderer()
        boxes = {panel.get_title(loc="left"): panel.get_tightbbox(renderer) for panel in figure.axes}
        boxes |= {text.get_text(): text.get_window_extent(renderer) for text in figure.texts}
    edge = figure.bbox.padded(1)
    return [words for words, box in boxes.items() if not (edge.contains(*box.min) and edge.contains(*box.max))]


@given(st.lists(st.sampled_from(sorted(Reason)), max_size=60), st.sampled_from([20.0, 60.0, 1000.0]))
def test_bands_hold_every_sample_once(codes: list[Reason], rate_hz: float) -> None:
    found = reason_spans(np.array(codes, np.uint8), rate_hz)
    again = [band.reason for band in found for _ in range(round(band.width_s * rate_hz))]
    assert again == codes
    edges = [0.0, *(band.start_s + band.width_s for band in found)]
    assert [band.start_s for band in found] == pytest.approx(edges[:-1])
    assert edges[-1] == pytest.approx(len(codes) / rate_hz)
    assert all(one.reason != other.reason for one, other in itertools.pairwise(found)), "as long as can be"


@pytest.mark.parametrize(
    ("kind", "row"),
    [
        ("usual", 0),
        ("usual", 1),
        ("usual", 2),
        ("usual", 3),
        pytest.param("percent", 1, marks=pytest.mark.slow),
        ("z", 2),
        ("either eye", 2),
    ],
)
def test_every_trial_can_be_drawn(kind: str, row: int) -> None:
    assert sticking_out(figure_of(kind, row)) == []


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_figure_becomes_a_file_of_its_kind_the_same_in_every_call(suffix: str) -> None:
    content = rendered(figure_of("usual", 0), suffix)
    assert content.startswith(MAGIC[suffix])
    assert rendered(figure_of("usual", 0), suffix) == content


@pytest.mark.parametrize("name", ODD)
def test_names_are_shown_as_they_are(name: str) -> None:
    trials = replace(study(), trial=(name, "b", "c", "d"), participant=(name, "p", "q", "q"), class_names=(name, "x"))
    figure = figure_of("usual", 0, trials)
    title = figure.texts[0].get_text()
    assert title == f"Trial {short(name, 20)} of participant {short(name, 20)}"
    assert f"class {short(name)}; kept" in figure.texts[1].get_text()
    assert sticking_out(figure) == []
    for suffix in FORMATS[1:]:
        assert rendered(figure, suffix).startswith(MAGIC[suffix])
    ElementTree.fromstring(rendered(figure, ".svg"))


def test_short_names_stay_and_long_ones_end_in_dots() -> None:
    assert short("Easy_1 $x$") == "Easy_1 $x$"
    assert short("a" * 24) == "a" * 24
    assert short("a" * 25) == "a" * 23 + "…"
    assert short(" two\n\t words ") == "two words"
    assert short("a\x00b\x1b") == "a�b�"


def titles(kind: str, row: int) -> str:
    return figure_of(kind, row).texts[1].get_text()


def test_the_title_says_the_class_and_the_verdict() -> None:
    share = float(cleaned("usual").quality.proportion_valid[0])
    assert titles("usual", 0) == f"class posed; kept; {share:.0%} of samples valid"
    assert titles("usual", 1) == "class genuine; rejected: nothing measured; 0% of samples valid"
    assert titles("usual", 3).startswith("class not known; kept; ")


def words(panel: Any) -> list[str]:
    return [text.get_text() for text in panel.texts]


def test_a_trial_of_which_nothing_was_measured_says_so() -> None:
    raw, clear, _ = figure_of("usual", 1).axes
    assert (words(raw), words(clear)) == (["no valid sample"], ["no sample left"])
    raw, clear, _ = figure_of("usual", 2).axes
    assert words(raw) == words(clear) == []


@pytest.mark.parametrize(("kind", "row"), [("usual", 0), ("usual", 3), ("either eye", 0), ("either eye", 2)])
def test_the_bands_are_the_reasons_of_the_samples(kind: str, row: int) -> None:
    """Read back from what is drawn: of each row the colour at the middle of every sample."""
    panel = figure_of(kind, row).axes[2]
    drawn = [
        (to_hex(collection.get_facecolor()[0]).upper(), path.get_extents())
        for collection in panel.collections
        for path in collection.get_paths()
    ]
    reason = {which.colour: which for which in Reason}
    given, length = cleaned(kind), int(study().length[row])
    rate_hz = KINDS[kind].resample_hz or 60.0
    steps = round(length / 60 * rate_hz)
    eyes = [np.asarray(codes[row, :length, eye]) for codes in (given.marked, given.eyes.reason) for eye in (0, 1)]
    lanes = list(np.asarray(given.trace.reason[row, :steps]).T)
    expected = [(codes, 60.0) for codes in eyes] + [(codes, rate_hz) for codes in lanes]
    assert len(panel.get_yticks()) == len(expected)
    for at, (codes, hz) in enumerate(expected):
        boxes = [(colour, box) for colour, box in drawn if box.y0 < at < box.y1]
        for sample, code in enumerate(codes):
            middle_s = (sample + 0.5) / hz
            assert [reason[colour] for colour, box in boxes if box.x0 < middle_s < box.x1] == [code]
    legend = {text.get_text() for text in panel.get_legend().get_texts()}
    assert legend == {Reason(int(code)).words for codes, _ in expected for code in codes}
    assert panel.get_xlim() == (0, pytest.approx(length / 60))


def test_colours_are_different() -> None:
    assert len({reason.colour for reason in Reason}) == len(Reason)


def line(panel: Any, label: str) -> tuple[np.ndarray, np.ndarray]:
    found = next(line for line in panel.lines if line.get_label() == label)
    return np.asarray(found.get_xdata(), float), np.asarray(found.get_ydata(), float)


def test_lines_are_the_recording_and_the_lane_with_its_baseline_put_back() -> None:
    raw, clear, _ = figure_of("usual", 0).axes
    for eye, name in enumerate(("left", "right")):
        at, value = line(raw, f"{name} eye")
        np.testing.assert_allclose(at, np.arange(180) / 60)
        np.testing.assert_allclose(value, study().pupil[0, :, eye])
    given = cleaned("usual")
    reason = np.asarray(given.trace.reason[0, :, 0])
    level = np.asarray(given.trace.values[0, :, 0]) + float(given.baseline[0, 0])
    at, value = line(clear, "fused, filled")
    np.testing.assert_allclose(at, np.arange(30) / 10)
    np.testing.assert_allclose(value, np.where(np.isin(reason, PRESENT), level, np.nan), rtol=1e-6)
    at, value = line(clear, "fused, measured")
    np.testing.assert_allclose(value, np.where(reason == Reason.MEASURED, level, np.nan), rtol=1e-6)
    assert np.isnan(value).sum() > np.isnan(line(clear, "fused, filled")[1]).sum() > 0, "filled, and left open"
    assert 3 < np.nanmedian(value) < 3.6


@pytest.mark.parametrize(
    ("kind", "axis"),
    [
        ("usual", "pupil in mm"),
        ("either eye", "pupil in mm"),
        ("percent", "pupil in % of the baseline"),
        ("z", "pupil in SD of the baseline"),
    ],
)
def test_the_axis_says_what_the_lane_is_in(kind: str, axis: str) -> None:
    _, clear, _ = figure_of(kind, 0).axes
    assert clear.get_ylabel() == axis
    labels = [line.get_label() for line in clear.lines]
    assert ("recording" in labels) == (axis == "pupil in mm"), "the recording is not on a relative scale"
    low, high = clear.get_ylim()
    value = line(clear, "left, measured" if kind == "either eye" else "fused, measured")[1]
    assert low < np.nanmin(value) < np.nanmax(value) < high


def test_a_lane_without_a_baseline_is_not_on_a_scale_of_it() -> None:
    """Its numbers are in mm still; the trial is rejected."""
    pupil = study().pupil.copy()
    pupil[0, :30] = np.nan
    trials = replace(study(), pupil=pupil)
    given = smilejax.clean(trials, KINDS["percent"])
    figure = trace_figure(trials, given, KINDS["percent"], 0)
    assert "rejected: no baseline" in figure.texts[1].get_text()
    assert words(figure.axes[1]) == ["no sample left"]


def test_either_eye_has_its_line_and_its_row() -> None:
    _, clear, why = figure_of("either eye", 0).axes
    assert clear.get_title(loc="left") == "After cleaning, 60 Hz"
    assert {"left, measured", "right, measured"} <= {line.get_label() for line in clear.lines}
    assert [tick.get_text() for tick in why.get_yticklabels()] == [
        "left, marked",
        "right, marked",
        "left, filled from right",
        "right, filled from left",
        "left, final",
        "right, final",
    ]


def test_what_was_taken_away_does_not_flatten_the_rest() -> None:
    raw, clear, _ = figure_of("usual", 0).axes
    assert raw.get_ylim()[1] > 12
    assert clear.get_ylim()[1] < 4
    believed = np.where(np.asarray(cleaned("usual").marked[0]) == Reason.MEASURED, study().pupil[0], np.nan)
    low, high = clear.get_ylim()
    assert low < np.nanmin(believed) < np.nanmax(believed) < high, "and nothing that was believed is cut"


# Multiverses.


ONE, TWO = {"max_gap_ms": (400.0,)}, {"max_gap_ms": (250.0, 400.0)}
MANY: dict[str, Any] = {
    "recipe": ("default", "kret2019", "minimal"),
    "max_gap_ms": (250.0, 400.0, math.inf),
    "lowpass_hz": (None, 4.0),
    "range_mm": ((1.5, 9.0), None),
}
APART = replace(Recipe(), speed_mads=5.0)


@pytest.mark.parametrize(
    "found",
    [
        multiverse(ONE),
        multiverse(TWO, nothing="base"),
        multiverse(MANY, nothing="first"),
        multiverse(MANY, APART),
        multiverse(TWO, nothing="all"),
        multiverse(TWO, by="trials", unit="sd"),
    ],
    ids=["one", "two, base without", "many, one without", "base apart", "nothing", "trials"],
)
def test_a_curve_is_drawn_of_any_multiverse(found: Multiverse) -> None:
    figure = specification_curve(found)
    assert sticking_out(figure) == []


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_curve_becomes_a_file_of_its_kind(suffix: str) -> None:
    assert rendered(specification_curve(multiverse(TWO)), suffix).startswith(MAGIC[suffix])


@pytest.mark.parametrize("name", ODD[:3])
def test_classes_are_named_as_they_are_in_a_curve(name: str) -> None:
    figure = specification_curve(multiverse(TWO, class_names=(name, "genuine")))
    assert figure.get_suptitle() == f"genuine minus {short(name, 20)}: 2 ways of cleaning the same recording"
    first, second = multiverse(TWO).results.kept[1]
    legend = [text.get_text() for text in figure.axes[4].get_legend().get_texts()]
    assert legend == [
        "window of the mean difference",
        f"{first} kept trials of {short(name, 20)}",
        f"{second} kept trials of genuine",
    ]
    assert sticking_out(figure) == []
    assert rendered(figure, ".svg").startswith(MAGIC[".svg"])


def test_recipes_stand_by_their_difference_and_choices_below_them() -> None:
    found = multiverse(MANY, nothing="first")
    curve, score, choices, over_time, _ = specification_curve(found).axes
    window = found.results.contrast.window
    order = np.argsort(window.difference)
    place = {int(row): at for at, row in enumerate(order)}
    assert place[0] == len(order) - 1, "without a difference: at the end"
    clear = (window.low > 0) | (window.high < 0)
    assert 0 < clear.sum() < len(order)
    for words, rows in (("interval excludes 0", clear), ("interval includes 0", ~clear & ~np.isnan(window.difference))):
        at, value = line(curve, words)
        assert dict(zip(at, value, strict=True)) == {place[row]: window.difference[row] for row in np.flatnonzero(rows)}
    base = found.grid.base
    assert line(curve, "base recipe") == (place[base], window.difference[base])
    assert line(score, "base recipe") == (place[base], found.results.score.balanced_accuracy[base])
    marks: dict[int, set[int]] = {}
    for collection in choices.collections:
        for path in collection.get_paths():
            x, y = path.vertices.mean(axis=0)
            marks.setdefault(round(y), set()).add(round(x))
    rows = [(name, value) for name, values in found.grid.vary.items() for value in values]
    for at, (name, value) in enumerate(rows):
        assert marks[at] == {place[row] for row in found.grid.rows_with(name, value)}, (name, value)
    assert [tick.get_text() for tick in choices.get_yticklabels()] == [
        *("recipe   default", "kret2019", "minimal"),
        *("max_gap_ms   250", "400", "inf"),
        *("lowpass_hz   none", "4"),
        *("range_mm   1.5:9", "none"),
    ]
    drawn = sum(len(line.get_xdata()) == 30 for line in over_time.lines)
    assert drawn == len(order) + 1, "each recipe, and the base once more"


def test_titles_say_what_was_compared() -> None:
    found = multiverse(MANY, nothing="first")
    curve, score, *_ = specification_curve(found).axes
    n = len(found.grid)
    assert curve.get_title(loc="left") == (
        f"Mean difference, 1000 to 1500 ms, over participants; 1 of {n} recipes kept too few trials"
    )
    assert curve.get_ylabel() == "difference in mm"
    assert (
        score.get_title(loc="left") == "Ridge classifier on participants not in the training set (line: chance level)"
    )
    curve, score, *_ = specification_curve(multiverse(ONE, by="trials", unit="percent")).axes
    assert curve.get_title(loc="left") == "Mean difference, 1000 to 1500 ms, over trials"
    assert curve.get_ylabel() == "difference in % of baseline"
    assert score.get_title(loc="left") == "Ridge classifier on trials not in the training set (line: chance level)"


def test_where_nothing_is_known_every_panel_but_the_choices_says_so() -> None:
    curve, score, choices, over_time, classes = specification_curve(multiverse(TWO, nothing="all")).axes
    for panel in (curve, score, over_time, classes):
        assert words(panel) == ["too few trials kept"]
    assert words(choices) == []


def test_drawing_leaves_matplotlib_as_it_was() -> None:
    before = dict(matplotlib.rcParams)
    rendered(specification_curve(multiverse(ONE)), ".svg")
    rendered(figure_of("usual", 0), ".svg")
    assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize(("baseline", "added"), [("subtract", True), ("percent", False)])
def test_a_level_that_is_added_back_is_said(baseline: Any, added: bool) -> None:
    settings = smilejax.SimulationSettings(participants=2, smilers=2, duration_ms=2000)
    trials = smilejax.simulate_study(settings, key=jax.random.key(0)).trials
    recipe = smilejax.Recipe(baseline=baseline)
    figure = trace_figure(trials, smilejax.clean(trials, recipe), recipe, 0)
    titles = [panel.get_title(loc="left") for panel in figure.axes]
    assert (
        any("the level of the baseline, subtracted in the table, is added back" in title for title in titles) == added
    )

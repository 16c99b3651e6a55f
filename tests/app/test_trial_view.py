"""One trial as it is looked at: its numbers are those of the pipeline, its bands those of the reasons."""

import dataclasses
import json

import numpy as np
import pytest
from helpers.recordings import trials_with_gaps

from smilejax import FaceRecipe, Recipe, Trials, clean
from smilejax._util.errors import SettingsError
from smilejax.app.trial_plot import DARK, coloured, empty_figure, figure
from smilejax.app.trial_view import Band, Panel, TraceLine, TrialView, TrialViews, bands_of, valid_where
from smilejax.preprocess.cleaning import clean_rows, settle
from smilejax.preprocess.reasons import Reason
from smilejax.preprocess.trial_status import TrialStatus
from smilejax.recordings.faces import Faces

RECIPE = Recipe.minimal()


@pytest.fixture(scope="module")
def trials() -> Trials:
    return trials_with_gaps()


@pytest.fixture(scope="module")
def views(trials: Trials) -> TrialViews:
    return TrialViews(trials)


def last(view: TrialView):
    """The line that the recipe made."""
    return next(line for line in view.panels[-1].lines if line.cleaned)


def test_bands_are_the_stretches_of_one_reason() -> None:
    codes = [0, 1, 1, 2, 0, 10, 10]
    found = [(round(one.start_s, 6), round(one.end_s, 6), one.reason) for one in bands_of(codes, 10.0, -0.1)]
    assert found == [(0.0, 0.2, Reason.MISSING), (0.2, 0.3, Reason.OUT_OF_RANGE)]
    assert bands_of([], 10.0, 0.0) == ()
    assert bands_of([0, 0], 10.0, 0.0) == ()


def test_a_trial_alone_is_as_among_all(trials: Trials, views: TrialViews) -> None:
    """Bit for bit, whatever trials are cleaned with it."""
    cleaned = clean(trials, RECIPE)
    for row in (0, 2, 7):
        view = views.of(row, RECIPE)
        steps = np.asarray(cleaned.trace.reason[row, :, 0]) != Reason.OUTSIDE
        whole = (
            np.asarray(cleaned.trace.values[row, :, 0], np.float64) + np.asarray(cleaned.baseline[row], np.float64)[0]
        )
        known = np.isfinite(last(view).values)
        np.testing.assert_array_equal(last(view).values[known], whole[steps][known])
        assert known.any()
        assert view.proportion_valid == float(cleaned.quality.proportion_valid[row])
        raw = view.panels[0].lines[0]
        np.testing.assert_array_equal(raw.values, trials.pupil[row, : trials.length[row], 0])
        np.testing.assert_allclose(np.diff(raw.time_s), 1 / trials.rate_hz)


def test_bands_cover_what_was_taken_away(trials: Trials, views: TrialViews) -> None:
    view = views.of(0, RECIPE)
    marked = np.asarray(clean(trials, RECIPE).marked[0])
    for panel, eye in zip(view.panels[:2], (0, 1), strict=True):
        time_s = panel.lines[0].time_s
        within = np.zeros(len(time_s), bool)
        for band in panel.bands:
            within |= (time_s >= band.start_s - 1e-9) & (time_s < band.end_s - 1e-9)
        np.testing.assert_array_equal(within, marked[: len(time_s), eye] != Reason.MEASURED)
    shares = dict(view.reasons)
    assert shares[Reason.MISSING] == np.mean(marked[marked[:, 0] != Reason.OUTSIDE] == Reason.MISSING)


def test_a_trial_of_which_nothing_was_measured(views: TrialViews) -> None:
    view = views.of(5, RECIPE)
    assert view.status is TrialStatus.NOTHING_MEASURED
    made = figure(view, "5", dark=False)
    assert made["layout"]["yaxis"]["range"] == [0, 1]
    assert not any(value is not None for line in made["data"] for value in line["y"])


def test_a_recipe_that_does_not_fit_says_so(views: TrialViews) -> None:
    with pytest.raises(SettingsError, match="resample_hz"):
        views.of(0, dataclasses.replace(RECIPE, resample_hz=1000.0))
    assert views.of(0, RECIPE).panels


def test_another_number_is_another_trace(views: TrialViews) -> None:
    before, after = views.of(0, RECIPE), views.of(0, dataclasses.replace(RECIPE, max_gap_ms=0.0))
    assert np.isnan(last(after).values).sum() > np.isnan(last(before).values).sum()
    assert views.of(0, RECIPE) is before


def test_units_without_a_scale_are_judged_by_the_whole_participant(trials: Trials) -> None:
    """What is plausible is found from all of a participant's trials, also where one is looked at."""
    pupil = trials.pupil * 100
    pupil[0] *= 3  # among the others of this participant it is out of range, and would not be alone
    au = dataclasses.replace(trials, pupil=pupil, unit="au")
    recipe = dataclasses.replace(RECIPE, range_mads=4.0)
    marked = np.asarray(clean(au, recipe).marked[0, : au.length[0], 0])
    alone = clean_rows(au, settle(recipe, au), [5, 0])  # of trial 5 nothing was measured
    np.testing.assert_array_equal(np.asarray(alone.marked[1, : au.length[0], 0]), marked)
    view = TrialViews(au).of(0, recipe)
    assert np.mean(marked == Reason.OUT_OF_RANGE) > 0.5
    found = [band for band in view.panels[0].bands if band.reason == Reason.OUT_OF_RANGE]
    total = sum(band.end_s - band.start_s for band in found) * au.rate_hz
    assert round(total) == (marked == Reason.OUT_OF_RANGE).sum()


def test_one_eye_has_one_panel(trials: Trials) -> None:
    pupil = trials.pupil.copy()
    pupil[:, :, 1] = np.nan
    view = TrialViews(dataclasses.replace(trials, pupil=pupil)).of(0, RECIPE)
    assert [panel.title for panel in view.panels] == ["Recording, left eye", "After cleaning, fused, 10 Hz"]


def test_a_figure_is_plain_and_shows_names_as_text(views: TrialViews) -> None:
    view = views.of(0, RECIPE)
    made = figure(view, "0", dark=True)
    assert len(made["data"]) == 5
    assert made["layout"]["xaxis"]["range"] == [0.0, 1.5]
    bands = [shape for shape in made["layout"]["shapes"] if shape["type"] == "rect"]
    assert len(bands) == sum(len(panel.bands) for panel in view.panels)
    assert coloured(Reason.MISSING, dark=True) == f"rgba(204,204,204,{DARK.density})"
    assert coloured(Reason.FILLED, dark=True) == f"rgba(0,158,115,{DARK.density})"
    assert empty_figure()["config"] == made["config"]  # another would be drawn anew
    nasty = dataclasses.replace(view, panels=(dataclasses.replace(view.panels[0], title="<a href='x'>&"),))
    assert figure(nasty, "0", dark=False)["layout"]["annotations"][0]["text"] == "&lt;a href='x'&gt;&amp;"


def test_faces_show_the_measures_that_are_chosen() -> None:
    """In the time of the video, also where the recipe's time begins with the smile."""
    time = np.arange(60) / 20
    smile = np.clip(time - 1.0, 0, 1)[None, :, None]
    values = np.concatenate([smile, 2 - smile], axis=2).repeat(2, axis=0)
    values[0, 30:32, 0] = np.nan
    faces = Faces(
        values=values,
        channels=("AU12", "AU06"),
        length=np.array([60, 50]),
        rate_hz=20.0,
        label=np.array([0, 1]),
        class_names=("posed", "genuine"),
        trial=("v1", "v2"),
        participant=("ann", "bob"),
    )
    recipe = FaceRecipe(lowpass_hz=None, resample_hz=None, before_onset_ms=200.0)
    view = TrialViews(faces).of(0, recipe, ("AU12",))
    (panel,) = view.panels
    raw, cleaned = panel.lines
    assert panel.title == "action unit 12, lip corner puller"
    assert (raw.time_s[0], view.to_s) == (0.0, 3.0)
    assert cleaned.time_s[0] == pytest.approx(0.85, abs=0.11)  # 0.2 s before the smile goes beyond a tenth
    known = np.isfinite(cleaned.values)
    at = np.round(cleaned.time_s * 20).astype(int)
    there = known & (at < 60) & np.isfinite(values[0, np.minimum(at, 59), 0])
    np.testing.assert_allclose(cleaned.values[there], values[0, at[there], 0], atol=1e-5)
    assert [band.reason for band in panel.bands] == [Reason.FILLED]
    assert len(TrialViews(faces).of(1, recipe, ("AU06", "AU12")).panels) == 2
    assert view.kept_words.startswith(
        "The recipe keeps 0.95 to 3 s of this video, and cuts off the rest: it begins 200 ms"
    )
    assert view.kept_words.endswith(f"onset it found at {cleaned.time_s[0] + 0.2:.3g} s.")
    assert view.nothing_words == "Every frame that is kept was measured, and no value was taken away or filled."
    whole = TrialViews(faces).of(0, dataclasses.replace(recipe, align="start"), ("AU12",))
    assert (whole.kept_words, whole.nothing_words[:20]) == ("", "Every frame was meas")


def test_what_percentages_count_is_said(trials: Trials, views: TrialViews) -> None:
    """Valid is what the recipe judges by: of two eyes one suffices for the fused pupil. Reasons are counted eye by eye."""
    view = views.of(0, RECIPE)
    assert view.valid_words == "of the time valid in at least one eye"
    assert view.share_words == "Percent of the samples of both eyes, each counted by itself, before gaps are filled:"
    pupil = trials.pupil.copy()
    pupil[:, :, 1] = np.nan
    alone = TrialViews(dataclasses.replace(trials, pupil=pupil)).of(0, RECIPE)
    assert alone.valid_words == "of the time valid in the recorded eye"
    assert alone.share_words == "Percent of the samples of the recorded eye, before gaps are filled:"
    assert valid_where(["left"], 2) == "in the left eye"
    assert view.kept_words == ""
    cut = views.of(0, dataclasses.replace(RECIPE, duration_ms=500.0))
    assert cut.kept_words == "Of 1.5 s the recipe keeps the first 0.5 s."


def test_an_axis_reaches_all_values_or_says_that_it_is_cut(views: TrialViews) -> None:
    time = np.arange(20) / 10
    near, far = 3 + 0.1 * np.sin(time), 3 + 0.1 * np.sin(time)
    near[5], far[5] = 3.2, 9.0
    band = (Band(0.5, 0.6, Reason.BLINK),)
    made = [Panel("eye", "mm", (TraceLine("eye", None, time, values, False),), band) for values in (near, far)]
    layout = figure(dataclasses.replace(views.of(0, RECIPE), panels=tuple(made)), "0", dark=False)["layout"]
    assert layout["yaxis"]["range"][1] > 3.2
    assert layout["yaxis2"]["range"][1] < 3.2
    titles = [one["text"] for one in layout["annotations"]]
    assert titles == ["eye", "eye (axis cut off; values go from 3 to 9)"]


def test_a_figure_says_of_which_trial_it_is(views: TrialViews) -> None:
    assert figure(views.of(0, RECIPE), "2.17", dark=False)["layout"]["meta"] == "2.17"
    assert "meta" not in empty_figure("Nothing to show")["layout"]
    assert empty_figure("Nothing <to> show")["layout"]["annotations"][0]["text"] == "Nothing &lt;to&gt; show"


def test_a_figure_can_be_sent(views: TrialViews) -> None:
    """JSON holds it, without numbers that are none."""

    text = json.dumps(figure(views.of(2, RECIPE), "2", dark=False), allow_nan=False)
    assert "null" in text

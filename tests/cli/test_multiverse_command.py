"""`smilejax multiverse` as a user meets it."""

import dataclasses
import math
import re
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pandas as pd
import pytest
from helpers.command_line import printed, refused, run
from helpers.recordings import PNG, trials_with_gaps

import smilejax
from smilejax import Recipe, SimulationSettings, Trials, simulate_study
from smilejax._util.errors import SettingsError
from smilejax.cli.vary import varied_values
from smilejax.evaluation.multiverse import explore, marginals, recipe_grid, recipe_table, sentences, trace_table
from smilejax.evaluation.multiverse.multiverse_tables import in_words
from smilejax.preprocess.recipe import RECIPES


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")


FEW = ["--vary", "max_gap_ms=100,inf", "--vary", "max_missing=0.25,0.5"]


@pytest.fixture(scope="module")
def few_people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five people, so that differences are over participants and have intervals."""
    path = tmp_path_factory.mktemp("few") / "few.csv"
    settings = SimulationSettings(participants=5, smilers=2, duration_ms=3000, blinks_per_minute=30, effect_mm=0.5)
    smilejax.write_tidy(simulate_study(settings, key=jax.random.key(1)).trials, path)
    return path


@pytest.mark.slow
def test_multiverse_writes_what_the_library_finds(
    few_people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, curves, figure = tmp_path / "t.csv", tmp_path / "c.parquet", tmp_path / "f.png"
    options = ["--recipe", "minimal", "--baseline-ms", 300, *FEW, "--difference-ms", 500, 2500, "--seed", 7]
    out = printed(capsys, "multiverse", few_people, *options, "--out", table, "--traces", curves, "--plot", figure)
    trials = smilejax.read(few_people)
    base = dataclasses.replace(Recipe.minimal(), baseline_ms=300)
    vary = {"max_gap_ms": (100.0, math.inf), "max_missing": (0.25, 0.5)}
    found = explore(trials, recipe_grid(base, vary, trials), key=jax.random.key(7), window_ms=(500.0, 2500.0))
    pd.testing.assert_frame_equal(pd.read_csv(table), recipe_table(found), check_dtype=False)
    pd.testing.assert_frame_equal(pd.read_parquet(curves), trace_table(found))
    assert figure.read_bytes().startswith(PNG)
    assert "few.csv: genuine minus posed, mean of 500 to 2500 ms, over participants, under 4 recipes." in out
    assert sentences(found) in out
    for part in marginals(found):
        mean, low, high = part.difference
        assert f"{in_words(part.value)} 2 {mean:.3f} ({low:.3f} to {high:.3f}) {part.balanced_accuracy[0]:.0%} (" in out
    window = found.results.contrast.window
    order = np.argsort(window.difference[:4])
    ends = [window.difference[row] for row in (found.grid.base, order[0], order[-1])]
    assert "difference, mm " + " ".join(f"{value:.3f}" for value in ends) in out
    assert "The base recipe is not among these combinations; it was run as well, and enters no mean." in out
    assert re.search(
        rf"5 recipes ran through {found.programs} compiled programs?: [\d.]+ s compiling, [\d.]+ s run", out
    )
    assert "To report only the recipe with the best value would be selection" in out


@pytest.mark.slow
def test_combinations_that_are_not_possible_are_named(
    few_people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No suffix names a workbook with a column of true and false for nothing: `base` is one."""
    options = ["--vary", "blink_response=true,false", "--vary", "max_gap_ms=0,250"]
    out = printed(capsys, "multiverse", few_people, *options, "--out", tmp_path / "t.xlsx")
    assert (
        "1 combination not possible; the first, blink_response true, max_gap_ms 0: blink_response must be "
        "False where max_gap_ms is 0"
    ) in out
    table = pd.read_excel(tmp_path / "t.xlsx")
    assert table["base"].sum() == 1
    assert table["blink_response"].astype(str).str.lower().tolist() == ["true", "false", "false", "false"]


def test_without_vary_the_default_grid_is_run(few_people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from smilejax._util.errors import DataError
    from smilejax.evaluation import multiverse

    seen: list[Any] = []

    def caught(trials: Trials, grid: Any, **more: Any) -> None:
        seen.append((len(grid), grid.recipes[grid.base], more["window_ms"]))
        raise DataError("enough")

    monkeypatch.setattr(multiverse, "explore", caught)
    assert run("multiverse", few_people) == 2
    assert seen == [(108, dataclasses.replace(Recipe(), channels=("fused",)), None)]


def test_multiverse_needs_both_classes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    smilejax.write_tidy(trials_with_gaps(), tmp_path / "one.csv")
    pd.read_csv(tmp_path / "one.csv").assign(label="posed").to_csv(tmp_path / "one.csv", index=False)
    said = refused(capsys, "multiverse", tmp_path / "one.csv", *FEW, "--out", tmp_path / "t.csv")
    assert "a difference needs trials of both classes; there are 12 posed and 0 genuine." in said
    assert not (tmp_path / "t.csv").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--vary", "max_gap_ms"],
            r"--vary must be NAME=V1,V2,\.\.\.: .*; it is 'max_gap_ms'\. Write it like --vary max_gap",
        ),
        (["--vary", "=4"], r"--vary must be NAME=V1,V2,\.\.\.: .*; it is '=4'"),
        (["--vary", "lowpass_hz="], r"--vary must be NAME=V1,V2,\.\.\.: .*; it is 'lowpass_hz='"),
        (["--vary", "max_gap=1,2"], r"a recipe has no setting named 'max_gap'\. Is it max_gap_ms\?"),
        (["--vary", "qqq=1,2"], r"a recipe has no setting named 'qqq'\. It has duration_ms, .*, recipe\."),
        (
            ["--vary", "max_gap_ms=1,many"],
            r"--vary must be such that each value of max_gap_ms is a number \(inf is one\); it is 'many'",
        ),
        (
            ["--vary", "max_gap_ms=none"],
            r"--vary must be such that each value of max_gap_ms is a number \(inf is one\); it is 'none'",
        ),
        (
            ["--vary", "max_gap_ms=1,,2"],
            r"--vary must be such that each value of max_gap_ms is .*; it is ''\. Separate values by commas",
        ),
        (
            ["--vary", "lowpass_hz=off"],
            r"--vary must be such that each value of lowpass_hz is a number \(inf is one\) or none; it is 'off'",
        ),
        (
            ["--vary", "lowpass_order=2.5"],
            r"--vary must be such that each value of lowpass_order is a whole number; it is '2\.5'",
        ),
        (
            ["--vary", "tracker_blinks=yes"],
            r"--vary must be such that each value of tracker_blinks is true or false; it is 'yes'",
        ),
        (
            ["--vary", "interpolation=cubic"],
            r"each value of interpolation is one of linear, pchip, four-point, hold; it is 'cubic'",
        ),
        (
            ["--vary", "recipe=best"],
            r"--vary must be such that each value of recipe is one of default, report, kret2019, minimal, causal; it is 'best'",
        ),
        (
            ["--vary", "range_mm=1.5,9"],
            r"each value of range_mm is two numbers joined by a colon or none; it is '1\.5'\. Write a pair like 1\.5:9",
        ),
        (["--vary", "range_mm=1:2:3"], r"two numbers joined by a colon or none; it is '1:2:3'"),
        (
            ["--vary", "max_gap_ms=1", "--vary", "max-gap-ms=2"],
            r"max_gap_ms is varied twice\. Give all its values at once: --vary max_gap_ms=1,2\.",
        ),
        (["--vary", "max_gap_ms=-1"], r"max_gap_ms must be a number from 0 up, or inf; it is -1"),
        (["--vary", "lowpass_hz=40"], r"lowpass_hz must be below half the recording's rate of 60 Hz; it is 40"),
        (["--vary", "channels=left:right"], r"must be the same in all recipes of a grid.* it varies channels"),
        ([*FEW, "--difference-ms", "9000", "9900"], r"--difference-ms must be two times.*it is 9000 9900"),
        (
            [*FEW, "--channels", "left"],
            r"--channels must be left out of a multiverse, which compares the fused pupil; it is left",
        ),
        ([*FEW, "--seed", "-1"], r"seed must be a whole number from 0 to 4294967295"),
        ([*FEW, "--plot", "x.csv"], r"the suffix '\.csv' is not among those of figures"),
    ],
)
def test_grids_that_are_refused(
    few_people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    said = refused(capsys, "multiverse", few_people, *options, "--out", tmp_path / "t.csv")
    assert re.search(message, said), said
    assert list(tmp_path.iterdir()) == []


def test_values_are_read_as_they_are_printed() -> None:
    """Each setting's values, written as tables write them, come back; a list of them too."""
    for field in dataclasses.fields(Recipe):
        values = tuple(dict.fromkeys(getattr(Recipe.named(name), field.name) for name in RECIPES))
        got = varied_values([f"{field.name}={','.join(map(in_words, values))}"])[field.name]
        for one, other in zip(got, values, strict=True):
            if isinstance(other, float) and not isinstance(other, bool):
                assert one == pytest.approx(other, rel=1e-5)
            else:
                assert one == other
                assert type(one) is type(other)
    assert varied_values(["recipe=default,kret2019", "tracker-blinks=True,false"]) == {
        "recipe": ("default", "kret2019"),
        "tracker_blinks": (True, False),
    }
    with pytest.raises(SettingsError, match="vary"):
        varied_values(["x"])

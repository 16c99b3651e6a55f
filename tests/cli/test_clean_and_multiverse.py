"""`smilejax clean` and `smilejax multiverse`, and recipes by name, as a user meets them."""

import dataclasses
import math
import re
import shutil
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pandas as pd
import pytest

import smilejax
from smilejax import Recipe, SimulationSettings, TrainingSettings, Trials, simulate_study
from smilejax._util.errors import SettingsError
from smilejax.cli import main
from smilejax.cli.parsing import parse
from smilejax.cli.varying import KINDS, varied_values
from smilejax.evaluation.multiverse import explore, marginals, recipe_grid, recipe_table, sentences, trace_table
from smilejax.evaluation.multiverse.multiverse_tables import in_words
from smilejax.preprocess import Reason
from smilejax.preprocess.cleaned_tables import sample_table, step_table
from smilejax.preprocess.quality_tables import participant_quality, trial_quality
from smilejax.preprocess.recipe import RECIPES
from smilejax.preprocess.recipe_in_words import steps

PNG = b"\x89PNG\r\n\x1a\n"


def run(*args: object) -> int:
    try:
        return main([str(a) for a in args])
    except SystemExit as left:
        return int(left.code or 0)


def printed(capsys: pytest.CaptureFixture[str], *args: object) -> str:
    """Run a command that must end well; what it printed, without the lines of tables, on one line."""
    capsys.readouterr()
    assert run(*args) == 0
    return " ".join(capsys.readouterr().out.replace("│", " ").split())


def refused(capsys: pytest.CaptureFixture[str], *args: object) -> str:
    """Run a command that must end with 2 and one message, and return that message on one line."""
    capsys.readouterr()
    assert run(*args) == 2
    message = capsys.readouterr()
    assert "Traceback" not in message.err
    return " ".join(message.err.replace("│", " ").split())


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")


def study(**settings: Any) -> Trials:
    """Twelve trials of three people, with blinks; one of unequal length, one all missing, one with a name of its own."""
    usual = {"participants": 3, "smilers": 2, "duration_ms": 2000, "blinks_per_minute": 40, "losses_per_minute": 20}
    trials = simulate_study(SimulationSettings(**usual | settings), key=jax.random.key(3)).trials
    pupil, length, names = trials.pupil.copy(), trials.length.copy(), list(trials.trial)
    length[2] -= 30
    pupil[2, length[2] :] = np.nan
    pupil[5] = np.nan
    names[9] = "only"
    return dataclasses.replace(trials, pupil=pupil, length=length, trial=tuple(names))


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("study") / "study.csv"
    smilejax.write_tidy(study(), path)
    return path


@pytest.fixture(scope="module")
def trials(recording: Path) -> Trials:
    return smilejax.read(recording)


# What is printed.


def test_clean_says_what_it_did_and_what_is_left(
    recording: Path, trials: Trials, capsys: pytest.CaptureFixture[str]
) -> None:
    out = printed(capsys, "clean", recording)
    recipe = Recipe()
    table = trial_quality(trials, smilejax.clean(trials, recipe), recipe)
    assert "study.csv: 12 trials of 3 participants at 60 Hz, in mm." in out
    assert "Recipe default step" in out
    for step in steps(recipe, 60.0, in_mm=True):
        assert f"{step.name} {step.does}" + (f" ({step.source})" if step.source else "") in out
    people = participant_quality(table)
    for _, row in people.iterrows():
        kept = ", ".join(f"{row[f'kept_{name}']}/{row[f'trials_{name}']}" for name in trials.class_names)
        noise = max(row["noise_left_mm"], row["noise_right_mm"])
        assert (
            f"{row['participant']} {kept} {row['measured']:.1%} {row['blinks_per_minute']:.1f} "
            f"{row['longest_gap_ms']:.0f} {row['eye_correlation']:.2f} {noise:.3f} {row['baseline_mm']:.2f}"
        ) in out
    assert (table["status"] == "nothing measured").sum() == 1
    kept = {name: ((table["class"] == name) & (table["status"] == "kept")).sum() for name in trials.class_names}
    assert "class ┃ kept ┃ nothing measured" in out
    assert re.search(rf"posed {kept['posed']} \d .*genuine {kept['genuine']} \d", out)
    for reason in (Reason.MEASURED, Reason.BLINK, Reason.FROM_OTHER_EYE):
        share = np.average(table[f"share_{reason.name.lower()}"], weights=table["length_ms"])
        assert re.search(rf"{reason.words} [\d.]+% [\d.]+% {share:.2%}", out)
    assert "no p can be smaller than" in out, "the warnings about classes"


def test_an_override_of_a_named_recipe_takes_effect_and_is_printed(
    recording: Path, trials: Trials, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = printed(capsys, "clean", recording, "--recipe", "kret2019")
    assert "Recipe kret2019 step" in plain
    assert "low-pass 4 Hz" in plain
    assert "mark 50 ms on either side" in plain
    options = ["--recipe=kret2019", "--lowpass-hz", "none", "--pad-ms", 60]
    changed = printed(capsys, "clean", recording, *options, "--out", tmp_path / "out.parquet")
    assert "Recipe kret2019, with other settings" in changed
    assert "low-pass" not in changed
    assert "mark 60 ms on either side" in changed
    recipe = dataclasses.replace(Recipe.kret2019(), lowpass_hz=None, pad_ms=60)
    wanted = step_table(trials, smilejax.clean(trials, recipe), recipe)
    written = pd.read_parquet(tmp_path / "out.parquet")
    pd.testing.assert_frame_equal(written, wanted, check_dtype=False, check_categorical=False)
    other = step_table(trials, smilejax.clean(trials, Recipe.kret2019()), Recipe.kret2019())
    assert not written["fused_mm"].equals(other["fused_mm"])


def test_one_trial_is_told_of(recording: Path, trials: Trials, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "clean", recording, "--show-trial", "t002", "--show-participant", "p02")
    row = trial_quality(trials, smilejax.clean(trials, Recipe()), Recipe()).iloc[5]
    assert (row["trial"], row["participant"]) == ("t002", "p02")
    told = out.split("Trial t002 of participant p02")[1]
    assert "length in ms 2000" in told
    assert "measured 0.00%" in told
    assert "noise left in mm -" in told
    assert "samples: missing 100.00%" in told
    assert "verdict nothing measured" in told
    assert "samples: blink" not in told, "what did not occur is not listed"
    alone = printed(capsys, "clean", recording, "--show-trial", "only")
    assert "Trial only of participant p03" in alone


def test_names_are_printed_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What looks like markup is none."""
    named = study()
    names = tuple(f"[red]{name}[/]" for name in named.participant)
    odd = dataclasses.replace(named, participant=names, class_names=("[b]", "[i]x"))
    smilejax.write_tidy(odd, tmp_path / "odd.csv")
    options = ["--classes", "[b]", "[i]x", "--show-trial", "only"]
    out = printed(capsys, "clean", tmp_path / "odd.csv", *options)
    assert "[red]p01[/]" in out
    assert "┃ [b], " in out, "a heading"
    assert "┃ [b] ┃ [i]x ┃ all" in out
    assert "Trial only of participant [red]p03[/]" in out


def test_recordings_without_classes(recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = pd.read_csv(recording)
    table.drop(columns="label").to_csv(tmp_path / "bare.csv", index=False)
    out = printed(capsys, "clean", tmp_path / "bare.csv")
    assert "No trial has a class. Labels: none in the file." in out
    assert "no label 11 1" in out
    assert "By class" not in out
    table.assign(label=table["label"].where(table["participant"] != "p01")).to_csv(tmp_path / "some.csv", index=False)
    out = printed(capsys, "clean", tmp_path / "some.csv", "--quality", tmp_path / "q.csv")
    assert re.search(r"posed \d \d genuine \d \d no label 4 0", out)
    assert pd.read_csv(tmp_path / "q.csv")["class"].isna().sum() == 4
    said = refused(capsys, "clean", recording, "--classes", "Easy", "Hard")
    assert "no trial is labelled Easy or Hard. The labels are genuine, posed: neither Easy nor Hard" in said


# What is written.


def test_the_cleaned_data_says_all_of_itself(
    recording: Path, trials: Trials, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--channels", "left", "right", "--baseline", "percent", "--resample-hz", "30", "--max-gap-ms", "100"]
    out = printed(capsys, "clean", recording, *options, "--out", tmp_path / "a" / "c.csv")
    assert "wrote" in out
    table = pd.read_csv(tmp_path / "a" / "c.csv")
    assert list(table) == [
        *("participant", "trial", "class", "stimulus", "status", "time_ms"),
        *("left_percent", "left_reason", "right_percent", "right_reason"),
    ]
    lengths = trials.length * 30 // 60
    assert len(table) == lengths.sum()
    assert table.groupby(["participant", "trial"], sort=False).size().tolist() == lengths.tolist()
    first = table[(table["participant"] == "p01") & (table["trial"] == "t003")]
    np.testing.assert_allclose(first["time_ms"], np.arange(len(first)) * 1000 / 30)
    for lane in ("left", "right"):
        present = table[f"{lane}_reason"].isin(["measured", "filled from its neighbours", "filled from the other eye"])
        assert (table[f"{lane}_percent"].notna() == present).all()
        assert 0 < present.mean() < 1
    assert set(table.loc[table["trial"] == "only", "participant"]) == {"p03"}
    assert set(table.loc[(table["participant"] == "p02") & (table["trial"] == "t002"), "status"]) == {
        "nothing measured"
    }


def test_the_reasons_of_samples_are_the_shares_of_quality(
    recording: Path, trials: Trials, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed(capsys, "clean", recording, "--samples", tmp_path / "s.csv", "--quality", tmp_path / "q.csv")
    samples, quality = pd.read_csv(tmp_path / "s.csv"), pd.read_csv(tmp_path / "q.csv")
    assert len(samples) == trials.length.sum()
    for _, row in quality.iterrows():
        own = samples[(samples["participant"] == row["participant"]) & (samples["trial"] == row["trial"])]
        both = pd.concat([own["left_filled"], own["right_filled"]])
        for reason in Reason:
            if reason not in (Reason.FILLED, Reason.OUTSIDE):
                wanted = row[f"share_{reason.name.lower()}"]
                assert (both == reason.words).mean() == pytest.approx(wanted, abs=1e-6)
        assert (own["left_marked"] == "measured").mean() == pytest.approx(row["measured_left"], abs=1e-6)
    np.testing.assert_array_equal(samples["left_mm"].to_numpy(np.float32), trials.pupil[trials.inside()][:, 0])
    seen = samples["right_marked"] == "measured"
    assert samples.loc[seen, "right_mm"].notna().all()
    changed = samples["left_marked"] != samples["left_filled"]
    assert set(samples.loc[changed, "left_filled"]) == {"filled from the other eye"}


def test_every_format_holds_the_same_numbers(recording: Path, tmp_path: Path) -> None:
    for suffix, reader in ((".tsv", lambda p: pd.read_csv(p, sep="\t")), (".xlsx", pd.read_excel)):
        assert run("clean", recording, "--out", tmp_path / f"c{suffix}", "--samples", tmp_path / "s.parquet") == 0
        table = reader(tmp_path / f"c{suffix}")
        recipe = Recipe()
        trials = smilejax.read(recording)
        wanted = step_table(trials, smilejax.clean(trials, recipe), recipe)
        np.testing.assert_allclose(table["fused_mm"], wanted["fused_mm"], rtol=1e-6, atol=1e-6)
        assert table["fused_reason"].tolist() == wanted["fused_reason"].tolist()
        (tmp_path / "s.parquet").unlink()


@pytest.mark.parametrize(("suffix", "start"), [(".png", PNG), (".PNG", PNG), (".svg", b"<?xml"), (".pdf", b"%PDF")])
def test_a_figure_of_a_trial(recording: Path, tmp_path: Path, suffix: str, start: bytes) -> None:
    figure = tmp_path / f"trial{suffix}"
    assert run("clean", recording, "--show-trial", "only", "--plot", figure) == 0
    content = figure.read_bytes()
    assert content.startswith(start)
    assert len(content) > 10_000
    if start == PNG:
        assert int.from_bytes(content[16:20]) > 1000, "dots across"
    assert [p.name for p in tmp_path.iterdir()] == [figure.name], "nothing half written is left"


def test_the_figure_is_of_the_trial_that_was_named(recording: Path, tmp_path: Path) -> None:
    figure = tmp_path / "trial.svg"
    for who in ("p02", "p03"):
        options = ["--show-trial", "t003", "--show-participant", who, "--plot", figure, "--overwrite"]
        assert run("clean", recording, *options) == 0
        comments = figure.read_text()
        assert f"participant {who}" in comments or f"<!-- Trial t003 of participant {who}" in comments


# What is refused, before any work.


def test_what_cannot_be_shown_or_drawn(recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "c.csv"
    for options, message in (
        (["--plot", "x.png"], "--plot draws one trial, and none is named. Name it with --show-trial TRIAL."),
        (["--show-participant", "p01"], "--show-participant chooses between trials of one name, and none is named."),
        (
            ["--show-trial", "t009"],
            "there is no trial 't009'. There are t001, t002, t003, t004, only.",
        ),
        (
            ["--show-trial", "t003"],
            "there are 3 trials 't003', of participants p01, p02, p03. Choose one of them with --show-participant p01.",
        ),
        (
            ["--show-trial", "t003", "--show-participant", "p04"],
            "there is no participant 'p04'. There are p01, p02, p03.",
        ),
        (
            ["--show-trial", "only", "--show-participant", "p01"],
            "participant 'p01' has no trial 'only'; one of that name have participants p03.",
        ),
        (
            ["--show-trial", "only", "--plot", tmp_path / "x.jpg"],
            "the suffix '.jpg' is not among those of figures: .png, .svg, .pdf. Name another with --plot.",
        ),
    ):
        assert message in refused(capsys, "clean", recording, *options, "--out", out)
        assert list(tmp_path.iterdir()) == []


def test_outputs_are_claimed_before_the_work(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from smilejax import readers

    def never(*args: object, **more: object) -> None:
        raise AssertionError("it was read before its outputs were settled")

    monkeypatch.setattr(readers, "read", never)
    (tmp_path / "there.csv").write_text("mine")
    (tmp_path / "folder.csv").mkdir()
    for command in ("clean", "multiverse"):
        for options, message in (
            (["--out", tmp_path / "there.csv"], "there.csv exists already. Name another, or give --overwrite"),
            (["--out", tmp_path / "folder.csv", "--overwrite"], "is a folder, where a file is to be written"),
            (["--out", tmp_path / "x.doc"], "the suffix '.doc' is not among those written"),
            (["--out", tmp_path / "there.csv" / "x.csv"], "cannot be written: what would be its folder is a file"),
            (["--out", "/proc/nowhere/x.csv"], "cannot be written"),
            (["--out", recording, "--overwrite"], "--out must not be the recording itself"),
        ):
            assert message in refused(capsys, command, recording, *options)
    same = tmp_path / "new.csv"
    for one, other in (("--out", "--samples"), ("--samples", "--quality")):
        said = refused(capsys, "clean", recording, one, same, other, tmp_path / "folder.csv" / ".." / "new.csv")
        assert f"{one} and {other} must be different files" in said
    said = refused(capsys, "multiverse", recording, "--out", same, "--traces", same)
    assert "--out and --traces must be different files" in said
    folder = tmp_path / "four"
    folder.mkdir()
    (folder / "left_posed.csv").write_text("1\n2\n")
    said = refused(capsys, "clean", folder, "--out", folder / "left_posed.csv", "--overwrite")
    assert "--out must not replace a file in the folder of the recordings" in said
    assert (tmp_path / "there.csv").read_text() == "mine"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder.csv", "four", "there.csv"]


def test_overwrite_replaces(recording: Path, tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("old")
    assert run("clean", recording, "--out", tmp_path / "c.csv", "--overwrite") == 0
    assert len(pd.read_csv(tmp_path / "c.csv")) > 100


def test_bad_recordings_and_settings(recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "c.csv"
    assert "nothing.csv: there is no such file" in refused(capsys, "clean", tmp_path / "nothing.csv", "--out", out)
    assert "--lowpass-hz must be below half" in refused(capsys, "clean", recording, "--lowpass-hz", 40, "--out", out)
    assert "invalid choice" in refused(capsys, "clean", recording, "--recipe", "best", "--out", out)
    assert "--baseline must be subtract where --baseline-ms is None" in refused(
        capsys, "clean", recording, "--recipe", "report", "--baseline", "percent", "--out", out
    )
    assert not out.exists()


# Recipes by name.


def parsed(*words: str) -> Any:
    return parse([*words])


@pytest.mark.parametrize("command", ["clean", "multiverse", "train"])
@pytest.mark.parametrize("name", RECIPES)
def test_a_named_recipe_is_the_base(command: str, name: str) -> None:
    out = ["--out", "x"] if command == "train" else []
    for words in (["--recipe", name], [f"--recipe={name}"], ["--recipe", "minimal", f"--recipe={name}"]):
        got = parsed(command, "data.csv", *out, *words)
        assert got.recipe == Recipe.named(name)  # type: ignore[arg-type]
        assert got.base == name
    got = parsed(command, "data.csv", *out, "--max-missing", "0.3", "--recipe", name)
    assert got.recipe == dataclasses.replace(Recipe.named(name), max_missing=0.3)  # type: ignore[arg-type]
    assert parsed(command, "data.csv", *out).recipe == Recipe()


def test_presets_and_recipes_together() -> None:
    start = ("train", "data.csv", "--out", "x")
    report = parsed(*start, "--preset", "report")
    assert (report.recipe, report.settings, report.base) == (Recipe.report(), TrainingSettings.report(), "report")
    assert parsed(*start, "--preset=report") == report
    other = parsed(*start, "--recipe", "kret2019", "--preset", "report", "--epochs", "3")
    assert other.recipe == Recipe.kret2019()
    assert other.settings == dataclasses.replace(TrainingSettings.report(), epochs=3)
    learned = parsed(*start, "--recipe", "report")
    assert (learned.recipe, learned.settings) == (Recipe.report(), TrainingSettings())
    assert parsed(*start, "--preset", "report", "--scale").settings.scale is True


def test_a_step_is_left_out_with_none() -> None:
    optional = [f.name for f in dataclasses.fields(Recipe) if type(None) in getattr(KINDS[f.name], "__args__", ())]
    assert {"lowpass_hz", "range_mm", "baseline_ms", "resample_hz", "blink_edge_ms"} <= set(optional)
    for name in optional:
        flag = "--" + name.replace("_", "-")
        for words in ([flag, "none"], [f"{flag}=none"], [flag, "None"]):
            assert parsed("clean", "data.csv", *words).recipe == dataclasses.replace(Recipe(), **{name: None})
    assert parsed("clean", "d", "--recipe", "report", "--lowpass-hz", "4").recipe.lowpass_hz == 4
    assert parsed("clean", "d", "--recipe", "report", "--range-mm", "2", "8").recipe.range_mm == (2, 8)
    assert parsed("clean", "d", "--max-gap-ms", "inf").recipe.max_gap_ms == math.inf


def test_either_value_can_be_said_on_any_base() -> None:
    """What is on in one recipe is off in another: both must be sayable."""
    for base, usual in (("default", True), ("kret2019", False)):
        assert parsed("clean", "d", "--recipe", base).recipe.tracker_blinks is usual
        for flag, value in (("--tracker-blinks", True), ("--no-tracker-blinks", False)):
            assert parsed("clean", "d", "--recipe", base, flag).recipe.tracker_blinks is value


def test_help_shows_the_named_recipes_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("clean", "multiverse", "train"):
        out = printed(capsys, command, "--recipe", "kret2019", "--help")
        assert "--recipe {default,report,kret2019,minimal}" in out
        assert re.search(r"--pad-ms none\|FLOAT [^─]*?\(default: 50\)", out)
        assert "(default: 16.6667)" in out
    out = printed(capsys, "clean", "--help")
    for words in ("--show-trial TRIAL", "--plot FILE", "--out FILE", "--samples FILE", "--quality FILE", ".parquet"):
        assert words in out
    out = printed(capsys, "multiverse", "--help")
    for words in ("--vary NAME=V1,V2,...", "(repeatable)", "--window-ms none|{FLOAT FLOAT}", "--traces FILE", "in ms"):
        assert words in out


def test_help_that_nobody_reads_to_the_end() -> None:
    import subprocess
    import sys

    piped = subprocess.run(
        f"set -o pipefail; {sys.executable} -m smilejax clean --help | head -1",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (piped.returncode, piped.stderr) == (0, "")


# The multiverse.

FEW = ["--vary", "max_gap_ms=100,inf", "--vary", "max_missing=0.25,0.5"]


@pytest.fixture(scope="module")
def few_people(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five people, so that differences are over participants and have intervals."""
    path = tmp_path_factory.mktemp("few") / "few.csv"
    settings = SimulationSettings(participants=5, smilers=2, duration_ms=3000, blinks_per_minute=30, effect_mm=0.5)
    smilejax.write_tidy(simulate_study(settings, key=jax.random.key(1)).trials, path)
    return path


def test_multiverse_writes_what_the_library_finds(
    few_people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    table, curves, figure = tmp_path / "t.csv", tmp_path / "c.parquet", tmp_path / "f.png"
    options = ["--recipe", "minimal", "--baseline-ms", 300, *FEW, "--window-ms", 500, 2500, "--seed", 7]
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
    window = found.outcome.contrast.window
    order = np.argsort(window.difference[:4])
    ends = [window.difference[row] for row in (found.grid.base, order[0], order[-1])]
    assert "difference, mm " + " ".join(f"{value:.3f}" for value in ends) in out
    assert "The base recipe is no combination of these choices; it was run, and enters no average." in out
    assert re.search(
        rf"5 recipes ran through {found.programs} compiled programs?: [\d.]+ s compiling, [\d.]+ s run", out
    )
    assert "To pick the recipe with the best value and report that is selection" in out


def test_combinations_that_cannot_be_are_told(
    few_people: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No suffix names a workbook with a column of true and false for nothing: `base` is one."""
    options = ["--vary", "blink_response=true,false", "--vary", "max_gap_ms=0,250"]
    out = printed(capsys, "multiverse", few_people, *options, "--out", tmp_path / "t.xlsx")
    assert (
        "1 combination cannot be and were left out; the first, blink_response true, max_gap_ms 0: blink_response must be "
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
    assert seen == [(216, dataclasses.replace(Recipe(), channels=("fused",)), None)]


def test_multiverse_needs_both_classes(recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pd.read_csv(recording).assign(label="posed").to_csv(tmp_path / "one.csv", index=False)
    said = refused(capsys, "multiverse", tmp_path / "one.csv", *FEW, "--out", tmp_path / "t.csv")
    assert "a difference needs trials of both classes; there are 12 posed and 0 genuine." in said
    assert not (tmp_path / "t.csv").exists()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--vary", "max_gap_ms"],
            r"vary must be NAME=V1,V2,\.\.\.: .*; it is 'max_gap_ms'\. Write it like --vary max_gap",
        ),
        (["--vary", "=4"], r"vary must be NAME=V1,V2,\.\.\.: .*; it is '=4'"),
        (["--vary", "lowpass_hz="], r"vary must be NAME=V1,V2,\.\.\.: .*; it is 'lowpass_hz='"),
        (["--vary", "max_gap=1,2"], r"a recipe has no setting named 'max_gap'\. Is it max_gap_ms\?"),
        (["--vary", "qqq=1,2"], r"a recipe has no setting named 'qqq'\. It has duration_ms, .*, recipe\."),
        (["--vary", "max_gap_ms=1,many"], r"vary max_gap_ms: a value must be a number \(inf is one\); it is 'many'"),
        (["--vary", "max_gap_ms=none"], r"vary max_gap_ms: a value must be a number \(inf is one\); it is 'none'"),
        (["--vary", "max_gap_ms=1,,2"], r"vary max_gap_ms: a value must be .*; it is ''\. Part values by commas"),
        (
            ["--vary", "lowpass_hz=off"],
            r"vary lowpass_hz: a value must be a number \(inf is one\) or none; it is 'off'",
        ),
        (["--vary", "lowpass_order=2.5"], r"vary lowpass_order: a value must be a whole number; it is '2\.5'"),
        (["--vary", "tracker_blinks=yes"], r"vary tracker_blinks: a value must be true or false; it is 'yes'"),
        (["--vary", "interpolation=cubic"], r"must be one of linear, pchip, four-point; it is 'cubic'"),
        (
            ["--vary", "recipe=best"],
            r"vary recipe: a value must be one of default, report, kret2019, minimal; it is 'best'",
        ),
        (
            ["--vary", "range_mm=1.5,9"],
            r"vary range_mm: a value must be two numbers joined by a colon or none; it is '1\.5'\. Write a pair like 1\.5:9",
        ),
        (["--vary", "range_mm=1:2:3"], r"two numbers joined by a colon or none; it is '1:2:3'"),
        (
            ["--vary", "max_gap_ms=1", "--vary", "max-gap-ms=2"],
            r"vary: max_gap_ms is given twice\. Give all its values at once: --vary max_gap_ms=1,2\.",
        ),
        (["--vary", "max_gap_ms=-1"], r"max_gap_ms must be a number from 0 up, or inf; it is -1"),
        (["--vary", "lowpass_hz=40"], r"lowpass_hz must be below half the recording's rate of 60 Hz; it is 40"),
        (["--vary", "channels=left:right"], r"must be the same in all recipes of a grid.* it varies channels"),
        ([*FEW, "--window-ms", "9000", "9900"], r"window_ms must be two times.*it is 9000 to 9900"),
        ([*FEW, "--channels", "left"], r"channels cannot be chosen for a multiverse, which compares the fused pupil"),
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


def test_the_real_file(real_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "pupil_data.csv"
    shutil.copy(real_file, copy)
    options = ["--classes", "Easy", "Hard", "--show-trial", "Hard2", "--show-participant", "6"]
    out = printed(capsys, "clean", copy, *options, "--plot", tmp_path / "hard2.png", "--samples", tmp_path / "s.csv")
    assert "48 trials of 8 participants at 60 Hz, in mm" in out
    assert "Easy 24 0 Hard 23 1" in out
    assert "verdict too much missing" in out
    samples = pd.read_csv(tmp_path / "s.csv")
    assert len(samples) == 28_800
    assert samples[["left_mm", "right_mm"]].isna().sum().sum() == 7301
    said = refused(capsys, "clean", copy, "--classes", "Easy", "Hard", "--show-trial", "Hard2")
    assert "there are 8 trials 'Hard2', of participants 1, 2, 3, 4, 5, 6, 7, 9." in said


def test_the_sample_table_is_the_librarys(recording: Path, trials: Trials, tmp_path: Path) -> None:
    assert run("clean", recording, "--duration-ms", 2500, "--samples", tmp_path / "s.parquet") == 0
    recipe = Recipe(duration_ms=2500)
    wanted = sample_table(trials, smilejax.clean(trials, recipe))
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "s.parquet"), wanted, check_categorical=False)

"""`smilejax clean` as a user meets it."""

import dataclasses
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers.command_line import printed, refused, run
from helpers.recordings import PNG, trials_with_gaps

import smilejax
from smilejax import Recipe, Trials
from smilejax.preprocess import Reason
from smilejax.preprocess.cleaned_tables import sample_table, step_table
from smilejax.preprocess.quality_tables import participant_quality, trial_quality
from smilejax.preprocess.reasons import PUPIL_REASONS
from smilejax.preprocess.recipe_in_words import steps
from smilejax.preprocess.trial_status import TrialStatus


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("study") / "study.csv"
    smilejax.write_tidy(trials_with_gaps(), path)
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
    participants = participant_quality(table)
    for _, row in participants.iterrows():
        kept = ", ".join(f"{row[f'kept_{name}']}/{row[f'trials_{name}']}" for name in trials.class_names)
        noise = max(row["noise_left_mm"], row["noise_right_mm"])
        assert (
            f"{row['participant']} {kept} {row['proportion_valid']:.1%} {row['blinks_per_minute']:.1f} "
            f"{row['longest_gap_ms']:.0f} {row['eye_correlation']:.2f} {noise:.3f} {row['baseline_mm']:.2f}"
        ) in out
    assert (table["status"] == "nothing measured").sum() == 1
    kept = {name: ((table["class"] == name) & (table["status"] == "kept")).sum() for name in trials.class_names}
    assert "class ┃ kept ┃ nothing measured" in out
    assert re.search(rf"posed {kept['posed']} \d .*genuine {kept['genuine']} \d", out)
    for reason in (Reason.MEASURED, Reason.BLINK, Reason.FROM_OTHER_EYE):
        share = np.average(table[f"proportion_{reason.name.lower()}"], weights=table["length_ms"])
        assert re.search(rf"{reason.words} [\d.]+% [\d.]+% {share:.2%}", out)
    assert "no p can be smaller than" in out, "the warnings about classes"


@pytest.mark.slow
def test_an_override_of_a_named_recipe_takes_effect_and_is_printed(
    recording: Path, trials: Trials, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = printed(capsys, "clean", recording, "--recipe", "kret2019")
    assert "Recipe kret2019 step" in plain
    assert "low-pass take out what is faster than 4 Hz" in plain
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


def test_refusals_name_what_is_possible(recording: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "--channels must be names among fused, " in refused(capsys, "clean", recording, "--channels", "foo")
    said = refused(capsys, "clean", recording, "--lowpass-hz", "1e5")
    assert said.rstrip().endswith("Lower it, or leave the low-pass out: --lowpass-hz none.")
    assert "a number above 0 or none; it is -1" in refused(capsys, "clean", recording, "--lowpass-hz", "-1")


def test_one_trial_is_described(recording: Path, trials: Trials, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "clean", recording, "--show-trial", "t002", "--show-participant", "p02")
    row = trial_quality(trials, smilejax.clean(trials, Recipe()), Recipe()).iloc[5]
    assert (row["trial"], row["participant"]) == ("t002", "p02")
    shown = out.split("Trial t002 of participant p02")[1]
    assert "length in ms 1500" in shown
    assert "noise left in mm -" in shown
    assert "proportion valid 0.00%" in shown
    assert "status nothing measured" in shown
    assert "samples: blink" not in shown, "what did not occur is not listed"
    alone = printed(capsys, "clean", recording, "--show-trial", "only")
    assert "Trial only of participant p03" in alone


def test_names_are_printed_as_they_are(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What looks like markup is none."""
    named = trials_with_gaps()
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
    shape = ["--channels", "left", "right", "--baseline", "percent", "--resample-hz", "30"]
    options = ["--recipe", "minimal", *shape, "--max-gap-ms", "100"]
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
        kept = table["status"] == TrialStatus.KEPT.words  # of a rejected trial there is no corrected value
        assert (table[f"{lane}_percent"].notna() == (present & kept)).all()
        assert 0 < present.mean() < 1
    assert set(table.loc[table["trial"] == "only", "participant"]) == {"p03"}
    assert set(table.loc[(table["participant"] == "p02") & (table["trial"] == "t002"), "status"]) == {
        "nothing measured"
    }


def test_the_reasons_of_samples_are_the_proportions_of_quality(
    recording: Path, trials: Trials, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    printed(capsys, "clean", recording, "--samples", tmp_path / "s.csv", "--quality", tmp_path / "q.csv")
    samples, quality = pd.read_csv(tmp_path / "s.csv"), pd.read_csv(tmp_path / "q.csv")
    assert len(samples) == trials.length.sum()
    for _, row in quality.iterrows():
        own = samples[(samples["participant"] == row["participant"]) & (samples["trial"] == row["trial"])]
        both = pd.concat([own["left_filled"], own["right_filled"]])
        for reason in PUPIL_REASONS:
            if reason not in (Reason.FILLED, Reason.OUTSIDE):
                wanted = row[f"proportion_{reason.name.lower()}"]
                assert (both == reason.words).mean() == pytest.approx(wanted, abs=1e-6)
        assert (own["left_marked"] == "measured").mean() == pytest.approx(row["proportion_valid_left"], abs=1e-6)
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
            "participant 'p01' has no trial 'only'; these have one: p03.",
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
    assert "--recipe must be one of default, report, kret2019, minimal, causal; it is 'best'" in refused(
        capsys, "clean", recording, "--recipe", "best", "--out", out
    )
    assert "--baseline must be subtract where --baseline-ms is None" in refused(
        capsys, "clean", recording, "--recipe", "report", "--baseline", "percent", "--out", out
    )
    assert not out.exists()


@pytest.mark.slow
def test_the_real_file(real_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    copy = tmp_path / "pupil_data.csv"
    shutil.copy(real_file, copy)
    options = ["--classes", "Easy", "Hard", "--show-trial", "Hard2", "--show-participant", "6"]
    out = printed(capsys, "clean", copy, *options, "--plot", tmp_path / "hard2.png", "--samples", tmp_path / "s.csv")
    assert "48 trials of 8 participants at 60 Hz, in mm" in out
    assert "Easy 24 0 Hard 23 1" in out
    assert "status too much missing" in out
    samples = pd.read_csv(tmp_path / "s.csv")
    assert len(samples) == 28_800
    assert samples[["left_mm", "right_mm"]].isna().sum().sum() == 7301
    said = refused(capsys, "clean", copy, "--classes", "Easy", "Hard", "--show-trial", "Hard2")
    assert "there are 8 trials 'Hard2', of participants 1, 2, 3, 4, 5, 6, 7, 9." in said


def test_the_sample_table_is_the_librarys(recording: Path, trials: Trials, tmp_path: Path) -> None:
    assert run("clean", recording, "--recipe=minimal", "--duration-ms", 2000, "--samples", tmp_path / "s.parquet") == 0
    recipe = dataclasses.replace(Recipe.minimal(), duration_ms=2000)
    wanted = sample_table(trials, smilejax.clean(trials, recipe))
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "s.parquet"), wanted, check_categorical=False)

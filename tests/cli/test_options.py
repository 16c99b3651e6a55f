"""Options: recipes and presets settle the defaults of others, values are read as they are printed, help shows both."""

import dataclasses
import math
import re
import subprocess
import sys
from typing import Any

import pytest
from helpers.command_line import printed, refused, run

from smilejax import Recipe, TrainingSettings
from smilejax._util.errors import SettingsError
from smilejax.cli.commands import COMMANDS
from smilejax.cli.evaluate_command import evaluated_settings
from smilejax.cli.main import command_named
from smilejax.cli.options import options_of
from smilejax.cli.parsing import parse_options
from smilejax.cli.vary import kinds
from smilejax.preprocess.recipe import RECIPES
from smilejax.settings import StudySettings


def parsed(*words: str) -> Any:
    return parse_options(command_named(words[0]), words[1:])


@pytest.mark.parametrize("command", ["clean", "multiverse", "train"])
@pytest.mark.parametrize("name", RECIPES)
def test_a_named_recipe_is_the_base(command: str, name: str) -> None:
    out = ["--out", "x"] if command == "train" else []
    for words in (["--recipe", name], [f"--recipe={name}"], ["--recipe", "minimal", f"--recipe={name}"]):
        got = parsed(command, "data.csv", *out, *words)
        assert got.recipe == Recipe.named(name)  # type: ignore[arg-type]
        assert got.recipe_name == name
    got = parsed(command, "data.csv", *out, "--max-missing", "0.3", "--recipe", name)
    assert got.recipe == dataclasses.replace(Recipe.named(name), max_missing=0.3)  # type: ignore[arg-type]
    assert parsed(command, "data.csv", *out).recipe == Recipe()


def test_presets_and_recipes_together() -> None:
    start = ("train", "data.csv", "--out", "x")
    report = parsed(*start, "--preset", "report")
    assert (report.recipe, report.training, report.recipe_name) == (Recipe.report(), TrainingSettings.report(), None)
    assert parsed(*start, "--preset=report") == report
    other = parsed(*start, "--recipe", "kret2019", "--preset", "report", "--epochs", "3")
    assert other.recipe == Recipe.kret2019()
    assert other.training == dataclasses.replace(TrainingSettings.report(), epochs=3)
    learned = parsed(*start, "--recipe", "report")
    assert (learned.recipe, learned.training) == (Recipe.report(), TrainingSettings())
    assert parsed(*start, "--preset", "report", "--standardise").training.standardise is True


def test_a_step_is_left_out_with_none() -> None:
    optional = [f.name for f in dataclasses.fields(Recipe) if type(None) in getattr(kinds()[f.name], "__args__", ())]
    assert {"lowpass_hz", "range_mm", "baseline_ms", "resample_hz", "blink_edge_ms"} <= set(optional)
    for name in optional:
        flag = "--" + name.replace("_", "-")
        for words in ([flag, "none"], [f"{flag}=none"], [flag, "None"]):
            assert parsed("clean", "data.csv", *words).recipe == dataclasses.replace(Recipe(), **{name: None})
    assert parsed("clean", "d", "--recipe", "report", "--lowpass-hz", "4").recipe.lowpass_hz == 4
    assert parsed("clean", "d", "--recipe", "report", "--range-mm", "2", "8").recipe.range_mm == (2, 8)
    assert parsed("clean", "d", "--max-gap-ms", "inf").recipe.max_gap_ms == math.inf


def test_a_baseline_is_one_number_or_two() -> None:
    """Numbers below 0 are values, and what is no number is the next word."""
    for words, baseline in (
        (["--baseline-ms", "-200", "0"], (-200.0, 0.0)),
        (["--baseline-ms=-200", "0"], (-200.0, 0.0)),
        (["--baseline-ms", "-1e3", "-.5"], (-1000.0, -0.5)),
        (["--baseline-ms", "150"], 150.0),
        (["--baseline-ms", "none"], None),
    ):
        for line in (["data.csv", *words], [*words, "data.csv"], [*words, "data.csv", "--max-missing", "0.3"]):
            got = parsed("clean", *line)
            assert (str(got.data[0]), got.recipe.baseline_ms) == ("data.csv", baseline)
    assert parsed("clean", "--range-mm", "2", "8", "data.csv").recipe.range_mm == (2.0, 8.0)
    for words in (
        ["--baseline-ms", "x"],
        ["--baseline-ms"],
        ["--baseline-ms", "0", "-200"],
    ):
        with pytest.raises(SettingsError, match="baseline"):
            parsed("clean", "data.csv", *words)


def test_a_switch_of_a_recipe_can_be_turned_on_and_off() -> None:
    """What is on in one recipe is off in another."""
    for base, usual in (("default", True), ("kret2019", False)):
        assert parsed("clean", "d", "--recipe", base).recipe.tracker_blinks is usual
        for flag, value in (("--tracker-blinks", True), ("--no-tracker-blinks", False)):
            assert parsed("clean", "d", "--recipe", base, flag).recipe.tracker_blinks is value


def test_help_shows_the_named_recipes_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("clean", "multiverse", "train"):
        out = printed(capsys, command, "--recipe", "kret2019", "--help-all")
        assert "--recipe {default,report,kret2019,minimal,causal}" in out
        assert re.search(r"--pad-ms MS .{0,200}?\(default: 50\)", out)
        assert "(default: 16.6667)" in out
    out = printed(capsys, "clean", "--help")
    for words in ("--show-trial TRIAL", "--plot FILE", "--out FILE", "--samples FILE", "--quality FILE", ".parquet"):
        assert words in out
    out = printed(capsys, "multiverse", "--help")
    for words in ("--vary NAME=V1,V2,...", "several times", "--difference-ms FROM TO", "--traces FILE", "in ms"):
        assert words in out


def test_help_of_a_preset_shows_its_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "train", "--preset", "report", "--help-all")
    assert "(default: sgd)" in out
    assert re.search(r"--epochs N [^()]*\(default: 10\)", out)
    assert re.search(r"--learning-rate NUMBER [^()]*\(default: 0\.001\)", out)
    assert "(default: 1)" in out, "one sequence at a time"


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_help_is_short_and_help_all_is_whole(
    command: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    assert run(command.name, "--help") == 0
    short = capsys.readouterr().out
    assert len(short.splitlines()) <= 64
    assert run(command.name, "--help-all") == 0
    whole = capsys.readouterr().out
    for page in (short, whole):
        assert all(len(line) <= 80 or line.strip() in command.examples for line in page.splitlines())
        for clumsy in ("none|", "{{", "}}", "(default: )", "(required)"):
            assert clumsy not in page
        assert page.count("(default: none)") == page.count("--class-weights {none"), "None is not shown, a word is"
        assert page.rstrip().splitlines()[-len(command.examples) :] == [f"  {line}" for line in command.examples]
    for option in options_of(command.arguments):
        assert f"  {option.flag}" in whole
        assert not option.common or f"  {option.flag}" in short
        assert option.about, f"{option.flag} has no help"
    units = ("_ms", "_hz", "_mm", "_mib")
    for option in options_of(command.arguments):
        if option.name.endswith(units):
            assert option.metavar != "NUMBER", f"{option.flag} shows no unit"


def test_examples_in_help_are_command_lines(tmp_path: Any) -> None:
    for command in COMMANDS:
        for line in command.examples:
            words = line.split()
            assert words[:2] == ["smilejax", command.name]
            parse_options(command, words[2:])


def test_the_first_page_lists_every_command_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    page = capsys.readouterr().out
    named = [line.split()[0] for line in page.splitlines() if re.match(r"  [a-z]", line)]
    assert named[: len(COMMANDS)] == [command.name for command in COMMANDS]
    assert "--version" in page
    assert run() == 2


def test_the_version_names_kernel_and_devices(capsys: pytest.CaptureFixture[str]) -> None:
    import jax

    from smilejax import __version__

    out = printed(capsys, "--version")
    assert f"smilejax {__version__} Python" in out
    assert f"jax {jax.__version__} LSTM" in out
    assert re.search(r"LSTM (native|scan) \(", out)
    assert f"devices {len(jax.devices())} CPU device" in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["dance"], "there is no command 'dance'. There are demo, simulate,"),
        (["trian"], "there is no command 'trian'. Is it train or train-many or track?"),
        (["check", "a.csv", "--rate-hz", "60", "b.csv"], "check takes no further 'b.csv'."),
        (["check", "a.csv", "--clases", "a", "b"], "check has no option --clases. Is it --classes"),
        (["train", "a.csv"], "the following arguments are required: --out. `smilejax train --help`"),
        (["train", "a.csv", "--out", "m", "--epochs"], "argument --epochs: expected one argument."),
        (["train", "a.csv", "--out", "m", "--epochs", "many"], "--epochs must be a whole number; it is 'many'."),
        (["train", "a.csv", "--out", "m", "--cell", "tree"], "--cell must be one of lstm, gru, rnn; it is 'tree'."),
        (["clean", "a.csv", "--range-mm", "9"], "--range-mm must be two numbers or none; it is '9'."),
        (["clean", "a.csv", "--range-mm", "9", "1.5"], "--range-mm must be two numbers, 0 <= low < high; it is 9 1.5."),
    ],
)
def test_words_that_are_no_command_line(words: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert message in refused(capsys, *words)


def test_help_that_nobody_reads_to_the_end() -> None:
    piped = subprocess.run(
        f"set -o pipefail; {sys.executable} -m smilejax clean --help | head -1",
        shell=True,
        executable="/bin/bash",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (piped.returncode, piped.stderr) == (0, "")


def test_a_finished_study_is_compared_with_the_settings_that_take_effect() -> None:
    """Logistic regression has one seed, whatever --seeds is by default; only other settings are said to differ."""
    start = ("evaluate", "data.csv", "--out", "x")
    assert evaluated_settings(parsed(*start, "--classifier", "features"))["study"]["seeds"] == 1
    assert evaluated_settings(parsed(*start))["study"]["seeds"] == StudySettings().seeds


def test_no_option_of_a_command_is_a_setting_as_well() -> None:
    """One value would be given to both: `stream --trial t003` once named a trial and a column."""
    both = [
        (command.name, option.flag)
        for command in COMMANDS
        for option in options_of(command.arguments)
        if option.own and option.also
    ]
    assert both == []

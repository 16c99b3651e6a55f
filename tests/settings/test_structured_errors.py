"""Errors know the setting they are about: one text for Python users, another for the command line."""

import ast
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

import smilejax
from smilejax._util.errors import NOT_GIVEN, SETTING, DataError, SettingsError, SmilejaxError
from smilejax.settings import PowerSettings, StudySettings
from smilejax.settings.checks import require

WRONG = {
    "setting": "epochs",
    "rule": f"below {SETTING.max_epochs}",
    "value": 9,
    "hint": f"Lower it, or raise {SETTING.max_epochs}.",
}


def as_option(name: str) -> str:
    return "--" + name.replace("_", "-")


def test_python_reads_names_and_the_command_line_options() -> None:
    error = SettingsError(**WRONG)  # type: ignore[arg-type]
    assert str(error) == "epochs must be below max_epochs; it is 9. Lower it, or raise max_epochs."
    assert error.in_words(as_option) == "--epochs must be below --max-epochs; it is 9. Lower it, or raise --max-epochs."
    assert error.in_words(as_option, lambda value: f"<{value}>").startswith(
        "--epochs must be below --max-epochs; it is <9>."
    )


def test_the_parts_can_be_read_and_not_changed() -> None:
    error = SettingsError(**WRONG)  # type: ignore[arg-type]
    read = {**WRONG, "rule": "below max_epochs", "hint": "Lower it, or raise max_epochs."}
    for name, value in read.items():
        assert getattr(error, name) == value
        with pytest.raises(AttributeError):
            setattr(error, name, "other")
    plain = DataError("file.csv: nothing is in it.")
    assert (plain.setting, plain.rule, plain.value, plain.hint) == (None, None, NOT_GIVEN, None)
    with pytest.raises(TypeError):
        SettingsError("message", "epochs")  # type: ignore[misc]


def test_a_message_may_stand_alone_or_with_a_hint() -> None:
    assert str(SettingsError("Two settings contradict each other.")) == "Two settings contradict each other."
    error = DataError("file.csv: 400 mm cannot be.", hint=f"Give {SETTING.unit} au.")
    assert str(error) == "file.csv: 400 mm cannot be. Give unit au."
    assert error.in_words(as_option) == "file.csv: 400 mm cannot be. Give --unit au."


def test_none_is_a_value_and_no_value_is_not_written() -> None:
    assert str(SettingsError(setting="cell", rule="a text", value=None)) == "cell must be a text; it is None."
    assert str(SettingsError(setting="cell", rule="a text")) == "cell must be a text."


HOSTILE = ["{", "{}", "{unit}", "{{unit}}", "{epochs}", "<unit>", "{0}", "%s", "[b]unit[/b]"]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_comes_from_outside_is_never_read_as_a_setting(text: str) -> None:
    error = DataError(f"{text}: 400 mm cannot be.", hint=f"Give {SETTING.unit} au for {text}.")
    assert str(error) == f"{text}: 400 mm cannot be. Give unit au for {text}."
    assert error.in_words(as_option) == f"{text}: 400 mm cannot be. Give --unit au for {text}."
    outer = SmilejaxError(f"{text}: {error.marked}")
    for one in (outer, pickle.loads(pickle.dumps(outer))):
        assert one.in_words(as_option) == f"{text}: {text}: 400 mm cannot be. Give --unit au for {text}."
    ruled = SettingsError(setting="unit", rule=f"one of {text}", value=text)
    assert ruled.in_words(as_option, str) == f"--unit must be one of {text}; it is {text}."


BRACES = (
    "{out}. The same command",
    "%{",
    "{participant}",
    "{block}",
    "ONSET_{",
    "{label}",
    "{eye}",
    "{side}",
    "EXP_CV_",
    "Gaze was not converted",
    "{smiler}",
    "{stimulus}",
    "{trial}",
    "smilejax (version {version}",
)
"""What else has braces: a text to be formatted, Plotly's templates, patterns of names that a user writes."""


def test_no_message_of_the_package_still_names_a_setting_in_braces() -> None:
    """They would be printed as they stand: `SETTING` names settings."""
    package = Path(smilejax.__file__).parent
    left = []
    for path in sorted(package.rglob("*.py")):
        tree = ast.parse(path.read_text())
        docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            text = node.value if isinstance(node, ast.Constant) and id(node) not in docs else None
            named = isinstance(text, str) and re.search(r"\{[a-z_]{2}[a-z_0-9]*\}", text)
            if named and not any(other in text for other in BRACES):
                left.append(f"{path.name}:{node.lineno}: {text}")
    assert not left


def test_none_is_written_as_each_user_writes_it() -> None:
    error = SettingsError(setting="cell", rule=f"a text or {SETTING.none}", value=1)
    assert str(error) == "cell must be a text or None; it is 1."
    assert error.in_words(as_option).startswith("--cell must be a text or --none")
    assert str(DataError(error.marked)) == str(error)


def test_errors_survive_another_process() -> None:
    for error in (
        SettingsError(**WRONG),
        DataError("message", hint=f"a {SETTING.hint}"),
        SettingsError(setting="a", rule="b"),
    ):  # type: ignore[arg-type]
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error)
        assert (str(again), again.setting, again.value) == (str(error), error.setting, error.value)
        assert again.in_words(as_option) == error.in_words(as_option)


def test_another_process_has_another_mark() -> None:
    """So that no text that was written before can hold it; an error sent there names its settings all the same."""
    script = (
        "import pickle, sys; from smilejax._util.errors import SETTING; error = pickle.load(sys.stdin.buffer); "
        "print(SETTING.unit); print(error.in_words(lambda name: '--' + name))"
    )
    sent = pickle.dumps(DataError("{unit}.csv", hint=f"Give {SETTING.unit} au."))
    out = subprocess.run([sys.executable, "-c", script], input=sent, capture_output=True, check=True).stdout.decode()
    mark, words = out.splitlines()
    assert mark != SETTING.unit
    assert words == "{unit}.csv Give --unit au."


def test_rules_of_settings_name_their_setting() -> None:
    with pytest.raises(SettingsError) as caught:
        StudySettings(seeds=2, test_seeds=3)
    assert caught.value.setting == "test_seeds"
    assert str(caught.value) == "test_seeds must be at most seeds, which is 2; it is 3."
    assert caught.value.in_words(as_option) == "--test-seeds must be at most --seeds, which is 2; it is 3."
    for made in (StudySettings, PowerSettings):
        with pytest.raises(SettingsError, match=r"^stop_after must be a whole number from 0 up; it is -1\.$"):
            made(stop_after=-1)
        assert made(permutations=5).stop_after == 10  # more than there are: the test never stops early
    with pytest.raises(SettingsError, match=r"^seed must be odd; it is 2\. Add 1\.$"):
        require(False, "seed", "odd", 2, "Add 1.")

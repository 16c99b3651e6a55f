"""Errors know the setting they are about: one text for Python users, another for the command line."""

import pickle

import pytest

from smilejax._util.errors import NOT_GIVEN, DataError, SettingsError
from smilejax.settings import StudySettings
from smilejax.settings.checks import require

WRONG = {"setting": "epochs", "rule": "below {max_epochs}", "value": 9, "hint": "Lower it, or raise {max_epochs}."}


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
    for name, value in WRONG.items():
        assert getattr(error, name) == value
        with pytest.raises(AttributeError):
            setattr(error, name, "other")
    plain = DataError("file.csv: nothing is in it.")
    assert (plain.setting, plain.rule, plain.value, plain.hint) == (None, None, NOT_GIVEN, None)
    with pytest.raises(TypeError):
        SettingsError("message", "epochs")  # type: ignore[misc]


def test_a_message_may_stand_alone_or_with_a_hint() -> None:
    assert str(SettingsError("Two settings contradict each other.")) == "Two settings contradict each other."
    error = DataError("file.csv: 400 mm cannot be.", hint="Give {unit} au.")
    assert str(error) == "file.csv: 400 mm cannot be. Give unit au."
    assert error.in_words(as_option) == "file.csv: 400 mm cannot be. Give --unit au."


def test_none_is_a_value_and_no_value_is_not_written() -> None:
    assert str(SettingsError(setting="cell", rule="a text", value=None)) == "cell must be a text; it is None."
    assert str(SettingsError(setting="cell", rule="a text")) == "cell must be a text."


def test_none_is_written_as_each_user_writes_it() -> None:
    error = SettingsError(setting="cell", rule="a text or {none}", value=1)
    assert str(error) == "cell must be a text or None; it is 1."
    assert error.in_words(as_option).startswith("--cell must be a text or --none")
    assert str(DataError(error.marked)) == str(error)


def test_other_braces_stay_as_they_are() -> None:
    text = "{A} {1} {} {a b} is what the file holds."
    assert str(DataError(text)) == text


def test_errors_survive_another_process() -> None:
    for error in (SettingsError(**WRONG), DataError("message", hint="a {hint}"), SettingsError(setting="a", rule="b")):  # type: ignore[arg-type]
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error)
        assert (str(again), again.setting, again.value) == (str(error), error.setting, error.value)


def test_rules_of_settings_name_their_setting() -> None:
    with pytest.raises(SettingsError) as caught:
        StudySettings(seeds=2, test_seeds=3)
    assert caught.value.setting == "test_seeds"
    assert str(caught.value) == "test_seeds must be at most seeds, which is 2; it is 3."
    assert caught.value.in_words(as_option) == "--test-seeds must be at most --seeds, which is 2; it is 3."
    with pytest.raises(SettingsError, match=r"^seed must be odd; it is 2\. Add 1\.$"):
        require(False, "seed", "odd", 2, "Add 1.")

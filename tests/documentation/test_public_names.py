"""Every public name has a docstring, and so has every field and method of a public class; the site fails to build otherwise."""

import pytest
from public_names import PublicName, _silent_members, public_names, undocumented

import smilejax

pytestmark = pytest.mark.slow  # it imports every package


def test_nothing_public_is_without_words() -> None:
    assert undocumented() == []


def test_all_names_of_the_package_are_there() -> None:
    full = {one.full for one in public_names()}
    assert {f"smilejax.{name}" for name in smilejax.__all__} <= full
    assert "smilejax.readers.load_mapping" in full
    assert "smilejax.settings.MAX_SEED" in full  # a constant: the string below it
    assert not any("._" in name or name.startswith("smilejax.cli") for name in full)


def test_what_lacks_words_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    trials = next(one for one in public_names() if one.full == "smilejax.Trials")
    monkeypatch.setattr(smilejax.Trials, "__doc__", None)
    assert trials.words == ""
    monkeypatch.setattr(
        smilejax.Trials.at_rate if hasattr(smilejax.Trials, "at_rate") else smilejax.Trials.measured, "__doc__", None
    )
    assert _silent_members(trials) != []


def test_a_constant_without_a_string_below_it_is_found() -> None:
    assert PublicName("SCHEMA", ("smilejax.evaluation.study.study_results",)).words
    assert PublicName("KIND", ("smilejax.evaluation.study.study_results",)).words == ""

"""Pages of commands are made from the commands: each has every option, with what help says of it."""

import pytest
from command_pages import all_commands, index, pages

from smilejax.cli.help_page import command_help, help_entries
from smilejax.cli.options import options_of


@pytest.mark.parametrize("typed", all_commands())
def test_a_page_has_every_option(typed: str) -> None:
    command = all_commands()[typed]
    text = pages()[f"commands/{typed.replace(' --', '-')}"]
    assert f".. program:: smilejax {typed}\n" in text
    for option in options_of(command.arguments):
        assert f".. option:: {option.flag}" in text
    assert all(f"   $ {example}\n" in text for example in command.examples)


def test_help_and_pages_have_the_same_words() -> None:
    evaluate = all_commands()["evaluate"]
    shown = " ".join(command_help(evaluate, {}, everything=True).split())
    for group in help_entries(evaluate):
        assert group.name in shown
        for entry in group.entries:
            assert " ".join(entry.about.split()) in shown


def test_signs_of_markup_are_escaped() -> None:
    page = pages()["commands/track"]
    assert r"'{smiler}\_{label}\_\*'" in page
    assert "`train-many <commands/" not in index()
    assert ":doc:`smilejax train-many <commands/train-many>`" in index()

"""Errors that become a result's words keep what is to be done apart: whoever reads a paper has nothing to correct."""

import ast
from pathlib import Path

import jax
import pytest
from helpers.made_up_designs import crossed

import smilejax
from smilejax._util.errors import SETTING, DataError
from smilejax.evaluation.study.protocols import protocols
from smilejax.settings import StudySettings

ROOMS = ("splits", "evaluation/class_difference", "evaluation/statistics")
PACKAGE = Path(smilejax.__file__).parent


def calls() -> list[tuple[str, ast.Call]]:
    return [
        (f"{file.relative_to(PACKAGE)}, line {node.lineno}", node)
        for room in ROOMS
        for file in sorted((PACKAGE / room).rglob("*.py"))
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "DataError"
    ]


@pytest.mark.parametrize(("where", "call"), calls(), ids=[where for where, _ in calls()])
def test_every_hint_is_a_hint(where: str, call: ast.Call) -> None:
    assert any(keyword.arg == "hint" for keyword in call.keywords), f"{where}: the hint stands in the message"


def test_the_reason_of_an_error_has_no_hint() -> None:
    error = DataError(f"{SETTING.stimulus} is needed.", hint="Give the column.")
    assert error.reason == "stimulus is needed."
    assert str(error) == "stimulus is needed. Give the column."


def test_why_a_protocol_is_not_possible_is_no_advice() -> None:
    data = crossed(4, 1)
    for one in protocols(data, StudySettings(), key=jax.random.key(0)):
        assert not any(word in one.why_not for word in ("Give", "Record", "Leave", "Take", "Name"))

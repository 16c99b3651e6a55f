"""docs/study.md lists every field of study.json, and no other."""

import dataclasses
import re
from pathlib import Path
from typing import get_args, get_type_hints

from smilejax.evaluation.names import CONCLUSIONS
from smilejax.evaluation.study.study_record import Provenance
from smilejax.evaluation.study.study_results import SCHEMA, StudyResults

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "study.md").read_text(encoding="utf-8")


def _parts(hint: object, found: dict[str, list[str]]) -> dict[str, list[str]]:
    """Dataclasses within a type and their fields."""
    if isinstance(hint, type) and dataclasses.is_dataclass(hint) and hint.__name__ not in found:
        found[hint.__name__] = [field.name for field in dataclasses.fields(hint)]
        for one in get_type_hints(hint).values():
            _parts(one, found)
    for one in get_args(hint):
        _parts(one, found)
    return found


def test_every_part_and_field_is_on_the_page() -> None:
    section = PAGE.split(f"### study.json, schema {SCHEMA}")[1].split("\n## ")[0]
    rows = re.findall(r"^\| \*\*(\w+)\*\* \| ([^|]+) \|", section, re.M)
    named = {name: re.findall(r"`(\w+)`", fields) for name, fields in rows}
    assert named == _parts(Provenance, _parts(StudyResults, {}))


def test_every_conclusion_is_on_the_page() -> None:
    for name, one in CONCLUSIONS.items():
        assert f"| `{name}` | {one.label} ({one.color}) |" in PAGE

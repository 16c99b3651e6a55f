"""Examples in docstrings run, and what the README says of the code is so."""

import doctest
import importlib
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HERE = [p for p in sorted((ROOT / "smilejax").rglob("*.py")) if ">>> " in p.read_text()]
EXAMPLES = [p for p in HERE if any(">>> " in line and "+SKIP" not in line for line in p.read_text().splitlines())]

LONG = (
    *("training/run.py", "training/train.py", "sklearn.py"),
    *("classifiers/run_classifiers.py", "classifiers/mask_only.py", "preprocess/cleaned_tables.py"),
    "faces/track.py",
)


def case(path: Path) -> object:
    """A module with examples; those that train for more than a few seconds are among the slow tests."""
    name = str(path.relative_to(ROOT / "smilejax"))
    return pytest.param(path, id=f"smilejax/{name}", marks=[pytest.mark.weekly] if name in LONG else [])


@pytest.mark.parametrize("path", [case(path) for path in EXAMPLES])
def test_examples_run(path: Path) -> None:
    module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    failed, tried = doctest.testmod(module)
    assert failed == 0
    assert tried > 0


def test_the_readmes_map_names_what_is_there() -> None:
    table = (ROOT / "README.md").read_text().split("## Where things are")[1]
    named = set(re.findall(r"`([a-z_]+(?:\.py|/))`", table))
    there = {
        p.name + ("/" if p.is_dir() else "") for p in (ROOT / "smilejax").iterdir() if p.suffix == ".py" or p.is_dir()
    }
    assert named - there <= {"pipeline.py"}
    assert {n for n in there if not n.startswith("__")} <= named


def test_the_readme_shows_the_plain_training_as_it_is() -> None:
    script = (ROOT / "experiments" / "plain_training.py").read_text()
    assert len(script.splitlines()) <= 60
    assert f"```python\n{script}```" in (ROOT / "README.md").read_text()


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) < 200


def test_the_table_of_formats_is_that_of_the_readers() -> None:
    from smilejax.readers import READERS
    from smilejax.readers.faces.face_readers import FACE_READERS

    page = (ROOT / "docs" / "reading.md").read_text()
    rows = [
        f"| `{r.name}` | {r.words.replace('|', '/')} | {r.software} | {r.limits} |" for r in (*READERS, *FACE_READERS)
    ]
    assert [line for line in page.splitlines() if line.startswith("| `") and "layout" not in line] == rows


def test_the_table_of_smile_dynamics_is_that_of_the_classifier() -> None:
    from smilejax.classifiers import SMILE_FEATURES

    page = (ROOT / "docs" / "faces.md").read_text()
    for one in SMILE_FEATURES:
        rows = [line for line in page.splitlines() if line.startswith(f"| {one.name} | {one.words} | ")]
        assert len(rows) == 1, one.name
        assert rows[0].endswith(f" | {one.source} |")

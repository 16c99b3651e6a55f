"""False positives and coverage of trained classifiers: what is counted, and that a run goes on where it was cut."""

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

EXPERIMENTS = Path(__file__).resolve().parents[2] / "experiments"


@pytest.fixture(scope="module")
def scripts() -> Iterator[SimpleNamespace]:
    sys.path.insert(0, str(EXPERIMENTS))
    before = set(sys.modules)
    try:
        names = ("false_positives", "coverage_of_classifiers")
        yield SimpleNamespace(**{name: import_module(name) for name in names})
    finally:
        sys.path.remove(str(EXPERIMENTS))
        for name in set(sys.modules) - before:
            if str(EXPERIMENTS) in str(getattr(sys.modules[name], "__file__", "")):
                sys.modules.pop(name)


def test_significant_studies_are_counted_and_compared_with_the_level(scripts: SimpleNamespace) -> None:
    table = scripts.false_positives.table_of({"a": [0.05] * 2 + [0.1] * 38, "b": [0.05] * 20 + [0.5] * 20})
    assert table["p <= .05"].tolist() == [2, 20]
    assert table["holds 5%"].tolist() == ["yes", "no"]
    assert table["95% interval"].tolist() == ["1% to 17%", "35% to 65%"]


def test_false_positives_go_on_where_they_were_cut(
    scripts: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked: list[str] = []

    def way(trials: object, dataset: object, key: object) -> float:
        asked.append("once")
        return 0.05

    module = scripts.false_positives
    monkeypatch.setattr(module.smilejax, "simulate_study", lambda design, key: SimpleNamespace(trials=None))
    monkeypatch.setattr(module.smilejax, "prepare", lambda trials, recipe: None)
    monkeypatch.setattr(module, "ways_of", lambda args: {"a, b": way})
    for studies, expected in ((2, 2), (3, 1), (3, 0)):
        asked.clear()
        module.main(module.Arguments(studies=studies, out=tmp_path / "p.csv"))
        assert len(asked) == expected
    assert "100%" in capsys.readouterr().out
    assert module.read(tmp_path / "p.csv") == {(study, "a, b"): 0.05 for study in range(3)}


def test_coverage_counts_intervals_that_hold_the_mean_and_chance(
    scripts: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = scripts.coverage_of_classifiers
    asked: list[int] = []

    def intervals(effect_mm: float, study: int, args: object) -> dict[str, object]:
        asked.append(study)
        one = module.Found(0.6, 0.55, 0.75) if study else module.Found(0.8, 0.75, 0.85)
        return {"network": one, "combined": one}

    monkeypatch.setattr(module, "intervals", intervals)
    for _ in range(2):  # the second time from the file
        module.main(module.Arguments(studies=2, effects_mm=(0.15,), out=tmp_path / "c.csv"))
    assert asked == [0, 1]
    # The mean is .7: the second interval holds it, and none holds .5; widths are .1 and .2.
    expected = "| 0.15 | combined | 0.700 ± 0.100 | 50% (9% to 91%) | 0% (0% to 66%) | 0.15 |"
    assert capsys.readouterr().out.count(expected) == 2

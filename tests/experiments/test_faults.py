"""The campaign of faults: its rows are listed, its cases can fail, and what it compares it compares."""

import runpy
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

FAULTS = Path(__file__).resolve().parents[2] / "experiments" / "faults"


@pytest.fixture
def main(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    """The script's names, as `python experiments/faults` finds them."""
    before = set(sys.modules)
    monkeypatch.syspath_prepend(str(FAULTS))
    yield runpy.run_path(str(FAULTS / "__main__.py"))
    for name in set(sys.modules) - before:
        if getattr(sys.modules[name], "__file__", None) and str(FAULTS) in str(sys.modules[name].__file__):
            del sys.modules[name]


def test_every_module_with_a_row_is_in_the_campaign(main, capsys: pytest.CaptureFixture[str]) -> None:  # type: ignore[no-untyped-def]
    with_rows = [path.stem for path in FAULTS.glob("*.py") if "\nROW = Row(" in path.read_text()]
    assert len(with_rows) == len(main["ROWS"]) == len({row.name for row in main["ROWS"]})
    assert main["main"](main["Arguments"](list=True)) == 0
    printed = capsys.readouterr().out
    assert all(f"{row.name}: {row.done}" in printed for row in main["ROWS"])
    with pytest.raises(SystemExit, match="There are no rows nonsense"):
        main["main"](main["Arguments"](rows=("nonsense",)))


def test_a_case_that_fails_fails_the_campaign(main, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys) -> None:  # type: ignore[no-untyped-def]
    case, row = main["Case"], main["Row"]
    done = main["main"]
    for oks, code in (((True, True), 0), ((True, False), 1)):
        rows = (row("one", "x", "y", lambda place, count, oks=oks: [case("it", ok, "why") for ok in oks], 1),)
        monkeypatch.setitem(done.__globals__, "ROWS", rows)
        assert done(main["Arguments"](folder=tmp_path)) == code
        assert ("FAILED it: why" in capsys.readouterr().out) == bool(code)


def test_other_bytes_are_other(main, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    campaign = sys.modules["campaign"]
    for name in ("a", "b"):
        (tmp_path / name / "d").mkdir(parents=True)
        (tmp_path / name / "d" / "x").write_bytes(b"1")
    place = campaign.Place(tmp_path)
    assert campaign.differ(place, "train-many", tmp_path / "a", tmp_path / "b") == ""
    (tmp_path / "b" / "d" / "x").write_bytes(b"2")
    assert campaign.differ(place, "train-many", tmp_path / "a", tmp_path / "b") == "other bytes: ['d/x']"
    (tmp_path / "b" / "d" / "x").write_bytes(b"1")
    (tmp_path / "b" / "more").touch()
    assert campaign.differ(place, "train-many", tmp_path / "a", tmp_path / "b") == "other bytes: ['more']"

"""`smilejax power` as a user meets it."""

from pathlib import Path

import pandas as pd
import pytest
from helpers.command_line import refused, run

pytestmark = pytest.mark.weekly


def test_power_of_what_cannot_be_judged(capsys: pytest.CaptureFixture[str]) -> None:
    """No number stands where none was found, and nothing is said of verdicts that there are not."""
    assert run("power", "--effects", "0", "--participant-counts", "4", "--smiler-counts", "4", "--duration-ms", "700",
               "--resample-hz", "10", "--studies", "2", "--permutations", "7", "--blocks", "2") == 0  # fmt: skip
    words = " ".join(capsys.readouterr().out.split())
    assert "nan" not in words
    assert "4 participants x 4 smilers: 2 of 2 studies could not be judged: " in words
    assert "are judged on" not in words


def test_power(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "power.csv"
    grid = ["--effects", "1", "--participants", "4", "--smiler-counts", "2", "6", "--duration-ms", "2500"]
    quick = [
        "--studies",
        "3",
        "--permutations",
        "19",
        "--blocks",
        "2",
        "--classifier",
        "features",
        "--resample-hz",
        "10",
    ]
    assert run("power", *grid, *quick, "--out", out) == 0
    table = pd.read_csv(out)
    assert table["effect_mm"].tolist() == [1, 1]
    assert table["stimuli"].tolist() == [4, 12]
    assert table["trials"].tolist() == [16, 48]
    assert (table["studies"] == 3).all()
    # Two smilers can be labelled in four ways: nothing can be significant.
    small, large = table.iloc[:1], table.iloc[1:]
    assert (small["smallest_p"] == 0.5).all()
    assert (small["power"] == 0).all()
    assert small["note"].str.contains(r"no study of this size can reach p = 0.05").all()
    assert large["smallest_p"].tolist() == pytest.approx([0.05])
    words = " ".join(capsys.readouterr().out.split())
    assert "Proportion of studies with p up to 0.05 (3 studies of each design)" in words
    assert "4 participants x 2 smilers: no study of this size can reach p = 0.05" in words
    judged = "Studies are judged on participants and stimuli that were not in the training set, by 1 to 19 label permutations."
    assert judged in words


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--effects", "0.1", "-1"],
            "--effects must be numbers from 0 up, in mm; it is -1. An effect of the other sign",
        ),
        (["--effect-mm", "-0.5"], "--effect-mm must be a number from 0 up, in mm; it is -0.5."),
        (
            ["--participant-counts", "1"],
            "--participant-counts must be whole numbers from 2 up; it is 1. Studies are judged",
        ),
        (["--participants", "1"], "--participants must be a whole number from 2 up; it is 1."),
        (["--smiler-counts", "0"], "--smiler-counts must be whole numbers from 1 up; it is 0."),
        (["--effects", "99"], "--effects must be a number at least -10 and at most 10; it is 99."),
    ],
)
def test_designs_that_are_no_studies(
    options: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in refused(capsys, "power", *options, "--out", tmp_path / "power.csv")
    assert list(tmp_path.iterdir()) == []

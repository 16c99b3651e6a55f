"""Trials that a table leaves out: the same for pupils and faces, counted by reason and by who knew the class."""

from pathlib import Path

import pandas as pd
import pytest

from smilejax import ReadSettings, read
from smilejax._util.errors import DataWarning, ReadError
from smilejax.readers.exclusions import Exclusion, load_exclusions
from smilejax.recordings.source import ExcludedByHand

KINDS = ("pupils", "faces")


def table(kind: str, folder: Path) -> tuple[Path, ReadSettings]:
    """Recordings of p and q: trials a, b, c of each; a and b are posed."""
    rows = [(who, trial, time) for who in "pq" for trial in "abc" for time in range(0, 120, 20)]
    frame = pd.DataFrame(rows, columns=["participant", "trial", "time_ms"])
    frame["label"] = ["posed" if trial in "ab" else "genuine" for trial in frame["trial"]]
    if kind == "pupils":
        frame["left_mm"] = 3.0 + frame["time_ms"] / 1000
    else:
        frame = frame.rename(columns={"participant": "smiler", "trial": "video"})
        frame["AU12"] = frame["time_ms"] / 100
    path = folder / f"{kind}.csv"
    frame.to_csv(path, index=False)
    return path, ReadSettings()


def listed(folder: Path, text: str) -> str:
    path = folder / "out.csv"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize("kind", KINDS)
def test_trials_are_left_out_and_counted(kind: str, tmp_path: Path) -> None:
    path, _ = table(kind, tmp_path)
    out = listed(tmp_path, "participant,trial,reason,blind\np,a,noise,yes\np,c,noise,yes\nq,b,noise,no\nq,c,,\n")
    found = read(path, ReadSettings(exclude=out))
    assert list(zip(found.participant, found.trial, strict=True)) == [("p", "b"), ("q", "a")]
    assert found.source.by_hand == (
        ExcludedByHand("noise", 2, {"posed": 1, "genuine": 1}, True),
        ExcludedByHand("noise", 1, {"posed": 1, "genuine": 0}, False),
        ExcludedByHand("no reason given", 1, {"posed": 0, "genuine": 1}, None),
    )
    words = [one.value for one in found.source.findings if one.what.startswith("excluded: ")]
    what = "trial" if kind == "pupils" else "video"
    assert words == [
        f"2 {what}s (1 posed, 1 genuine), blind to the class",
        f"1 {what} (1 posed), with the class shown",
        f"1 {what} (1 genuine)",
    ]
    assert read(path).source.by_hand == ()


@pytest.mark.parametrize("kind", KINDS)
def test_headings_alone_exclude_nothing_and_are_said(kind: str, tmp_path: Path) -> None:
    """The app leaves such a file when the last exclusion is taken back; a file that was cut off there looks the same."""
    path, _ = table(kind, tmp_path)
    out = listed(tmp_path, "participant,trial,reason,blind\n")
    with pytest.warns(DataWarning, match=r"excluded: no trial, since \S+out\.csv has headings and no row below them\."):
        found = read(path, ReadSettings(exclude=out))
    assert (len(found.trial), found.source.by_hand) == (6, ())


@pytest.mark.parametrize("kind", KINDS)
def test_all_of_a_participant(kind: str, tmp_path: Path) -> None:
    path, _ = table(kind, tmp_path)
    found = read(path, ReadSettings(exclude=listed(tmp_path, "participant,trial,reason\np,,asleep\n")))
    assert set(found.participant) == {"q"}
    assert found.source.by_hand[0].trials == 3


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("participant,trial\np,z\n", "'z' of (participant|smiler) 'p' to leave out"),
        ("participant,trial\nx,a\n", "'a' of (participant|smiler) 'x' to leave out"),
        ("participant,trial\nx,\n", "there is no (participant|smiler) 'x'"),
        (
            "participant,trial,reason\np,a,noise\nq,a,x\np,a,drift\n",
            "line 4: trial 'a' of participant 'p' stands in line 2",
        ),
        ("participant,trial\np,\np,\n", "line 3: participant 'p' stands in line 2 already"),
        ("participant,trial,blind\np,a,maybe\n", "line 2: blind must be yes, no or empty; it is 'maybe'"),
        ("participant,trial\n,a\n", "line 2: this row names no participant"),
        ("trial,reason\na,x\n", "has the columns participant, trial and reason"),
        ("participant,trial\np,\nq,\n", "all 6 are excluded"),
    ],
)
def test_what_a_table_cannot_say(kind: str, text: str, said: str, tmp_path: Path) -> None:
    path, _ = table(kind, tmp_path)
    with pytest.raises(ReadError, match=said):
        read(path, ReadSettings(exclude=listed(tmp_path, text)))


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    path, _ = table("pupils", tmp_path)
    with pytest.raises(ReadError, match="no such file"):
        read(path, ReadSettings(exclude=str(tmp_path / "gone.csv")))


def test_the_rows_of_a_table(tmp_path: Path) -> None:
    out = listed(tmp_path, 'Participant;Trial;Why;Blinded\n007;"a;b";eyes closed;NO\n')
    assert load_exclusions(out) == (Exclusion("007", "a;b", "eyes closed", False),)

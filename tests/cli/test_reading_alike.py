"""Every command reads in the same way: the same options, the same trials, the same count of what is left out."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from helpers.command_line import on_one_line, printed, run

N = 60
MODEL = ("--epochs", "1", "--hidden", "2", "--dense", "4", "2", "--holdout", "0")


def recording(people: str = "abc", labels: tuple[str, ...] = ("posed", "genuine")) -> pd.DataFrame:
    """A trial of each class for each person, 1.2 s at 50 Hz."""
    parts = []
    for who in people:
        for number, label in enumerate(labels):
            t = np.arange(N)
            left = (3 + 0.2 * number + 0.1 * np.sin(t / 5 + number)).round(4)
            named = {"subject": who, "trial": f"t{number}", "time_ms": t * 20, "left": left, "label": label}
            parts.append(pd.DataFrame(named))
    return pd.concat(parts, ignore_index=True)


@dataclass(frozen=True)
class Case:
    """Recordings, the options that read them, and what every command must make of them.

    Arguments:
        write: writes them into a folder, and returns the words of the command line.
        found: what `check` says of them.
        left_out: what every command says of trials that are left out.
    """

    write: Callable[[Path], list[object]]
    found: str = "6 trials, 3 participants"
    left_out: str = ""


def table(folder: Path, frame: pd.DataFrame, name: str = "a.csv") -> Path:
    """Write a table."""
    frame.to_csv(folder / name, index=False)
    return folder / name


def three_classes(folder: Path) -> list[object]:
    """A third class beside the two."""
    frame = recording(labels=("Easy", "Hard", "Neutral"))
    return [table(folder, frame), "--classes", "Easy", "Hard"]


def excluded(folder: Path) -> list[object]:
    """Trials that a table excludes."""
    out = pd.DataFrame({"participant": ["d", "d"], "trial": ["t0", "t1"], "reason": ["asleep", "asleep"]})
    return [table(folder, recording("abcd")), "--exclude", table(folder, out, "out.csv")]


def several(folder: Path) -> list[object]:
    """A file of each person."""
    return [table(folder, recording(who), f"{who}.csv") for who in "abc"]


def mapped(folder: Path) -> list[object]:
    """Columns that a mapping file names."""
    names = {"left": "x", "label": "y", "subject": "who is it", "time_ms": "z"}
    (folder / "map.toml").write_text(
        'participant = "who is it"\npupil = "x"\nlabel = "y"\ntime = "z"\ntime_unit = "ms"\n'
    )
    return [table(folder, recording().rename(columns=names)), "--mapping", folder / "map.toml"]


def blocks(folder: Path) -> list[object]:
    """Trials that block and number name together."""
    frame = recording().rename(columns={"trial": "number"})
    frame["block"] = frame.pop("number").map({"t0": 1, "t1": 2})
    frame["number"] = 7
    frame["time_ms"] += (frame["block"] - 1) * 60_000 + frame["subject"].map(ord) * 1_000_000
    return [table(folder, frame.sort_values(["subject", "time_ms"])), "--trial", "block", "number"]


def without_time(folder: Path) -> list[object]:
    """Rows that follow each other at a rate that is given."""
    return [table(folder, recording().drop(columns="time_ms")), "--rate-hz", "50"]


def by_names(folder: Path) -> list[object]:
    """Participants by the names of files, classes by those of trials."""
    files = [table(folder, recording(who).drop(columns=["subject", "label"]), f"sub-{who}.csv") for who in "abc"]
    rules = ("--names-from", "file: sub-{participant}", "--label-from", "trial: t0 = posed, * = genuine")
    return [*files, *rules]


def joined(folder: Path) -> list[object]:
    """Labels in a table of their own."""
    labels = recording()[["subject", "trial", "label"]].drop_duplicates()
    paths = table(folder, recording().drop(columns="label")), table(folder, labels, "labels.csv")
    return [paths[0], "--join", paths[1]]


def continuous(folder: Path) -> pd.DataFrame:
    """One recording of each person that runs on, with messages where its trials begin."""
    frame = recording().drop(columns=["trial", "label"])
    frame["time_ms"] = frame.groupby("subject").cumcount() * 20
    frame["message"] = ""
    frame.loc[::N, "message"] = ["ONSET_posed", "ONSET_genuine"] * 3
    return frame


def by_messages(folder: Path) -> list[object]:
    """Trials that messages begin, and of each a window."""
    return [table(folder, continuous(folder)), "--trials-from", "ONSET_{label}", "--window-ms", "0", "1000"]


def by_events(folder: Path) -> list[object]:
    """Trials that a table of events cuts out."""
    events = pd.DataFrame(
        [(who, at, 1000, kind) for who in "abc" for at, kind in ((0, "posed"), (1200, "genuine"))],
        columns=["participant", "onset [ms]", "duration [ms]", "trial_type"],
    )
    frame = continuous(folder).drop(columns="message")
    return [table(folder, frame), "--events", table(folder, events, "events.csv")]


CASES = {
    "two of three classes": Case(three_classes, left_out="other classes 3 trials left out 3 Neutral"),
    "exclusions": Case(excluded, left_out="excluded asleep 2 trials (1 posed, 1 genuine)"),
    "several paths": Case(several),
    "mapping": Case(mapped),
    "block and number": Case(blocks),
    "no time": Case(without_time),
    "names": Case(by_names),
    "joined labels": Case(joined),
    "messages": Case(by_messages),
    "events": Case(by_events),
}

TOO_LONG = ("--baseline-ms", "0", "90000")
"""A baseline that no trial holds: a command says what it read, and ends before it computes anything."""


def words_of(shown: str) -> str:
    """What was printed, on one line and without colons: a table has a line there."""
    return on_one_line(shown).replace(":", "")


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("command", ["check", "convert", "train", "train-many", "evaluate"])
def test_the_same_trials(command: str, case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = CASES[case].write(tmp_path)
    out = tmp_path / "out"
    ends = {"check": (), "convert": ("--to", "tidy", out.with_suffix(".parquet"))}.get(
        command, ("--out", out, *TOO_LONG)
    )
    assert run(command, *words, *ends) == (0 if command in ("check", "convert") else 2)
    shown = capsys.readouterr()
    assert CASES[case].found in on_one_line(shown.out)
    assert CASES[case].left_out in words_of(shown.out)
    if command not in ("check", "convert"):
        assert "--baseline-ms must be inside the trial" in on_one_line(shown.err)


@pytest.mark.weekly
@pytest.mark.parametrize("case", CASES)
def test_the_same_trials_where_something_is_computed(
    case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A model is trained on the recordings, and predicts them; they are cleaned, and explored under two recipes."""
    words = CASES[case].write(tmp_path)
    model = tmp_path / "model"
    for command in (("clean",), ("multiverse", "--vary", "max_missing=0.5,0.9"), ("train", "--out", model, *MODEL)):
        shown = words_of(printed(capsys, command[0], *words, *command[1:]))
        assert CASES[case].left_out in shown
        assert "6 trials" in shown or command[0] == "multiverse"  # which counts the trials of each recipe
    own = ("--exclude", "--join", "--events", "--mapping")
    kept = [w for i, w in enumerate(words) if isinstance(w, Path) and (i == 0 or words[i - 1] not in own)]
    again = [w for option in own if option in words for w in (option, words[words.index(option) + 1])]
    shown = words_of(printed(capsys, "predict", model, *kept, *again, "--out", tmp_path / "p.csv"))
    assert CASES[case].left_out in shown
    assert "6 labelled trials" in shown
    answers = pd.read_csv(tmp_path / "p.csv")
    assert len(answers) == 6
    assert answers["label"].notna().all()
    assert len(set(answers["participant"])) == 3

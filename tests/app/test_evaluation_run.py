"""How far an evaluation is, from what the command prints; and the command in a process of its own."""

from pathlib import Path

import pytest

from smilejax.app.evaluation_run import Progress, StudyRun, advanced, ended
from smilejax.cli import terminal


def test_the_lines_that_the_command_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of `Counting` itself, a line for each thousandth where the app asks for them."""
    monkeypatch.setenv("SMILEJAX_PROGRESS_LINES", "1000")
    lines: list[str] = []
    monkeypatch.setattr(terminal.err, "print", lambda text, **_: lines.append(str(text)))
    now = [0.0]
    counting = terminal.Counting(
        50, "runs", terminal.in_lines(), lambda words: lines.append(words), at_most=True, clock=lambda: now[0]
    )
    counting.stage("training")
    for _ in range(20):
        now[0] += 1.0
        counting.ended(1)
    assert len(lines) == 21
    progress = Progress()
    for line in lines:
        progress = advanced(progress, line)
    assert (progress.stage, progress.done, progress.of) == ("training", 20, 50)
    assert progress.left.startswith("at most about ")
    assert progress.proportion == 0.4
    counting.spared(30)
    assert advanced(progress, lines[-1]).proportion == 1.0
    monkeypatch.setenv("SMILEJAX_PROGRESS_LINES", "none")
    lines.clear()
    show = terminal.in_lines()
    for done in range(51):
        show(done, 50, "runs")
    assert len(lines) == 11


@pytest.mark.parametrize("line", ["", "  \n", "warning: this: 3 of 4 trials", "Note: one trial.", "x" * 150])
def test_other_lines_change_nothing(line: str) -> None:
    progress = Progress(stage="training", done=3, of=9)
    assert advanced(progress, line) == progress


def test_a_stage_keeps_the_number() -> None:
    progress = advanced(Progress(stage="training", done=9, of=9, left="1 s"), "computing attribution\n")
    assert (progress.stage, progress.done, progress.left) == ("computing attribution", 9, "")


def test_how_it_ends() -> None:
    said = advanced(Progress(), "smilejax: x.csv: there is no such file.")
    assert ended(said, 2, stopped=False).message == "x.csv: there is no such file."
    assert ended(said, 2, stopped=False).phase == "failed"
    assert "code 9" in ended(Progress(), 9, stopped=False).message
    assert ended(Progress(), -15, stopped=True).phase == "stopped"
    assert ended(Progress(of=4), 0, stopped=True).phase == "done"
    assert ended(Progress(of=4, done=2), 0, stopped=False).proportion == 1.0


def test_a_command_that_fails_and_says_why(tmp_path: Path) -> None:
    run = StudyRun(["evaluate", "gone.csv", "--folds", "3"], tmp_path, tmp_path)
    run.join(60)
    assert run.progress.phase == "failed"
    assert "no option --folds" in run.progress.message

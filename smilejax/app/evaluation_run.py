"""An evaluation that runs beside the app: `smilejax evaluate` in a process of its own, its progress, and its end."""

import os
import re
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Literal

Phase = Literal["running", "done", "stopped", "failed"]
LINES_ASKED = 1000
"""Lines of progress that the command is asked for: one for each thousandth."""
KEPT_LINES = 200
_COUNTED = re.compile(r"^(?P<what>.+): (?P<done>\d+) of (?P<of>\d+) \(\d+%\)(?:, (?P<speed>.*))?$")
_LEFT = re.compile(r"(?P<left>(?:at most )?about .+) left$")


@dataclass(frozen=True)
class Progress:
    """How far an evaluation is.

    Arguments:
        phase: whether it runs. stage: what is being done. done, of: trainings. left: how long the others take, in words.
        message: what it ended with, where it failed.
    """

    phase: Phase = "running"
    stage: str = "starting"
    done: int = 0
    of: int = 0
    left: str = ""
    message: str = ""

    @property
    def proportion(self) -> float:
        """Of the trainings, 0 to 1."""
        return self.done / self.of if self.of else 0.0

    @property
    def counted(self) -> str:
        """Trainings in words; empty before the first.

        Example:
            >>> Progress(done=3, of=12, left="about 6 s").counted
            '3 of 12 trainings (25%), about 6 s left'
        """
        left = f", {self.left} left" if self.left else ""
        return f"{self.done} of {self.of} trainings ({self.proportion:.0%}){left}" if self.of else ""


def advanced(progress: Progress, line: str) -> Progress:
    """The progress after a line that the command printed to standard error.

    Example:
        >>> advanced(Progress(), "training: 3 of 12 (25%), 1.5 a second, about 6 s left").left
        'about 6 s'
    """
    text = line.strip()
    if not text:
        return progress
    if counted := _COUNTED.match(text):
        left = _LEFT.search(counted["speed"] or "")
        words = left["left"].rpartition(", ")[2] if left else ""
        return replace(progress, stage=counted["what"], done=int(counted["done"]), of=int(counted["of"]), left=words)
    if text.startswith("smilejax: "):
        return replace(progress, message=text.removeprefix("smilejax: "))
    if text.startswith(("warning", "Note", "Traceback", " ")):
        return progress
    return replace(progress, stage=text, left="") if len(text) < 100 else progress


def ended(progress: Progress, code: int, *, stopped: bool) -> Progress:
    """The progress after the process has ended with an exit code. stopped: whether it was told to."""
    if code == 0:
        return replace(progress, phase="done", stage="finished", done=progress.of, left="")
    if stopped:
        return replace(progress, phase="stopped", left="", stage="stopped")
    message = progress.message or f"The command ended with code {code}; its last lines say more."
    return replace(progress, phase="failed", left="", message=message)


class StudyRun:
    """A command that runs.

    Arguments:
        words: of the command line, after `smilejax`. folder: that it writes to. inside: folder that it runs in.
    """

    def __init__(self, words: Sequence[str], folder: Path, inside: Path) -> None:
        self.words, self.folder = tuple(words), folder
        self.progress = Progress()
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._stopped = False
        self._process = subprocess.Popen(
            [sys.executable, "-m", "smilejax", *words],
            cwd=inside,
            env=_environment(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self._readers = [
            threading.Thread(target=self._read, args=(stream, says), daemon=True)
            for stream, says in ((self._process.stdout, False), (self._process.stderr, True))
        ]
        for reader in self._readers:
            reader.start()
        self._waiting = threading.Thread(target=self._wait, daemon=True)
        self._waiting.start()

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return self.progress.phase == "running"

    def stop(self) -> None:
        """End it. What was trained is kept, and the study can be resumed: every file is written in one step."""
        self._stopped = True
        self._process.terminate()

    def join(self, timeout_s: float) -> None:
        """Wait for its end, at most so long."""
        self._waiting.join(timeout_s)

    def _read(self, stream: IO[str] | None, says_progress: bool) -> None:
        assert stream is not None
        with stream:
            for line in stream:
                self.lines.append(line.rstrip("\n"))
                if says_progress:
                    self.progress = advanced(self.progress, line)

    def _wait(self) -> None:
        code = self._process.wait()
        for reader in self._readers:
            reader.join()
        self.progress = ended(self.progress, code, stopped=self._stopped)


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    return {**given, "SMILEJAX_PROGRESS_LINES": str(LINES_ASKED), "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}

"""What the rows of the campaign share: cases and what came of them, small studies to break, and commands that are run."""

import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import smilejax

PACKAGE = Path(smilejax.__file__).resolve().parents[1]
"""Where the package lies that this process imports: commands take the same one."""
SMALL = ("--epochs", "3", "--hidden", "4", "--dense", "6", "4")
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "train-many": ("train-many", "recording.csv", *SMALL, "--seeds", "4", "--folds", "2"),
    "evaluate": (
        *("evaluate", "recording.csv", *SMALL, "--seeds", "2", "--permutations", "4", "--draws", "200"),
        *("--participant-folds", "2", "--stimulus-folds", "2", "--shuffled-folds", "2"),
    ),
    "track": ("track", "videos"),
    "train": ("train", "recording.csv", *SMALL, "--seeds", "2", "--overwrite"),
}
"""Small studies, without where they go."""
ENDED = "(it had ended)"
"""Marks a case in which the command had ended before anything was done to it."""
OUT = {"train-many": "runs", "evaluate": "study", "track": "faces.csv", "train": "model"}


@dataclass(frozen=True)
class Case:
    """One trial of the campaign: what was done, whether what came of it is what must, and what it was."""

    what: str
    ok: bool
    said: str = ""


@dataclass(frozen=True)
class Row:
    """A row of the campaign.

    Arguments:
        name: as it is asked for.
        done: what is done.
        must: what must come of it.
        cases: the cases, of so many repetitions, in a place with a recording and videos.
        full: repetitions of the whole campaign.
    """

    name: str
    done: str
    must: str
    cases: Callable[["Place", int], Iterable[Case]]
    full: int


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    said: str
    seconds: float

    @property
    def clean(self) -> bool:
        """Without a traceback, and without a raw warning or log line of a library."""
        return not any(sign in self.said for sign in ("Traceback", "Warning:", "ERROR:", "WARNING:"))


@dataclass
class Place:
    """A folder in which commands run, with a cache of programs of its own."""

    folder: Path
    seed: int = 0
    commands: tuple[str, ...] = tuple(COMMANDS)
    """Those of `COMMANDS` that are tried, where a row tries several."""
    random: np.random.Generator = field(init=False)

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(self.seed)
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def environment(self) -> dict[str, str]:
        """Variables of every command."""
        own = {"PYTHONPATH": str(PACKAGE), "XDG_CACHE_HOME": str(self.folder / "cache")}
        return {**{k: v for k, v in os.environ.items() if not k.startswith(("JAX_", "XLA_", "SMILEJAX_"))}, **own}

    def make_recording(self) -> None:
        """A recording of 24 trials, once."""
        if not (self.folder / "recording.csv").exists():
            size = ("--participants", "4", "--smilers", "3", "--rate-hz", "20", "--duration-ms", "2000")
            self.must("simulate", "--out", "recording.csv", *size)

    def make_videos(self) -> None:
        """Four videos of eight frames, once."""
        if not (self.folder / "videos").exists():
            size = ("--smilers", "1", "--duration-ms", "1000", "--rate-hz", "8")
            self.must("simulate", "--faces", "--out", "videos", *size)

    def needs(self, command: str) -> None:
        """Make what a command of `COMMANDS` reads."""
        self.make_videos() if command == "track" else self.make_recording()

    def must(self, *words: str) -> Ended:
        """Run a command that has to end well."""
        ended = self.run(*words)
        if ended.code:
            raise RuntimeError(f"smilejax {' '.join(words)}: exit code {ended.code}\n{ended.said}")
        return ended

    def run(
        self, *words: str, variables: Mapping[str, str] | None = None, first: str = "", seconds: float = 900
    ) -> Ended:
        """Run a command to its end.

        Arguments:
            variables: set besides. first: Python that runs in the process before the command. seconds: it may take.
        """
        began = time.monotonic()
        process = self.start(*words, variables=variables, first=first)
        try:
            said = process.communicate(timeout=seconds)[0]
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            return Ended(-999, f"did not end within {seconds} s: {process.communicate()[0]}", seconds)
        return Ended(process.returncode, said, time.monotonic() - began)

    def start(self, *words: str, variables: Mapping[str, str] | None = None, first: str = "") -> subprocess.Popen[str]:
        """Start a command in a group of its own, with Ctrl-C heard."""
        code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        code += f"signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it is ignored\n{first}\n"
        code += "import sys; from smilejax.__main__ import start_command; sys.exit(start_command())"
        return subprocess.Popen(
            [sys.executable, "-c", code, *words],
            cwd=self.folder,
            env=self.environment | dict(variables or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="backslashreplace",
            start_new_session=True,
        )

    def killed(self, *words: str, when: Callable[[], bool], number: int = signal.SIGKILL) -> Ended:
        """Start a command, and send it a signal as soon as `when` holds; it may have ended before."""
        process = self.start(*words)
        while process.poll() is None and not when():
            time.sleep(0.002)
        sent = time.monotonic()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        said = process.communicate()[0]
        return Ended(process.returncode, said, time.monotonic() - sent)

    def whole(self, command: str) -> Path:
        """What an uninterrupted run of a command of `COMMANDS` gives, once."""
        self.needs(command)
        out = self.folder / "whole" / OUT[command]
        if not out.exists():
            out.parent.mkdir(exist_ok=True)
            self.must(*COMMANDS[command], "--out", str(out.relative_to(self.folder)))
        return out

    def seconds(self, command: str) -> float:
        """How long an uninterrupted run takes here and now, with everything compiled."""
        self.whole(command)
        out = self.folder / "timed" / OUT[command]
        remove(out)
        out.parent.mkdir(exist_ok=True)
        return self.must(*COMMANDS[command], "--out", str(out.relative_to(self.folder))).seconds


def remove(path: Path) -> None:
    """Remove a file or folder, if it is there, and what `track` keeps beside it."""
    for one in (path, path.with_name(f".{path.name}.tracked")):
        shutil.rmtree(one) if one.is_dir() and not one.is_symlink() else one.unlink(missing_ok=True)


def after(seconds: float) -> Callable[[], bool]:
    """Whether so much time has passed since this was called."""
    then = time.monotonic() + seconds
    return lambda: time.monotonic() >= then


def contents(path: Path, *, but: Sequence[str] = ()) -> dict[str, str]:
    """SHA-256 of a file, or of every file below a folder, by name; those whose names begin as one in `but` are left out."""
    files = [path] if path.is_file() else sorted(one for one in path.rglob("*") if one.is_file())
    names = {str(one.relative_to(path)) if one != path else one.name: one for one in files}
    return {
        name: hashlib.sha256(one.read_bytes()).hexdigest()
        for name, one in names.items()
        if not name.startswith(tuple(but))
    }


MADE_ANEW = ("report.html", "study.json", "model/")
"""Files of a study that hold the command as it was given."""


def differ(place: Place, command: str, one: Path, other: Path) -> str:
    """In what two outputs of a command differ, empty where they do not.

    Bytes are compared; of a study, those of files without the command line, and all that `study.json` holds besides; of a
    model, what it predicts.
    """
    if command == "train":
        tables = []
        for path in (one, other):
            table = place.folder / f"{path.parent.name}.csv"
            place.must("predict", str(path), "recording.csv", "--out", str(table), "--overwrite")
            tables.append(table.read_bytes())
        return "" if tables[0] == tables[1] else "other predictions"
    ours, theirs = (contents(path, but=MADE_ANEW if command == "evaluate" else ()) for path in (one, other))
    if ours != theirs:
        return f"other bytes: {sorted(name for name in ours | theirs if ours.get(name) != theirs.get(name))}"
    if command == "evaluate":
        studies = [json.loads((path / "study.json").read_text()) for path in (one, other)]
        keys = {key for study in studies for key in study} - {"command", "files", "sha256"}
        unlike = sorted(key for key in keys if studies[0].get(key) != studies[1].get(key))
        return f"other in study.json: {unlike}" if unlike else ""
    return ""

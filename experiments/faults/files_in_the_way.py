"""Truncated, emptied, swapped and foreign files, links, read-only and full places, for everything that reads or writes."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from campaign import COMMANDS, Case, Ended, Place, Row, contents, remove
from flipped_bytes import LOADED, files_in, wrong_with

WRITES = {
    "clean": ("clean", "recording.csv", "--out", "{to}/x.csv"),
    "convert": ("convert", "recording.csv", "--to", "tidy", "{to}/x.csv"),
    "simulate": ("simulate", "--participants", "2", "--smilers", "2", "--rate-hz", "20", "--out", "{to}/x.csv"),
    "train": (*COMMANDS["train"], "--out", "{to}/model"),
    "train-many": (*COMMANDS["train-many"], "--out", "{to}/runs"),
    "evaluate": (*COMMANDS["evaluate"], "--out", "{to}/study"),
    "predict": ("predict", "whole/model", "recording.csv", "--out", "{to}/x.csv"),
    "check": ("check", "recording.csv", "--save-mapping", "{to}/x.toml"),
    "track": ("track", "videos", "--out", "{to}/x.csv"),
    "report": ("report", "whole/study", "--out", "{to}/x.html"),
    "power": ("power", "--participants", "4", "--simulations", "2", "--out", "{to}/x.csv"),
    "multiverse": ("multiverse", "recording.csv", "--out", "{to}/x.csv"),
}
"""Every command that writes, and where."""


def cases(place: Place, count: int) -> Iterator[Case]:
    """What is read first, then what is written; each once, whatever the count."""
    yield from _read(place)
    yield from _no_room(place)
    yield from _read_only(place)
    yield from _links(place)


def _read(place: Place) -> Iterator[Case]:
    for kind, (command, load) in LOADED.items():
        path = place.whole(command)
        files = files_in(path)
        for file in files:
            for how in ("truncated", "emptied", "swapped", "removed", "a folder instead"):
                copy = place.folder / "damaged" / path.name
                remove(copy)
                shutil.copytree(path, copy)
                target = copy / file.relative_to(path)
                content = target.read_bytes()
                other = next((one.read_bytes() for one in files if one.read_bytes() != content), b"other")
                target.unlink()
                if how == "a folder instead":
                    target.mkdir()
                elif how != "removed":
                    target.write_bytes(
                        {"truncated": content[: len(content) // 2], "emptied": b"", "swapped": other}[how]
                    )
                wrong = wrong_with(load, copy, target)
                yield Case(f"{kind}, {file.relative_to(path)} {how}", not wrong, wrong)


def _run(place: Place, command: str, to: Path, **more: str) -> Ended:
    return place.run(*(word.replace("{to}", str(to)) for word in WRITES[command]), variables=more)


def _refused(ended: Ended) -> str:
    return "" if ended.code == 2 and ended.clean else f"exit code {ended.code}: {ended.said[-800:]}"


def _no_room(place: Place) -> Iterator[Case]:
    """A file system of 64 kB, made by root; without rights to make one, this is left out."""
    place.make_videos()
    small = place.folder / "small"
    small.mkdir(exist_ok=True)
    for command in WRITES:
        size = "8k" if command in ("check", "power", "report") else "16k"
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", small], check=False).returncode:
            return
        try:
            (small / "full").write_bytes(b"x" * (os.statvfs(small).f_bavail * os.statvfs(small).f_frsize - 4096))
            ended = _run(place, command, small)
            left = list(contents(small, but=("full", "runs/", "study/", ".x.csv.tracked")))
            wrong = _refused(ended) or (f"left behind: {left}" if left else "")
            if ended.code == 0:
                wrong = ""  # it needed no more than the page that was left
            yield Case(f"full disk, {command} (exit code {ended.code})", not wrong, wrong)
        finally:
            subprocess.run(["umount", small], check=True)
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", small], check=False).returncode == 0:
        try:
            out = place.folder / "full-cache"
            remove(out)
            full = {"XDG_CACHE_HOME": str(small)}
            ended = place.run(*COMMANDS["train-many"], "--out", "full-cache", variables=full)
            yield Case("a full folder of caches", ended.code == 0 and ended.clean, ended.said[-800:])
        finally:
            subprocess.run(["umount", small], check=True)


def _read_only(place: Place) -> Iterator[Case]:
    """A read-only file system, which stops root too."""
    small = place.folder / "small"
    for command in WRITES:
        if subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", small], check=False).returncode:
            return
        try:
            wrong = _refused(_run(place, command, small))
            yield Case(f"read-only, {command}", not wrong, wrong)
        finally:
            subprocess.run(["umount", small], check=True)


def _links(place: Place) -> Iterator[Case]:
    """A table goes where a link leads; a link to the recording, a pipe and a foreign folder are refused."""
    folder = place.folder / "links"
    remove(folder)
    folder.mkdir()
    (folder / "there.csv").write_text("old")
    (folder / "link.csv").symlink_to("there.csv")
    ended = place.run("clean", "recording.csv", "--out", str(folder / "link.csv"), "--overwrite")
    kept = (folder / "link.csv").is_symlink() and (folder / "there.csv").stat().st_size > 3
    yield Case("a link to a table", ended.code == 0 and kept, ended.said[-400:])
    (folder / "data.csv").symlink_to(place.folder / "recording.csv")
    ended = place.run("clean", "recording.csv", "--out", str(folder / "data.csv"), "--overwrite")
    yield Case("a link to the recording", not _refused(ended), ended.said[-400:])
    os.mkfifo(folder / "pipe.csv")
    ended = place.run("clean", "recording.csv", "--out", str(folder / "pipe.csv"), "--overwrite")
    yield Case("a pipe", not _refused(ended) and (folder / "pipe.csv").is_fifo(), ended.said[-400:])
    for command in ("train", "train-many", "evaluate"):
        foreign = folder / f"foreign-{command}"
        foreign.mkdir()
        (foreign / "thesis.docx").write_text("mine")
        overwrite = () if command != "train" else ("--overwrite",)
        words = [word for word in COMMANDS[command] if word != "--overwrite"]
        ended = place.run(*words, "--out", str(foreign), *overwrite)
        whole = (foreign / "thesis.docx").read_text() == "mine" and len(list(foreign.iterdir())) == 1
        yield Case(f"a folder of another's, {command}", not _refused(ended) and whole, ended.said[-400:])
    with contextlib.suppress(OSError):
        remove(folder)


ROW = Row(
    name="files-in-the-way",
    done="truncated, emptied, swapped, absent files; a full and a read-only disk for each command; links, foreign files",
    must="refused with exit code 2 and no traceback; nothing half-written, and what was there whole",
    cases=cases,
    full=1,
)

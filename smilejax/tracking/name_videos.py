"""Whose smile a video shows and of which class: from a table, or from the names of the files."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

import pandas as pd

from smilejax._util.errors import SETTING, ReadError, SettingsError, listed
from smilejax._util.number_text import several
from smilejax.readers.files.raw_table import headed, load_table
from smilejax.readers.given import Given
from smilejax.readers.name_patterns import Pattern, compiled
from smilejax.tracking.find_videos import VideoFile

UVA_NEMO: Final = "{smiler}_{label:letters}_smile_{}"
"""Names of UvA-NEMO's videos: `001_deliberate_smile_2.mp4`. Used where every video fits it and nothing else was given."""
PARTS: Final = ("smiler", "participant", "label", "stimulus")
"""Parts of a pattern that are used; participant is another word for the smiler."""
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "file": ("file", "video", "filename", "name", "photo"),
    "smiler": ("smiler", "participant", "subject"),
    "label": ("label", "class"),
    "stimulus": ("stimulus", "session"),
}
"""Headings of a table of labels, case aside."""


@dataclass(frozen=True)
class VideoNames:
    """What is known of one video."""

    smiler: str
    """Each video without one is its own smiler."""
    label: str = ""
    """Empty where it is not known."""
    stimulus: str = ""


@dataclass(frozen=True)
class NamedVideos:
    """The names of all videos."""

    names: tuple[VideoNames, ...]
    notes: tuple[str, ...]
    """What a user should know, each a clause."""


def names_by_table(videos: Sequence[VideoFile], table: Path) -> NamedVideos:
    """Names from a table with one row per file. A file is named with the folders in which it was found, or without, and with
    its suffix or without.

    Raises:
        ReadError: with the table's line: a column is absent, a file has two rows that differ, a name fits several files, or no
            row names any file.
    """
    rows = _rows(table)
    found: dict[str, tuple[int, VideoNames]] = {}
    unused: list[str] = []
    spelt = _spellings(videos)
    for line, (file, one) in rows:
        fits = spelt.get(PurePosixPath(file.replace("\\", "/")).as_posix().casefold(), [])
        if len(fits) > 1:
            raise ReadError(
                f"{table}: line {line}: {file!r} fits {listed(fits, 3)}.",
                hint="Name the file with its folder and suffix.",
            )
        if not fits:
            unused.append(file)
            continue
        name = fits[0]
        if name in found and found[name][1] != one:
            raise ReadError(f"{table}: line {line}: {file!r} has another row, in line {found[name][0]}, that differs.")
        found[name] = (line, one)
    if not found:
        raise ReadError(
            f"{table}: none of its {several(len(rows), 'row')} names a video: it names {listed(unused, 3)}, and there are "
            f"{listed((video.name for video in videos), 3)}."
        )
    notes = []
    if unused:
        which = f"row of {table.name} names" if len(unused) == 1 else f"rows of {table.name} name"
        notes.append(f"{len(unused):,} {which} no video that was given: {listed(unused, 5)}")
    if bare := [video.name for video in videos if video.name not in found]:
        counts = "it has no label and counts" if len(bare) == 1 else "they have no label, and each counts"
        notes.append(
            f"{table.name} does not name {several(len(bare), 'video')} ({counts} as a smiler of its own): {listed(bare, 5)}"
        )
    alone = _alone([video for video in videos if video.name not in found], {one.smiler for _, one in found.values()})
    own = {name: one for name, (_, one) in found.items()} | alone
    return NamedVideos(tuple(own[video.name] for video in videos), tuple(notes))


def names_by_pattern(videos: Sequence[VideoFile], rule: str | None) -> NamedVideos:
    """Names from the files' own names.

    Arguments:
        rule: a pattern such as `{smiler}_{label}_*`, matched with the name without suffix; with a `/` in it, with its folders
            too. None for that of UvA-NEMO where all names fit it, and for none where not.

    Raises:
        ReadError: a name does not fit the pattern that was given. SettingsError: the pattern is malformed, or has a part that
            is not used.
    """
    pattern = compiled(UVA_NEMO if rule is None else rule, "names")
    if unused := [part for part in pattern.expression.groupindex if part not in PARTS]:
        raise SettingsError(
            f"{SETTING.names}: {{{unused[0]}}} in {pattern.text!r} says nothing of a video, which is called as its file is. "
            f"Parts are {listed(PARTS)}.",
            hint="Write {} or * for what is to be passed over.",
            setting="names",
        )
    parts = [pattern.parts(_matched(video, pattern)) for video in videos]
    named = list(zip(videos, parts, strict=True))
    others = [video.name for video, one in named if rule is None and (one is None or not _is_uva_nemo(one["label"]))]
    if others:
        are = "is" if len(others) == 1 else "are"
        which = "the names are" if len(others) == len(videos) else f"{len(others):,} of {len(videos):,} names {are}"
        note = (
            f"no label is known, and each video counts as a smiler of its own: {which} not as {UVA_NEMO!r}, those of "
            f"UvA-NEMO ({listed(others, 3)}), and neither a table nor a pattern was given"
        )
        alone = _alone(videos, set())
        return NamedVideos(tuple(alone[video.name] for video in videos), (note,))
    for video, one in named:
        if one is None:
            raise ReadError(
                f"{video.name}: does not fit the pattern {pattern.text!r}.",
                hint=f"Change {SETTING.names}.",
                setting="names",
            )
    known = [
        VideoNames(
            one.get("smiler") or one.get("participant") or _stem(video), one.get("label", ""), one.get("stimulus", "")
        )
        for video, one in named
        if one is not None
    ]
    notes = (
        (f"smilers and labels are from the files' names, as those of UvA-NEMO ({UVA_NEMO})",) if rule is None else ()
    )
    return NamedVideos(tuple(known), notes)


def _is_uva_nemo(label: str) -> bool:
    return label.casefold() in ("deliberate", "spontaneous")


def _stem(video: VideoFile) -> str:
    return PurePosixPath(video.name).with_suffix("").as_posix() if video.path.is_file() else video.name


def _alone(videos: Sequence[VideoFile], taken: Set[str]) -> dict[str, VideoNames]:
    """Videos without a smiler, each as one of its own, by their names: called as the file is without suffix, and with it where
    another smiler would be called so too.

    Arguments:
        taken: smilers of other videos.
    """
    stems = Counter(_stem(video) for video in videos)
    named = {}
    for video in videos:
        smiler = _stem(video)
        if stems[smiler] > 1 or smiler in taken:
            smiler = video.name
        while smiler in taken:
            smiler += " (unnamed)"
        named[video.name] = VideoNames(smiler)
    return named


def _matched(video: VideoFile, pattern: Pattern) -> str:
    return _stem(video) if "/" in pattern.text else PurePosixPath(_stem(video)).name


def _spellings(videos: Sequence[VideoFile]) -> dict[str, list[str]]:
    """Names of videos by each way in which a table may write them, case aside."""
    found: dict[str, list[str]] = {}
    for video in videos:
        ways = {video.name, PurePosixPath(video.name).name, _stem(video), PurePosixPath(_stem(video)).name}
        for way in {one.casefold() for one in ways}:
            found.setdefault(way, []).append(video.name)
    return found


def _text(value: object) -> str:
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.15g}"
    return "" if value is None or value is pd.NA else str(value).strip()


def _rows(path: Path) -> list[tuple[int, tuple[str, VideoNames]]]:
    """Line, file and names of each row."""
    table = headed(load_table(Given(path), None))
    low = {head.casefold(): at for at, head in reversed(list(enumerate(table.heads or ())))}
    at = {role: next((low[name] for name in usual if name in low), None) for role, usual in COLUMNS.items()}
    for role in ("file", "smiler", "label"):
        if at[role] is None:
            raise ReadError(
                f"{path}: there is no column {role}. There are {listed(table.heads or (), 12)}.",
                hint="A table of labels has the columns file, smiler and label, and may have stimulus.",
            )

    def cell(row: int, role: str) -> str:
        column = at[role]
        value = "" if column is None else table.cells.iloc[row, column]
        return _text(value)

    made = []
    for row, line in enumerate(table.line):
        if not cell(row, "file") or not cell(row, "smiler"):
            raise ReadError(f"{path}: line {line} has no {'file' if not cell(row, 'file') else 'smiler'}.")
        made.append(
            (int(line), (cell(row, "file"), VideoNames(cell(row, "smiler"), cell(row, "label"), cell(row, "stimulus"))))
        )
    return made

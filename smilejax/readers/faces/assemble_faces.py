"""From rows of frames to `Faces`: videos, their classes and names, one grid in time. The same for every reader of faces."""

from collections import Counter
from typing import Final

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, FacesError, ReadError, listed
from smilejax._util.number_text import several
from smilejax.readers.class_labels import class_of, misspelt
from smilejax.readers.columns.columns_to_keep import kept_in_words, kept_of
from smilejax.readers.exclusions import counted_exclusions, excluded_rows, exclusion_findings, exclusions_of
from smilejax.readers.faces.face_rows import FaceRows
from smilejax.readers.faces.frame_grid import FrameGrid, on_grid
from smilejax.readers.mapping import read_as
from smilejax.readers.samples import Names
from smilejax.recordings.faces import Faces
from smilejax.recordings.kinds import FACE
from smilejax.recordings.recording import UNLABELLED
from smilejax.recordings.source import ExcludedByHand, Finding, Source
from smilejax.recordings.stimulus_table import Covariate
from smilejax.settings import ReadSettings

CAMERAS_HZ: Final = (1.0, 600.0)
"""Frame rates outside these are said to be odd. Our choice; videos of quick expressions have up to some 200."""
RATES_APART: Final = 1.5
"""So is one that is this many times the rate that the table itself says, or a part of it. Our choice."""
Rows = list[npt.NDArray[np.int64]]


def assemble_faces(rows: FaceRows, settings: ReadSettings, *, optional: bool, layout: str) -> Faces:
    """Make `Faces` of the frames of a file.

    Arguments:
        optional: whether a video may be without a label, as those to be predicted.
        layout: of the reader.

    Raises:
        ReadError: with file and line: times that do not rise, a video with two names or labels, a label that is no class.
    """
    videos = _videos(rows)
    label, labels = _labels(rows, videos, settings.classes, optional)
    by_hand, out = _excluded(rows, videos, label, settings)
    keep = [at for at in range(len(videos)) if label[at] is not None and at not in out]
    if not keep and out:
        raise ReadError(f"{rows.file}: no video is left: all {len(videos)} are excluded or of other classes.")
    if not keep:
        raise ReadError(f"{rows.file}: no video has a label of {' or '.join(settings.classes)}.")
    videos, kept_label = [videos[at] for at in keep], [label[at] for at in keep]
    grid = on_grid([_times(rows, video) for video in videos], [_columns(rows, video) for video in videos])
    n, frames = len(videos), max(map(len, grid.values))
    block = np.full((n, frames, grid.values[0].shape[1]), np.nan)
    for at, values in enumerate(grid.values):
        block[at, : len(values)] = values
    count = len(rows.channels)
    kept = kept_of(settings.columns, lambda role: _names(rows, videos, role) if role in rows.names else None)
    about: tuple[Finding, ...] = (Finding("columns kept", kept_in_words(kept), "given"),) if kept else ()
    of_row = np.full((n, frames), -1)
    for at, row in enumerate(grid.nearest):
        of_row[at, : len(row)] = np.where(row < 0, -1, videos[at][row])
    about += exclusion_findings(by_hand, settings.exclude, FACE)
    said = (*rows.findings, *about, *labels, *_changed_smilers(rows, videos), *_of_time(rows, grid, videos))
    source = Source(rows.file, layout, said, read_as(settings, layout, said), by_hand)
    try:
        return Faces(
            values=block[:, :, :count],
            channels=rows.channels,
            length=np.array([len(values) for values in grid.values]),
            rate_hz=grid.rate_hz,
            label=np.array(kept_label),
            class_names=settings.classes,
            trial=_names(rows, videos, "video"),
            participant=_names(rows, videos, "smiler"),
            confidence=None if rows.confidence is None else block[:, :, count],
            stimulus=_names(rows, videos, "stimulus") if "stimulus" in rows.names else None,
            covariates=_covariates(rows, videos, grid),
            crop=None if rows.crop is None else _crops(rows.crop, of_row),
            source=source,
            columns=kept,
        )
    except FacesError as error:
        raise ReadError(f"{rows.file}: {error.marked}") from error


def _excluded(
    rows: FaceRows, videos: Rows, label: list[int | None], settings: ReadSettings
) -> tuple[tuple[ExcludedByHand, ...], frozenset[int]]:
    """Videos that the table of exclusions names: counted by reason, and their numbers."""
    if settings.exclude is None:
        return (), frozenset()
    names, people = _names(rows, videos, "video"), _names(rows, videos, "smiler")
    found = excluded_rows(names, people, exclusions_of(settings), settings.exclude, FACE)
    codes = np.array([UNLABELLED if code is None else code for code in label], np.int32)
    return counted_exclusions(found, codes, settings.classes), frozenset(found)


def _crops(names: tuple[str, ...], of_row: npt.NDArray[np.int64]) -> tuple[tuple[str, ...], ...]:
    """Names of the crops of N times T frames, by the row of the file that each frame comes from; -1 for none."""
    every = np.array([*names, ""], dtype=object)
    return tuple(tuple(row) for row in every[of_row].tolist())


def _videos(rows: FaceRows) -> Rows:
    """Rows of each video, in order of first appearance."""
    both = Names.joined([rows.names["smiler"], rows.names["video"]])
    for what in ("video", "smiler"):
        empty = np.flatnonzero(np.array([not name.strip() for name in rows.names[what].names])[rows.names[what].codes])
        if len(empty):
            raise ReadError(f"{rows.file}: {rows.at(empty[0])} has no {what}. Every frame needs one.")
    order = np.argsort(both.codes, kind="stable")
    starts = np.flatnonzero(np.diff(both.codes[order], prepend=-1))
    found = np.split(order, starts[1:])
    return sorted(found, key=lambda video: int(video[0]))


def _one_name(rows: FaceRows, video: npt.NDArray[np.int64], what: str) -> str:
    """The one name that all frames of a video have."""
    names = rows.names[what]
    codes = names.codes[video]
    if other := np.flatnonzero(codes != codes[0]).tolist():
        first, second = names.names[codes[0]], names.names[codes[other[0]]]
        raise ReadError(
            f"{rows.file}: {rows.at(video[other[0]])}: the {what} of a video must be the same in all frames; that of "
            f"video {rows.names['video'].at(int(video[0]))!r} is {first!r} and {second!r}."
        )
    return names.names[codes[0]]


def _names(rows: FaceRows, videos: Rows, what: str) -> tuple[str, ...]:
    return tuple(_one_name(rows, video, what) for video in videos)


def _changed_smilers(rows: FaceRows, videos: Rows) -> tuple[Finding, ...]:
    """Videos of one name and several smilers that share no time: perhaps one video, in which the smiler's name changes."""
    if rows.time_ms is None:
        return ()
    alike: dict[int, list[npt.NDArray[np.int64]]] = {}
    for video in videos:
        alike.setdefault(int(rows.names["video"].codes[video[0]]), []).append(video)
    found = [
        rows.names["video"].names[code]
        for code, parts in alike.items()
        if len(parts) > 1 and not _share_times([rows.time_ms[part] for part in parts])
    ]
    if not found:
        return ()
    which = listed(map(repr, found), 3)
    text = f"{which}: frames of several smilers, at different times, are read as a video of each. Does a name change within it?"
    return (Finding("smilers", text, "warning"),)


def _share_times(times: list[npt.NDArray[np.float64]]) -> bool:
    """Whether some time is one of two videos."""
    every = np.concatenate([np.unique(one) for one in times])
    return len(np.unique(every)) < len(every)


def _labels(
    rows: FaceRows, videos: Rows, classes: tuple[str, str], optional: bool
) -> tuple[list[int | None], tuple[Finding, ...]]:
    """Label of each video; None for one of another class, where both classes are found."""
    if "label" not in rows.names:
        if optional:
            return [UNLABELLED] * len(videos), (Finding("labels", "none in the file", "inferred"),)
        raise ReadError(
            f"{rows.file}: the videos have no label: there is no such column.",
            hint=f"Add a column label with {' and '.join(classes)}, or name yours: {SETTING.label}.",
            setting="label",
        )
    words = [_one_name(rows, video, "label").strip() for video in videos]
    meant = [class_of(word, classes) if word else None for word in words]
    both = {0, 1} <= set(meant)
    found: list[int | None] = []
    for word, number, video in zip(words, meant, videos, strict=True):
        if number is not None:
            found.append(number)
        elif not word or (optional and not both):
            if not optional:
                raise ReadError(f"{rows.file}: {rows.at(video[0])}: the video has no label.", setting="label")
            found.append(UNLABELLED)
        elif both:
            found.append(None)
        else:
            raise ReadError(
                f"{rows.file}: {rows.at(video[0])}: the label {word!r} is neither {classes[0]} nor {classes[1]}. "
                f"The labels are {listed(dict.fromkeys(words))}.",
                hint=f"Name the two classes, the positive one second: {SETTING.classes}.",
                setting="classes",
            )
    counts = [f"{sum(number == k for number in found)} {name}" for k, name in enumerate(classes)]
    written = [word for word in dict.fromkeys(words) if word]
    if not written:
        return found, (Finding("labels", "none: the column is empty", "inferred"),)
    empty = words.count("")
    bare = f"; {several(empty, 'video')} without a label" if empty else ""
    findings = [Finding("labels", f"{', '.join(written)}; {' and '.join(counts)}{bare}", "recognised")]
    if optional and len(one := {number for number in meant if number is not None}) == 1:
        of_neither = Counter(word for word, number in zip(words, meant, strict=True) if word and number is None)
        findings += misspelt(classes, classes[1 - one.pop()], of_neither, FACE)
    if others := sorted({word for word, number in zip(words, found, strict=True) if number is None}):
        left = several(sum(number is None for number in found), "video")
        findings.append(Finding("other classes", f"{left} left out, labelled {listed(others)}", "warning"))
    return found, tuple(findings)


def _times(rows: FaceRows, video: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Times of a video's frames in ms, which must rise; 0 of a single frame without."""
    name = rows.names["video"].at(int(video[0]))
    if len(video) == 1:
        return np.zeros(1)
    if rows.time_ms is None:
        raise ReadError(
            f"{rows.file}: video {name!r} has {len(video)} frames and no time.",
            hint=f"Give the frames per second ({SETTING.rate_hz}), name a column of times ({SETTING.time}), or add one called "
            "time_ms. Photos have one frame each: has each a name of its own?",
            setting="time",
        )
    t = rows.time_ms[video]
    if len(bad := np.flatnonzero(~np.isfinite(t))):
        raise ReadError(f"{rows.file}: {rows.at(video[bad[0]])}: the frame has no time.", setting="time")
    if len(bad := np.flatnonzero(np.diff(t) <= 0)):
        where = rows.at(video[bad[0] + 1])
        raise ReadError(
            f"{rows.file}: {where}: times of a video must rise; after {t[bad[0]]:g} ms comes {t[bad[0] + 1]:g} ms in "
            f"video {name!r}. Is each video named by its own name ({SETTING.trial}), and each frame there once?",
            setting="time",
        )
    return t


def _columns(rows: FaceRows, video: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Measures of a video, and its confidence as the last column where there is one."""
    values = rows.values[video]
    return values if rows.confidence is None else np.concatenate([values, rows.confidence[video][:, None]], axis=1)


def _covariates(rows: FaceRows, videos: Rows, grid: FrameGrid) -> tuple[Covariate, ...]:
    """What the file says of the videos; their frame rates by its times, where it does not say them."""
    found = {name: _means(values, videos) for name, values in rows.covariates.items()}
    if any(rate is not None for rate in grid.own_hz):
        found.setdefault("frame_rate_hz", grid.own_hz)
    return tuple(Covariate(name, numbers=numbers) for name, numbers in found.items())


def _means(values: npt.NDArray[np.float64], videos: Rows) -> tuple[float | None, ...]:
    """Mean of each video's frames; None where no frame has a value."""
    known = [values[video][np.isfinite(values[video])] for video in videos]
    return tuple(float(one.mean()) if len(one) else None for one in known)


def _odd_rate(rows: FaceRows, grid: FrameGrid) -> str:
    """What is odd about the frame rate that the times give, as a clause; empty where nothing is."""
    step = 1000 / grid.rate_hz
    ask = (
        f"as read, a frame follows after {step:.4g} ms. If the time is in another unit, give it ({SETTING.time_unit}); if it "
        f"counts frames, give their rate ({SETTING.rate_hz})"
    )
    if not CAMERAS_HZ[0] <= grid.rate_hz <= CAMERAS_HZ[1]:
        return f", which no camera of faces has: {ask}"
    said = rows.covariates.get("frame_rate_hz")
    usual = float(np.median(said[np.isfinite(said)])) if said is not None and np.isfinite(said).any() else grid.rate_hz
    if not 1 / RATES_APART < usual / grid.rate_hz < RATES_APART:
        return f", and the column frame_rate_hz says {usual:g}: {ask}"
    return ""


def _of_time(rows: FaceRows, grid: FrameGrid, videos: Rows) -> tuple[Finding, ...]:
    if all(len(video) == 1 for video in videos):
        return (Finding("rate", "none: single frames", "inferred"),)
    odd = _odd_rate(rows, grid)
    rate = Finding(
        "rate", f"{grid.rate_hz:g} Hz, the median of the videos' frame rates{odd}", "warning" if odd else "inferred"
    )
    found = [rate]
    if grid.interpolated:
        which = listed((repr(rows.names["video"].at(int(videos[row][0]))) for row in grid.interpolated), 3)
        many = several(len(grid.interpolated), "video")
        found.append(
            Finding(
                "time grid",
                f"{many} of another or a varying frame rate put on {grid.rate_hz:g} Hz by time, on straight lines between "
                f"frames: {which}",
                "warning",
            )
        )
    return tuple(found)

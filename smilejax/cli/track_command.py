"""`smilejax track`: from videos and photos of faces to a table that every command reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from smilejax._util.errors import SETTING, DataError, OutputError, SettingsError, listed
from smilejax._util.number_text import percent, several
from smilejax.cli.command import Command
from smilejax.cli.options import Arg
from smilejax.tracking.face_choice import FaceChoice, check_face

if TYPE_CHECKING:
    from smilejax.tracking.find_videos import VideoFile
    from smilejax.tracking.many_videos import Outcome
    from smilejax.tracking.name_videos import NamedVideos
    from smilejax.tracking.saved_tracks import SavedTracks

SHOWN = 12
"""Most videos that are listed one by one at the end."""


@dataclass(frozen=True)
class TrackArguments:
    """Follow the face in each video and write its measures: a table with one row per frame.

    Everything runs on this computer, and no frame is kept. Videos are MP4, MOV, WebM, MKV, AVI, GIF and others (extra `video`),
    or folders of frames; photos are videos of one frame. An interrupted run goes on where it was when it is started anew.
    """

    videos: Annotated[tuple[Path, ...], Arg(positional=True)]
    """Videos, photos, or folders with them."""
    out: Annotated[Path, Arg(metavar="FILE")]
    """Table to write: .csv, .tsv, .txt, .parquet, .pq, .xlsx or .xlsm."""
    labels: Annotated[Path | None, Arg(metavar="FILE")] = None
    """Table with the columns file, smiler and label (and stimulus, where known), one row per video."""
    names: Annotated[str | None, Arg(metavar="PATTERN")] = None
    """Smiler and label from the files' names, as in '{smiler}_{label}_*'. Without this and a table, names such as UvA-NEMO's
    are understood: 001_deliberate_smile_2.mp4."""
    face: Annotated[FaceChoice, Arg(metavar="WHICH")] = "largest"
    """Which face, where there are several: largest, left, right, or a number from the left."""
    frames_hz: float | None = None
    """Frames per second of folders of frames: each folder that holds pictures is then one video."""
    crops: Annotated[Path | None, Arg(metavar="FOLDER")] = None
    """Write an upright crop of the face for each frame, too. These show who it is: biometric data."""
    overwrite: bool = False
    """Replace an existing table."""


def run(arguments: TrackArguments) -> None:
    """Track every video, write the table, and say what was lost."""
    from smilejax import readers
    from smilejax.cli import terminal
    from smilejax.cli.outputs import claim_files, print_written
    from smilejax.tracking.find_videos import find_videos

    check_face(arguments.face)
    if arguments.frames_hz is not None and not 0 < arguments.frames_hz < float("inf"):
        raise SettingsError(setting="frames_hz", rule="a number above 0", value=arguments.frames_hz)
    read = (*arguments.videos, *(() if arguments.labels is None else (arguments.labels,)))
    out = claim_files({"--out": arguments.out}, overwrite=arguments.overwrite, data=read)["--out"]
    crops = _claimed_crops(arguments.crops)
    videos = find_videos(arguments.videos, frames_hz=arguments.frames_hz)
    named = _named(arguments, videos)
    from smilejax.tracking.faces_table import faces_table
    from smilejax.tracking.saved_tracks import SavedTracks

    saved = SavedTracks.beside(out)
    outcomes = _tracked(arguments, videos, saved, crops)
    done = [(at, one.tracked) for at, one in enumerate(outcomes) if one.tracked is not None]
    if not done:
        first = next(one.error for one in outcomes if one.error is not None)
        raise DataError(f"none of {several(len(videos), 'file')} could be tracked. The first: {first.marked}")
    with terminal.working("writing"):
        made = [(videos[at], named.names[at], tracked) for at, tracked in done]
        readers.write_table(faces_table(made, crops=crops is not None), out)
    saved.remove()
    _print_outcomes(outcomes, named)
    print_written([out, *([] if crops is None else [crops])])


def _claimed_crops(folder: Path | None) -> Path | None:
    from smilejax._util.files import claim
    from smilejax.cli import terminal

    if folder is None:
        return None
    claimed = claim(folder, overwrite=True, what="folder")
    if claimed.exists() and any(claimed.iterdir()):
        raise OutputError(f"the folder {folder} holds something already.", hint=f"Name another with {SETTING.crops}.")
    terminal.note(
        "crops show who it is. They are biometric data: keep them as consent and law ask for, and delete them when done"
    )
    return claimed


def _named(arguments: TrackArguments, videos: "Sequence[VideoFile]") -> "NamedVideos":
    from smilejax.tracking.name_videos import names_by_pattern, names_by_table

    if arguments.labels is None:
        return names_by_pattern(videos, arguments.names)
    if arguments.names is not None:
        raise SettingsError(f"Give {SETTING.labels} or {SETTING.names}, not both.")
    return names_by_table(videos, arguments.labels)


def _tracked(
    arguments: TrackArguments, videos: "Sequence[VideoFile]", saved: "SavedTracks", crops: Path | None
) -> "list[Outcome]":
    from smilejax.cli import terminal
    from smilejax.tracking.many_videos import track_videos

    outcomes = []
    frames = 0

    def count(more: int) -> None:
        nonlocal frames
        frames += more
        if terminal.err.is_terminal:
            progress.stage(f"videos, {several(frames, 'frame')}")

    with terminal.counting(len(videos), "videos") as progress:
        found = track_videos(
            videos, saved, face=arguments.face, frames_hz=arguments.frames_hz, crops=crops, each_chunk=count
        )
        for outcome in found:
            outcomes.append(outcome)
            progress.ended(1)
    return outcomes


def _print_outcomes(outcomes: "Sequence[Outcome]", named: "NamedVideos") -> None:
    from smilejax.cli import terminal

    done = [one for one in outcomes if one.tracked is not None]
    words = {one.video.name: one.tracked.in_words() for one in done if one.tracked is not None}
    shown = done if len(done) <= SHOWN else [one for one in done if words[one.video.name]]
    if shown:
        title = "Videos" if len(shown) == len(done) else f"Videos to look at ({len(shown)} of {len(done)})"
        made = terminal.table(title, "video", "frames", "lost", "faces", "remarks", right=("frames", "lost", "faces"))
        for one in shown[: 10 * SHOWN]:
            tracked = one.tracked
            assert tracked is not None
            lost = int((~tracked.found).sum())
            faces = int(tracked.faces_seen.max(initial=0))
            made.add_row(
                one.video.name, f"{len(tracked.found):,}", str(lost), str(faces), "; ".join(words[one.video.name])
            )
        terminal.printed(made)
    frames = sum(len(one.tracked.found) for one in done if one.tracked is not None)
    lost = sum(int((~one.tracked.found).sum()) for one in done if one.tracked is not None)
    known = f"{several(len(done), 'video')}, {several(frames, 'frame')}; no face in {lost:,} of them ({percent(lost / frames)})"
    kept = sum(one.kept for one in done)
    terminal.paragraph(
        f"{known}." + (f" {kept:,} {'was' if kept == 1 else 'were'} tracked in an earlier run." if kept else "")
    )
    if copies := [f"{one.video.name} is {one.same_as}" for one in done if one.same_as is not None]:
        how_many = (
            "1 file has the content of another"
            if len(copies) == 1
            else f"{len(copies):,} files have the content of others"
        )
        terminal.warning(f"{how_many}: {listed(copies, 5)}. Each counts as a video: leave out all but one of each.")
    for note in named.notes:
        terminal.note(note)
    failed = [one.error for one in outcomes if one.error is not None]
    if failed:
        terminal.warning(
            f"{several(len(failed), 'file')} could not be tracked and {'is' if len(failed) == 1 else 'are'} not in the table:"
        )
        for error in failed[: 10 * SHOWN]:
            terminal.err.print(f"- {error.in_words()}", soft_wrap=True)
        if len(failed) > 10 * SHOWN:
            terminal.err.print(f"- and {len(failed) - 10 * SHOWN:,} more")


COMMAND = Command(
    "track",
    TrackArguments,
    run,
    examples=(
        "smilejax track videos/ --out faces.csv",
        "smilejax track videos/ --labels labels.csv --out faces.parquet",
        "smilejax track photos/ --names '{smiler}_{label}' --out faces.csv",
    ),
    stopped=lambda arguments: (
        "stopped; videos that were done are kept, and the same command goes on from there."
        if arguments.crops is None
        else "stopped. With crops, every video is tracked again: name another folder for them, or empty this one."
    ),
)

"""Recordings as the app opens them: what was read, what was understood, and the mapping file that says it."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from smilejax import readers
from smilejax._util.errors import DataWarning, ReadError, SettingsError
from smilejax._util.json_files import write_bytes
from smilejax.app.fields import label_or_none
from smilejax.app.reach import Reach
from smilejax.readers.files import raw_table
from smilejax.readers.given import Given
from smilejax.readers.mapping import mapping_text
from smilejax.recordings.any_recording import AnyRecording
from smilejax.recordings.recording import UNLABELLED
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

LARGEST_FOR_HEADINGS = 30e6
"""Bytes of a file whose headings are offered to choose from: it is read again for them."""


@dataclass(frozen=True, eq=False)
class Opened:
    """What was opened.

    Arguments:
        paths: files or folders. settings: as given. recording: all trials, none of them excluded by hand.
        warned: what should be looked at. headings: of the columns of the first file; empty where it has none.
    """

    paths: tuple[Path, ...]
    settings: ReadSettings
    recording: AnyRecording
    warned: tuple[str, ...]
    headings: tuple[str, ...]

    @property
    def findings(self) -> tuple[tuple[str, str, str], ...]:
        """What was understood: the property, its value in words, and how it was settled."""
        return tuple((one.what, _shown(one), one.how) for one in self.recording.source.findings)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """The recording in numbers."""
        recording, kind = self.recording, self.recording.kind
        counts = [f"{int((recording.label == k).sum())} {name}" for k, name in enumerate(recording.class_names)]
        if unlabelled := int((recording.label == UNLABELLED).sum()):
            counts.append(f"{unlabelled} without a class")
        lengths = recording.length / recording.rate_hz
        shortest, longest = float(lengths.min()), float(lengths.max())
        how_long = f"{longest:.3g} s" if shortest == longest else f"{shortest:.3g} to {longest:.3g} s"
        before = f", from {recording.start_ms / 1000:.3g} s" if recording.start_ms else ""
        named = [
            (kind.trials, str(len(recording))),
            (kind.participants, str(len(set(recording.participant)))),
            ("stimuli", "not recorded" if recording.stimulus is None else str(len(set(recording.stimulus)))),
            ("classes", ", ".join(counts)),
            ("rate", f"{recording.rate_hz:g} Hz"),
            ("length", how_long + before),
            ("unit", recording.unit),
            ("reader", recording.source.layout),
        ]
        return tuple(named)


def open_recordings(paths: Sequence[Path], settings: ReadSettings, reach: Reach) -> Opened:
    """Read recordings. Trials may be without a class, and none is excluded by hand.

    Raises:
        ReadError: with file, line and value of what cannot be read; or a path cannot be reached.
        SettingsError: a setting is not used for this layout, or cannot be.
    """
    inside = tuple(reach.to_read(path) for path in paths)
    _check_tables(settings, reach)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DataWarning)
        recording = readers.read(list(inside), replace(settings, exclude=None), labels="optional")
    said = [one.message.in_words(label_or_none) for one in caught if isinstance(one.message, DataWarning)]
    return Opened(inside, settings, recording, tuple(dict.fromkeys(said)), headings_of(inside))


def _check_tables(settings: ReadSettings, reach: Reach) -> None:
    """Further tables are files too."""
    for name in (settings.events, *settings.join):
        if name is not None:
            reach.to_read(name)


def within_reach(settings: ReadSettings, reach: Reach) -> ReadSettings:
    """Settings whose further tables are named by the paths that were checked: what is read is what was looked at.

    Raises:
        ReadError: one cannot be reached.
    """
    events = None if settings.events is None else str(reach.to_read(settings.events))
    return replace(settings, events=events, join=tuple(str(reach.to_read(name)) for name in settings.join))


def headings_of(paths: Sequence[Path]) -> tuple[str, ...]:
    """Headings of the columns of the first file, to choose from; nothing where it is no table with headings."""
    first = next((path for path in paths if path.is_file()), None)
    if first is None or first.stat().st_size > LARGEST_FOR_HEADINGS:
        return ()
    try:
        heads = raw_table.headed(raw_table.load_table(Given(first))).heads
    except (ReadError, SettingsError):
        return ()
    return tuple(dict.fromkeys(head for head in heads or () if head.strip()))


def mapping_place(name: str, reach: Reach) -> Path:
    """Where a mapping file of this name goes.

    Raises:
        OutputError, SettingsError: it is not called .toml, or cannot be written there.
    """
    if not name.lower().endswith(".toml"):
        raise SettingsError(
            f"{name}: a mapping file is called .toml." if name else "the mapping file has no name.",
            hint=f"Call it {name or 'mapping'}.toml.",
        )
    return reach.to_write(name)


def write_mapping(opened: Opened, path: Path) -> None:
    """Write how the recordings were read as a mapping file, over one that stands there.

    Raises:
        OutputError: it cannot be written there.
    """
    write_bytes(path, mapping_text(opened.recording.source, path.parent).encode("utf-8"))


def _shown(finding: Finding) -> str:
    return finding.in_words(label_or_none)

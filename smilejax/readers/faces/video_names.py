"""Names of videos that stand in no column: from patterns on names of files, from a table, or from the video itself."""

import fnmatch
from dataclasses import replace
from pathlib import Path, PurePath

import numpy as np

from smilejax._util.errors import SETTING, ReadError, SettingsError, listed
from smilejax.readers.columns.columns_to_keep import heading_of, role_of
from smilejax.readers.faces import tracker_table
from smilejax.readers.faces.face_rows import FaceRows
from smilejax.readers.files.raw_table import headed, load_table
from smilejax.readers.given import Given
from smilejax.readers.name_patterns import choices_of, compiled, source_and_rule
from smilejax.readers.samples import Names
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

ROLES = {"participant": "smiler", "smiler": "smiler", "trial": "video", "label": "label", "stimulus": "stimulus"}
"""What the parts of a pattern, and the names that it reads, are called of faces."""
KEYS = ("video", "trial", "file", "name")
"""Headings of the column by which a table of videos is joined, the better first."""
VALUES = {
    "smiler": tracker_table.OWN_COLUMNS["smiler"],
    "label": tracker_table.OWN_COLUMNS["label"],
    "stimulus": ("stimulus", "session"),
}


def with_video_names(rows: FaceRows, settings: ReadSettings, *, optional: bool) -> FaceRows:
    """The frames with smilers, labels and stimuli: of `names_from`, `label_from` and `join`, in this order.

    Arguments:
        optional: whether the videos are to be predicted: the smiler of a video is then nobody else's, where none is named.

    Raises:
        SettingsError, ReadError: a rule is malformed or does not fit, a table lacks a video, or no smiler is named.
    """
    for text in settings.names_from:
        rows = _by_pattern(rows, text)
    if settings.label_from is not None:
        rows = _labelled(rows, settings.label_from)
    for path in settings.join:
        rows = _joined(rows, path, settings.columns)
    if "smiler" in rows.names:
        return rows
    if optional:
        alone = Finding(
            "smilers", f"not named: each video is taken as another smiler's ({SETTING.names_from})", "warning"
        )
        return replace(rows, names={**rows.names, "smiler": rows.names["video"]}, findings=(*rows.findings, alone))
    first = rows.names["video"].at(0)
    raise ReadError(
        f"{rows.file}: who smiles is not named, for video {first!r}. Videos of one person must be kept together in folds.",
        hint=f"Name the smiler by a column ({SETTING.participant}), by a pattern on names of files ({SETTING.names_from} "
        f"'file: {{participant}}_{{label}}_*'), or by a table of the videos ({SETTING.join}).",
        setting="participant",
    )


def _by_pattern(rows: FaceRows, text: str) -> FaceRows:
    source, rule = source_and_rule(text, "names_from")
    holder, pattern = _holder(rows, source, "names_from"), compiled(rule, "names_from")
    found = [pattern.parts(_stem(name, rule)) for name in holder.names]
    for name, parts in zip(holder.names, found, strict=True):
        if parts is None:
            raise SettingsError(
                f"{rows.file}: the {source} {name!r} does not fit the pattern {rule!r} (names_from). Change the pattern, or "
                "take this one out.",
                setting="names_from",
            )
    parts_found = {str(part) for parts in found if parts for part in parts}
    if unknown := sorted(parts_found - ROLES.keys()):
        raise SettingsError(f"names_from: videos of faces have no {unknown[0]}. Parts are {listed(ROLES)}.")
    names = dict(rows.names)
    for part in sorted(parts_found):
        texts = [{str(role): text for role, text in (parts or {}).items()} for parts in found]
        names[ROLES[part]] = _renamed(holder, [one.get(part, "") for one in texts])
    said = Finding(f"names from the {source}", f"{rule}: {listed(sorted(parts_found))}", "given")
    return replace(rows, names=names, findings=(*rows.findings, said))


def _labelled(rows: FaceRows, text: str) -> FaceRows:
    source, rule = source_and_rule(text, "label_from")
    holder, choices = _holder(rows, source, "label_from"), choices_of(rule)
    labels = []
    for name in holder.names:
        label = next((one for pattern, one in choices.items() if fnmatch.fnmatchcase(name.casefold(), pattern)), None)
        if label is None:
            raise SettingsError(
                f"{rows.file}: the {source} {name!r} fits none of the patterns {listed(map(repr, choices))} (label_from). "
                "End with '* = CLASS' for all others.",
                setting="label_from",
            )
        labels.append(label)
    said = Finding(f"class from the {source}", rule, "given")
    names = {**rows.names, "label": _renamed(holder, labels)}
    return replace(rows, names=names, findings=(*rows.findings, said))


def _joined(rows: FaceRows, path: str, columns: tuple[str, ...]) -> FaceRows:
    """Names and columns from a table with a row for each video, or for each smiler."""
    given = Given(Path(path))
    if not given.is_file:
        raise ReadError(f"{path}: there is no such file ({SETTING.join}).")
    table = headed(load_table(given))
    at = tracker_table.heads_of(table)
    key = next((head for head in KEYS if head in at), None)
    own = {role: head for role, heads in VALUES.items() if (head := next((h for h in heads if h in at), None))}
    whose, plain = "video", _bare
    if key is None and "smiler" in own and "smiler" in rows.names:
        key, whose, plain = own.pop("smiler"), "smiler", _as_written
    kept = heading_of((one for one in columns if role_of(one) not in rows.names), table.heads or ())
    column_of = {role: at[head] for role, head in own.items()} | {role_of(one): place for one, place in kept.items()}
    if key is None or not column_of:
        raise ReadError(
            f"{path}: a table of videos has a column {' or '.join(KEYS)}, and smiler, label or stimulus, or a column to be "
            f"kept ({SETTING.columns}), which may also stand in a table of smilers; it has {listed(table.heads or (), 12)}."
        )
    keys = [plain(name) for name in tracker_table.texts(table, at[key])]
    if twice := next((name for name in keys if keys.count(name) > 1), None):
        raise ReadError(f"{path}: a {whose} must stand once in a table of {whose}s; {twice!r} does not.")
    row_of = {name: row for row, name in enumerate(keys)}
    holder = rows.names[whose]
    if lost := next((name for name in holder.names if plain(name) not in row_of), None):
        raise ReadError(
            f"{path}: there is no row for the {whose} {lost!r} of {rows.file}. Its first row is for {keys[0]!r}."
        )
    names = dict(rows.names)
    for role, column in column_of.items():
        cells = tracker_table.texts(table, column)
        names[role] = _renamed(holder, [cells[row_of[plain(name)]] for name in holder.names])
    said = Finding("joined table", f"{path}: {listed(column_of)}, by {key}", "given")
    return replace(rows, names=names, findings=(*rows.findings, said))


def _as_written(name: str) -> str:
    return name


def _bare(name: str) -> str:
    """A video's name without the suffix of a file, in lower case, so that `a.mp4`, `a.csv` and `A` are the same."""
    path = PurePath(name.casefold())
    suffix = path.suffix
    return path.stem if suffix[1:].isalnum() and not suffix[1:].isdigit() and len(suffix) <= 5 else path.name


def _stem(name: str, rule: str) -> str:
    return name if "." in rule else _without_suffix(name)


def _without_suffix(name: str) -> str:
    path = PurePath(name)
    return path.stem if path.suffix.lower() in (".csv", ".txt", ".mp4", ".mov", ".avi", ".webm") else name


def _holder(rows: FaceRows, source: str, setting: str) -> Names:
    role = ROLES.get(source, source)
    if role not in rows.names:
        there = listed(rows.names) if rows.names else "none"
        raise SettingsError(
            f"{rows.file}: frames have no {source} ({setting}). The names that they have: {there}.", setting=setting
        )
    return rows.names[role]


def _renamed(holder: Names, names: list[str]) -> Names:
    """Other names for those that rows have, in their order."""
    new = Names.of(names)
    return Names(np.asarray(new.codes[holder.codes], np.int64), new.names)

"""A mapping file: how recordings are read, in TOML. `check --save-mapping` writes one, `--mapping` reads it.

It holds every setting in effect, what was given and what was recognised, so that other files are read in the same way; its
comments say how each was settled.
"""

import difflib
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from pathlib import Path

from smilejax._util.errors import SettingsError, listed
from smilejax._util.files import claim, write_atomically
from smilejax._util.typed_json import JsonObject, JsonTypeError, JsonValue, decode_dataclass
from smilejax.recordings.any_recording import AnyRecording
from smilejax.recordings.faces import Faces
from smilejax.recordings.source import Finding, ReadAs, Source
from smilejax.recordings.trials import Trials
from smilejax.settings import ReadSettings, to_json
from smilejax.settings.checks import require_kind, require_path

NAMES = tuple(field.name for field in fields(ReadSettings))
TABLES = ("events", "join", "exclude")
"""Settings that name files, in a mapping file relative to it."""

OF_ONE_FILE = (*TABLES, "sheet", "columns")
"""Settings of these recordings alone: a model does not read others by them."""

FOUND_AS = {"layout": "layout", "unit": "pupil unit", "time_unit": "time unit", "classes": "labels"}
"""What the finding of a setting is called, where not `column: SETTING`."""


def read_as(settings: ReadSettings, layout: str, findings: tuple[Finding, ...]) -> ReadAs:
    """What was given and what was recognised, to be kept with the recording."""
    usual = to_json(ReadSettings())
    given = {name: value for name, value in to_json(settings).items() if value != usual[name]}
    found: JsonObject = {} if " " in layout else {"layout": layout}
    for finding in findings:
        if finding.sets is not None and finding.how not in ("given", "warning"):
            name, value = finding.sets
            found[name] = list(value) if isinstance(value, tuple) else value
    return ReadAs(given, {name: value for name, value in found.items() if name not in given})


def settings_in_effect(kept: ReadAs) -> ReadSettings:
    """The settings under which a recording is read as it was."""
    return settings_from({**kept.recognised, **kept.given}, "the settings kept with the recording")


def settings_from(values: Mapping[str, object], where: str) -> ReadSettings:
    """Settings from their names and values; those that are left out have their defaults.

    Arguments:
        where: what messages begin with.

    Raises:
        SettingsError: a name that is no setting, or a value that it cannot have.
    """
    for name in values:
        if name not in NAMES:
            close = difflib.get_close_matches(str(name), NAMES)
            hint = f"Is it {' or '.join(close)}?" if close else f"There are {listed(NAMES, most=len(NAMES))}."
            raise SettingsError(f"{where}: {name!r} is no setting of reading.", hint=hint)
    usual = to_json(ReadSettings())
    single = {n: [v] if isinstance(v, str) and isinstance(usual[n], list) else v for n, v in values.items()}
    try:
        return decode_dataclass(ReadSettings, {**usual, **single})
    except (JsonTypeError, SettingsError) as error:
        marked = error.marked if isinstance(error, SettingsError) else str(error)
        raise SettingsError(f"{where}: {marked}") from error


def load_mapping(path: str | Path) -> ReadSettings:
    """The settings in a mapping file. Paths in it are relative to its folder.

    Raises:
        SettingsError: naming the file, and the key that is unknown or has a value that it cannot have.

    Example:
        >>> smilejax.read("new.csv", smilejax.readers.load_mapping("map.toml"))    # doctest: +SKIP
    """
    require_path(path, "path")
    path = Path(path)
    values, lines = mapping_lines(path)
    for name, value in values.items():  # one by one, so that the message names the line
        settings_from({name: value}, f"{path}, line {lines.get(name, 1)}")
    settings = settings_from(values, str(path))
    return _with_tables(settings, lambda name: os.path.normpath(path.parent / name))


def mapping_lines(path: Path) -> tuple[dict[str, JsonValue], dict[str, int]]:
    """The names and values in a mapping file, and the line of each name, from 1.

    Raises:
        SettingsError: it cannot be read, or is no TOML.
    """
    try:
        text = path.read_bytes().decode("utf-8")
        values = tomllib.loads(text)
    except OSError as error:
        raise SettingsError(f"{path}: the mapping file cannot be read ({error.strerror or error}).") from error
    except (ValueError, RecursionError) as error:  # of TOML and of UTF-8
        hint = "Each line is NAME = VALUE; `smilejax check DATA --save-mapping FILE` writes one."
        raise SettingsError(f"{path}: this is no mapping file ({error}).", hint=hint) from error
    lines: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), 1):
        lines.setdefault(line.partition("=")[0].strip().strip("\"'"), number)
    return values, lines


def save_mapping(trials: AnyRecording, path: str | Path, *, overwrite: bool = False) -> Path:
    """Write how recordings were read as a mapping file, and return its absolute path.

    Arguments:
        trials: as `read` gave them.
        overwrite: whether an existing file may be replaced.

    Raises:
        SettingsError: the trials were not read from a file or a table.
        OutputError: something stands there, or the place cannot be written.
    """
    require_kind(trials, "trials", (Trials, Faces))
    require_path(path, "path")
    if trials.source.read is None:
        raise SettingsError("these trials were not read from a file, so that there is nothing to map.")
    to = claim(Path(path), overwrite=overwrite, what="file")
    text = mapping_text(trials.source, to.parent)
    write_atomically(to, lambda file: _write(file, text))
    return to


def mapping_text(source: Source, folder: Path) -> str:
    """The lines of a mapping file.

    Arguments:
        source: of recordings that were read.
        folder: in which the file will stand.
    """
    kept = source.read
    assert kept is not None
    settings = _with_tables(settings_in_effect(kept), lambda name: _relative(Path(name), folder))
    values = to_json(settings)
    usual = to_json(ReadSettings())
    words = {finding.what: finding for finding in source.findings}
    lines = [
        "# How recordings are read: smilejax check DATA --mapping THIS_FILE, and so for every other command.",
        "# What is left out is recognised in each file anew. `smilejax check --help-all` says what each setting is.",
        "",
    ]
    for name in NAMES:
        if name == "classes" or values[name] != usual[name]:
            found = words.get(FOUND_AS.get(name, f"column: {name}"))
            unsaid = "recognised" if name in kept.recognised else "default"
            how = "given" if name in kept.given else unsaid if found is None else found.how
            said = f"{how}: {found.value}" if found is not None else how
            lines.append(f"{name} = {toml_value(values[name])}  # {_comment(said)}")
    lines += ["", f"# Read so: {_comment(source.name)}"]
    lines += [f"# {_comment(f'{f.what}: {f.value} ({f.how})')}" for f in source.findings]
    return "\n".join(lines) + "\n"


def toml_value(value: JsonValue) -> str:
    """A value as TOML writes it.

    Example:
        >>> toml_value(["Easy", "so \\"hard\\""]), toml_value(60.0), toml_value(True)
        ('["Easy", "so \\\\"hard\\\\""]', '60.0', 'true')
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, str):
        return '"' + "".join(_escaped(char) for char in value) + '"'
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(toml_value, value)) + "]"
    raise TypeError(f"a mapping file cannot hold {value!r}")


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    return f"\\u{ord(char):04x}" if ord(char) < 32 or ord(char) == 127 else char


def _comment(text: str) -> str:
    """A text on one line, without the signs that TOML forbids in comments."""
    return "".join(" " if ord(c) < 32 or ord(c) == 127 else c for c in text)


def _with_tables(settings: ReadSettings, changed: Callable[[str], str]) -> ReadSettings:
    def of(name: str | None) -> str | None:
        return None if name is None else changed(name)

    join = tuple(changed(name) for name in settings.join)
    return replace(settings, events=of(settings.events), exclude=of(settings.exclude), join=join)


def _relative(path: Path, folder: Path) -> str:
    """A path as seen from a folder; whole where it stands on another drive."""
    whole = path.expanduser().absolute()
    try:
        return Path(os.path.relpath(whole, folder)).as_posix()
    except ValueError:
        return whole.as_posix()


def _write(path: Path, text: str) -> None:
    try:
        path.write_bytes(text.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise SettingsError(f"a name cannot be written in a mapping file ({error}).") from error


def for_new_recordings(kept: Mapping[str, object]) -> ReadSettings:
    """How a model reads new recordings: by the settings that were given for its own, but for those of its files alone, and by
    the columns that were recognised there. Layout and units are recognised anew.

    Arguments:
        kept: `Source.read` as JSON.

    Raises:
        SettingsError: it is not what `Source.as_json` writes.
    """
    given, found = kept.get("given"), kept.get("recognised")
    if not isinstance(given, Mapping) or not isinstance(found, Mapping):
        raise SettingsError("the settings of reading that are kept with the model are damaged.")
    anew = ("layout", "unit", "time_unit", "orientation")
    values = {name: value for name, value in found.items() if name not in anew}
    values |= {name: value for name, value in given.items() if name not in OF_ONE_FILE}
    return settings_from(values, "the settings of reading kept with the model")

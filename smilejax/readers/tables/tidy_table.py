"""The tidy layout: one row per sample, columns for participant, trial, time, pupil and label."""

from functools import partial

import numpy as np
import numpy.typing as npt

from smilejax._util.errors import SETTING, ReadError
from smilejax.readers.columns import (
    blink_columns,
    cell_values,
    chosen_columns,
    column_roles,
    imotions_export,
    table_columns,
    table_events,
    timestamps,
)
from smilejax.readers.columns.column_roles import ColumnRoles
from smilejax.readers.columns.eye_rows import EYE_WORDS, pair_eye_rows
from smilejax.readers.files import raw_table
from smilejax.readers.files.large_text import Columns
from smilejax.readers.files.raw_table import RawTable
from smilejax.readers.given import Given
from smilejax.readers.samples import Samples, Time
from smilejax.readers.used_settings import ADDED, PUPILS
from smilejax.recordings.face_measures import FACE_MEASURES, PUPIL_MEASURES
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

NAME = "tidy"
WORDS = "one row per sample"
SOFTWARE = "smilejax, PupillometryR, gazeR, R and Python scripts"
LIMITS = "columns recognised by their headings, in English; others are named by options"
USES = ADDED | PUPILS | {"eye", "blink", "blink_left", "blink_right"}


def recognises(given: Given, settings: ReadSettings) -> bool:
    """Whether it is a DataFrame, or a file but for JSON."""
    return given.frame is not None or (given.is_file and given.suffix not in (".json", ".jsonl"))


def read(given: Given, settings: ReadSettings) -> Samples:
    """Read a table with one row per sample. Rows of a trial need not be adjacent.

    Raises:
        ReadError: with file, line and column of what cannot be read, and a hint.
    """
    if (above := imotions_export.lines_above(given)) is not None:
        return imotions_export.pupils_of(given, above, settings)
    loaded = raw_table.load_table(given, settings.sheet, columns=partial(used_columns, given.name, settings=settings))
    return of_table(raw_table.without_empty_rows(raw_table.headed(loaded)), settings)


def used_columns(name: str, heads: tuple[str, ...], settings: ReadSettings) -> Columns:
    """The columns of a table `name` that play a role.

    Raises:
        ReadError: where a column named in the settings is not there, or serves two roles.
    """
    return chosen_columns.of_roles(column_roles.recognise(name, heads, settings), settings)


def of_table(table: RawTable, settings: ReadSettings) -> Samples:
    """The samples in a table with headings.

    Raises:
        ReadError: with file, line and column of what cannot be read, and a hint.
    """
    heads = table.heads or ()
    roles = column_roles.recognise(table.name, heads, settings)
    _require_pupil(table, roles)
    pupil, eyes = table_columns.pupils(table, roles, settings)
    samples = Samples(
        file=table.name,
        place=table.place,
        line=table.line,
        pupil=pupil,
        eyes=eyes,
        units=roles.units,
        time=_time(table, roles, settings),
        names=table_columns.table_names(table, roles),
        blink=blink_columns.of_rows(table, roles, settings.decimal),
        events=table_events.events_of_column(table, roles, settings),
        zero=_zero(table, roles, settings),
        findings=(*table.findings, *roles.findings),
        unused=roles.unused(heads),
    )
    return samples if "eye" not in roles.at else _one_row_per_sample(samples, table, roles)


def _require_pupil(table: RawTable, roles: ColumnRoles) -> None:
    if not {"left", "right", "pupil"} & roles.at.keys():
        heads = table.heads or ()
        if of_faces := [head for head in heads if head in FACE_MEASURES and head not in PUPIL_MEASURES]:
            raise ReadError(
                f"{table.name}: no column with the pupil was recognised. Columns such as {of_faces[0]!r} measure faces, and a "
                "table of faces has a column video, which is absent.",
                hint=f"Add it, or name yours: {SETTING.layout} faces {SETTING.trial} NAME.",
            )
        hint = column_roles.option("pupil", heads)
        raise ReadError(f"{table.name}: no column with the pupil was recognised. {hint}")


def _time(table: RawTable, roles: ColumnRoles, settings: ReadSettings) -> Time | None:
    if "time" not in roles.at:
        return None
    return timestamps.time_of_column(table, roles.at["time"], roles.time_unit, settings)


def _zero(table: RawTable, roles: ColumnRoles, settings: ReadSettings) -> npt.NDArray[np.float64] | None:
    if "onset" not in roles.at or "time" not in roles.at:
        return None
    return cell_values.numbers(table, roles.at["onset"], settings.decimal, settings.thousands)


def _one_row_per_sample(samples: Samples, table: RawTable, roles: ColumnRoles) -> Samples:
    """A table with a row for each eye, as one with a row for both."""
    codes, names = cell_values.names(table, roles.at["eye"])
    heading = cell_values.heading(table, roles.at["eye"])
    numbered = "id" in column_roles.squeezed((table.heads or ())[roles.at["eye"]])
    sides = [EYE_WORDS.get(name.casefold()) for name in names]
    if numbered and set(names) <= {"0", "1"}:  # Pupil Labs: eye 0 is the right one
        sides = [("right", "left")[int(name)] for name in names]
    unknown = [name for name, side in zip(names, sides, strict=True) if side is None]
    if unknown:
        row = int(np.argmax(codes == names.index(unknown[0])))
        raise ReadError(
            f"{table.at(row)}, column {heading}: the eye must be left or right (or L, R); the cell holds {unknown[0]!r}."
        )
    left = np.array([side == "left" for side in sides])[codes]
    said = ", ".join(f"{name} = {side}" for name, side in zip(names, sides, strict=True))
    return pair_eye_rows(samples, left, Finding("eyes", f"a row for each eye: {said}", "recognised"))

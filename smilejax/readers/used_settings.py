"""Which settings of reading a reader uses: those of all readers, and groups of them that readers name as theirs.

What is given and not used would be believed to have been used. `USES` of a reader is therefore checked: `refuse_unused` refuses
any other setting that is not at its default.
"""

from dataclasses import fields

from smilejax._util.errors import SETTING
from smilejax.settings import ReadSettings

OF_ALL = frozenset(
    (
        *(
            "classes",
            "layout",
            "label_from",
            "names_from",
            "trials_from",
            "events",
            "window_ms",
            "join",
            "columns",
            "exclude",
        ),
        *("unit", "area", "missing", "rate_hz"),
    )
)
"""Settings that are used for every layout, once its samples are read."""

NAMES = frozenset(("participant", "trial", "label", "stimulus", "smiler"))
"""Columns (EyeLink: variables) with names of rows."""

TEXTS = frozenset(("decimal", "thousands", "sheet"))
"""How the cells of a table are written, and where it stands."""

ADDED = frozenset((*NAMES, "onset", "message", "time", "time_unit", *TEXTS))
"""Of a tracker's table whose pupils are found by the tracker's own headings: its clock, and what a laboratory added."""

PUPILS = frozenset(("left", "right", "pupil", "recorded_eye"))
"""Of a table whose pupils may stand under other headings."""

WHY: dict[str, str] = {
    **dict.fromkeys(
        sorted(NAMES),
        f"names do not stand in columns there; {SETTING.names_from}, {SETTING.label_from}, {SETTING.trials_from} and "
        f"{SETTING.join} give them",
    ),
    **dict.fromkeys(("left", "right", "pupil", "eye"), "which values are which eye's pupil is fixed by the format"),
    **dict.fromkeys(("time", "time_unit"), "the time and its unit are fixed by the format"),
    **dict.fromkeys(("blink", "blink_left", "blink_right"), "which samples are in a blink is fixed by the format"),
    "recorded_eye": "the format says which eye was recorded",
    "onset": f"onsets do not stand in a column there; {SETTING.events}, {SETTING.trials_from} and {SETTING.join} give them",
    "message": "messages are fixed by the format",
    "orientation": "it is for tables of which a trial may be a row or a column",
    "sheet": "it names a sheet of a workbook, and this is none",
    "decimal": "numbers are not written as text there",
    "thousands": "numbers are not written as text there",
}
"""Why a layout does not use a setting, and what gives the same, after 'is not used: '."""

IN_ORDER = tuple(field.name for field in fields(ReadSettings))
"""All settings of reading."""

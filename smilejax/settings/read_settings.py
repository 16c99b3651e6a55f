"""How a file of recordings is to be read."""

from dataclasses import dataclass
from typing import Literal

from smilejax._util.errors import SETTING
from smilejax.settings.checks import hold_floats, hold_tuple, is_number, require, require_choice, require_number


@dataclass(frozen=True)
class ReadSettings:
    """How a file of recordings is to be read. What is None is recognised or inferred."""

    classes: tuple[str, str] = ("posed", "genuine")
    """The two classes as the file writes them; the second is the positive one."""
    layout: str | None = None
    """Name of the layout, where it is not recognised: tidy (one row per sample), four-tables; another name lists all."""
    participant: str | None = None
    """Column with the participant."""
    trial: str | None = None
    """Column with the trial."""
    time: str | None = None
    """Column with the time."""
    left: str | None = None
    """Column with the left pupil."""
    right: str | None = None
    """Column with the right pupil."""
    label: str | None = None
    """Column with the class."""
    stimulus: str | None = None
    """Column with the stimulus."""
    smiler: str | None = None
    """Column with the smiler, the person seen in the stimulus."""
    blink: str | None = None
    """Column with the blinks that the tracker reports, of both eyes."""
    blink_left: str | None = None
    """Column with the blinks that the tracker reports, of the left eye."""
    blink_right: str | None = None
    """Column with the blinks that the tracker reports, of the right eye."""
    time_unit: Literal["s", "ms", "us", "ns"] | None = None
    """Unit of the time column."""
    unit: Literal["mm", "au", "px"] | None = None
    """Unit of the pupil: mm, au (arbitrary) or px."""
    missing: tuple[float, ...] = ()
    """Numbers that mark a missing sample, in addition to empty cells, NaN, zero and negative numbers."""
    rate_hz: float | None = None
    """Samples per second, where the file has no time."""
    orientation: Literal["column", "row"] | None = None
    """four-tables: whether a trial is a column or a row."""
    decimal: Literal[".", ","] = "."
    """Decimal mark of numbers in text files: point or comma."""
    sheet: str | None = None
    """Sheet of a workbook that holds a tidy table; by default the first."""

    def __post_init__(self) -> None:
        for name in ("classes", "missing"):
            hold_tuple(self, name)
        names = self.classes
        ok = len(names) == 2 and all(isinstance(n, str) and n.strip() for n in names)
        ok = ok and names[0].strip().casefold() != names[1].strip().casefold()
        require(
            ok,
            "classes",
            "two different words",
            names,
            'Give both, as ("Easy", "Hard"); the second is the positive one.',
        )
        require_number(self, "rate_hz", 0, open_low=True, optional=True)
        for value in self.missing:
            require(is_number(value), "missing", "finite numbers", value)
        hold_floats(self, "missing")
        # The layouts that exist are listed in the table of readers, which refuses other names.
        require(
            self.layout is None or isinstance(self.layout, str),
            "layout",
            f"the name of a layout or {SETTING.none}",
            self.layout,
        )
        require_choice(self, "time_unit", ("s", "ms", "us", "ns"), optional=True)
        require_choice(self, "unit", ("mm", "au", "px"), optional=True)
        require_choice(self, "orientation", ("column", "row"), optional=True)
        require_choice(self, "decimal", (".", ","))

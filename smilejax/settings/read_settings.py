"""How a file of recordings is to be read."""

from dataclasses import dataclass
from typing import Literal

from smilejax._util.errors import SETTING
from smilejax.settings.checks import hold_floats, hold_tuple, is_number, require, require_choice, require_number


@dataclass(frozen=True)
class ReadSettings:
    """How a file of recordings is to be read. What is None is recognised or inferred."""

    classes: tuple[str, str] = ("posed", "genuine")
    """The two classes as the file writes them; the second is the positive one. Trials of other classes are left out
    and counted."""
    layout: str | None = None
    """Name of the layout, where it is not recognised, such as tidy (one row per sample); another name lists all."""
    participant: str | None = None
    """Column with the participant."""
    trial: tuple[str, ...] = ()
    """Column with the trial, or several that name it together, as block and trial."""
    time: str | None = None
    """Column with the time."""
    left: str | None = None
    """Column with the left pupil."""
    right: str | None = None
    """Column with the right pupil."""
    pupil: str | None = None
    """Column with the pupil, where it names no eye."""
    eye: str | None = None
    """Column with the eye of each row, where the pupils of both eyes stand in one column."""
    recorded_eye: Literal["left", "right"] | None = None
    """Which eye was recorded, where the file does not say it."""
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
    onset: str | None = None
    """Column with the time of the trial's onset on the clock of the samples: time zero."""
    message: str | None = None
    """Column with messages or events."""
    label_from: str | None = None
    """Class by a name: `sheet: A* = fake, * = real`, the first pattern that fits; the name is sheet, file, trial or
    stimulus."""
    names_from: tuple[str, ...] = ()
    """Names by a pattern with parts, as `file: sub-{participant}_{trial}` or `sheet: {stimulus}`."""
    trials_from: str | None = None
    """Trials of a continuous recording, by its messages: a pattern with parts, as `ONSET_{label}_{stimulus}`; time
    zero is there."""
    events: str | None = None
    """Table of events of a continuous recording: columns onset, duration, and label (or trial_type), stimulus,
    participant, trial."""
    window_ms: tuple[float, float] | None = None
    """Which part of a trial is used, from and to, in ms relative to onset; None is all of it."""
    join: tuple[str, ...] = ()
    """Further tables with labels, stimuli or onsets, joined by the columns that they share with the recordings."""
    columns: tuple[str, ...] = ()
    """Columns of the file, or of a table that is joined, to be kept: one value for each trial, as age, sex or a fold."""
    exclude: str | None = None
    """Table of trials to leave out: participant, trial (empty for all of a participant), reason, blind (yes or no: whether
    its class was hidden then). `smilejax app` writes one."""
    time_unit: Literal["s", "ms", "us", "ns"] | None = None
    """Unit of the time column."""
    unit: Literal["mm", "um", "m", "cm", "au", "px"] | None = None
    """Unit of the pupil: a diameter in mm, um, m or cm (all converted to mm), au (arbitrary) or px."""
    area: bool = False
    """The pupil is an area: take the diameter of a circle of this area."""
    missing: tuple[float, ...] = ()
    """Numbers that mark a missing sample, in addition to empty cells, NaN, zero and negative numbers."""
    rate_hz: float | None = None
    """Samples per second, where the file has no time."""
    orientation: Literal["column", "row"] | None = None
    """Tables without one row per sample: whether a trial is a column or a row."""
    decimal: Literal[".", ","] = "."
    """Decimal mark of numbers in text files, the sign itself: a point or a comma."""
    thousands: Literal[",", "."] | None = None
    """Mark between thousands in numbers of text files; None where there is none."""
    sheet: str | None = None
    """The only sheet of a workbook to be read; by default every one that holds recordings."""

    def __post_init__(self) -> None:
        for name in ("trial", "names_from", "join", "columns"):
            if isinstance(getattr(self, name), str):  # one name, as one writes it in Python
                object.__setattr__(self, name, (getattr(self, name),))
        for name in ("classes", "missing", "trial", "names_from", "join", "columns"):
            hold_tuple(self, name)
        named = all(isinstance(one, str) and one.strip() for one in self.columns)
        require(named, "columns", "names of columns", self.columns)
        names = self.classes
        ok = len(names) == 2 and all(isinstance(n, str) and n.strip() for n in names)
        ok = ok and names[0].strip().casefold() != names[1].strip().casefold()
        require(
            ok,
            "classes",
            "two different words",
            names,
            "Give both labels of the file, the positive one second.",
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
        require_choice(self, "unit", ("mm", "um", "m", "cm", "au", "px"), optional=True)
        require_choice(self, "recorded_eye", ("left", "right"), optional=True)
        require_choice(self, "thousands", (",", "."), optional=True)
        if self.thousands is not None:
            require(self.thousands != self.decimal, "thousands", f"another mark than {SETTING.decimal}", self.thousands)
        if self.window_ms is not None:
            hold_tuple(self, "window_ms")
            ok = (
                len(self.window_ms) == 2
                and all(map(is_number, self.window_ms))
                and self.window_ms[0] < self.window_ms[1]
            )
            require(ok, "window_ms", "two numbers, the first below the second", self.window_ms)
            hold_floats(self, "window_ms")
        require_choice(self, "orientation", ("column", "row"), optional=True)
        require_choice(self, "decimal", (".", ","))

"""Which column plays which role, recognised by its heading regardless of case, punctuation and unit."""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax.readers.samples import PupilUnit, TimeUnit
from smilejax.recordings.source import Finding
from smilejax.settings import ReadSettings

Blink = Literal["blink", "blink_left", "blink_right"]
Role = (
    Literal["participant", "trial", "block", "time", "left", "right", "pupil", "eye", "label", "stimulus", "smiler"]
    | Blink
    | Literal["onset", "message"]
)
ROLES: tuple[Role, ...] = (
    *("participant", "trial", "block", "time", "left", "right", "pupil", "eye", "label", "stimulus", "smiler"),
    *("blink_left", "blink_right", "blink", "onset", "message"),
)

# Keys are casefolded NFKC text: both micro signs, U+00B5 and U+03BC, become U+03BC.
TIME_UNITS: dict[str, TimeUnit] = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("ms", "msec", "msecs", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("us", "\u03bcs", "usec", "microsecond", "microseconds"), "us"),
    **dict.fromkeys(("ns", "nsec", "nanosecond", "nanoseconds"), "ns"),
}
PUPIL_UNITS: dict[str, PupilUnit] = {
    **dict.fromkeys(("mm", "millimeter", "millimeters", "millimetre", "millimetres"), "mm"),
    **dict.fromkeys(("px", "pixel", "pixels"), "px"),
    **dict.fromkeys(("au", "arb", "arbitrary"), "au"),
    **dict.fromkeys(("um", "\u03bcm", "micrometer", "micrometers", "micrometre", "micrometres"), "um"),
    **dict.fromkeys(("m", "meter", "meters", "metre", "metres"), "m"),
    **dict.fromkeys(("cm", "centimeter", "centimetre"), "cm"),
    **dict.fromkeys(("mm2", "mm\u00b2", "sqmm"), "mm2"),
    **dict.fromkeys(("px2", "pixels2"), "px2"),
}
"""Units of the pupil in headings: diameters and areas."""


def _numbered(*words: str) -> list[str]:
    """`subject` stands also for `subjectid`, `subjectname`, `subjectno` and so on."""
    endings = ("", "id", "name", "code", "no", "nr", "num", "number", "index")
    return [word + ending for word in words for ending in endings]


def _of_side(side: str, letter: str) -> list[str]:
    """Spellings of one eye's pupil, the clearer first: LPupil, pupil_left, diam_l, `Left pupil diameter`."""
    cores = ("pupil", "pupildiameter", "pupildiam", "pupildia", "pupilsize", "diameter", "diam", "dia", "psize", "pmm")
    eyes = (side, letter, side + "eye", "eye" + side)
    joined = [name for core in cores for eye in eyes for name in (eye + core, core + eye)]
    split = [f"pupil{eye}{core}" for core in ("diameter", "diam", "dia", "size") for eye in (side, letter)]
    return joined + split + list(eyes)


BLINK_IDS = ("blinkid", "bkid")
"""Headings of columns that number the blinks, squeezed: Neon's `blink id`, Gazepoint's `BKID`."""

_BLINKS = ("blink", "isblink", "inblink", "blinking", "isblinking", "blinkflag", *BLINK_IDS)


def _blink_of_side(side: str, letter: str) -> list[str]:
    """Spellings of one eye's blinks, the clearer first: blink_left, L_Blink, LEFT_IN_BLINK, `Blink (left eye)`."""
    eyes = (side, letter, side + "eye", "eye" + side)
    return [name for core in _BLINKS for eye in eyes for name in (core + eye, eye + core)]


ALIASES: dict[Role, list[str]] = {
    "participant": [
        *_numbered("participant", "subject", "subj", "observer", "ppt", "pp", "sub", "viewer"),
        *("user", "id"),
    ],
    "trial": _numbered("trial", "item"),
    "block": _numbered("block", "session", "run", "part"),
    "eye": ["eyeid", "eye", "whicheye", "recordedeye", "eyetracked", "eyeside"],
    "onset": [
        *(
            "onset",
            "onsettime",
            "trialonset",
            "stimulusonset",
            "stimonset",
            "trialstarttime",
            "ipstarttime",
            "starttime",
        ),
    ],
    "message": ["message", "messages", "event", "eventname", "msg", "marker", "samplemessage", "trigger"],
    "time": [
        *("time", "recordingtimestamp", "timestamp", "eyetrackertimestamp", "devicetimestamp", "systemtimestamp"),
        *("pupiltimestamp", "trialtime", "sampletime", "t"),
    ],
    "left": _of_side("left", "l"),
    "right": _of_side("right", "r"),
    "label": [
        *("label", "class", "condition", "category", "smiletype", "smile", "smilecondition", "expression"),
        *("authenticity", "type", "trialtype", "cond"),
    ],
    "stimulus": [
        *_numbered("stimulus", "stim"),
        *("presentedstimulusname", "presentedmedianame"),
        *_numbered("media", "video", "clip", "movie", "film"),
    ],
    "smiler": _numbered("smiler", "actor", "actress", "poser", "face", "identity"),
    "blink": [*_BLINKS, "eyeblink", "eyesblink", "averageinblink"],
    "blink_left": _blink_of_side("left", "l"),
    "blink_right": _blink_of_side("right", "r"),
    "pupil": [
        *("pupil", "pupildiameter", "pupilsize", "diameter3d", "pupildilation", "pupildiam", "diameter", "diam"),
        *("psize", "dilation", "averagepupilsize", "pupilmean", "meanpupil", "pupilarea"),
    ],
}
"""Headings of each role, squeezed to letters and digits, the better ones first."""

BARE = {
    "left": ("left", "l", "lefteye", "leye", "eyeleft", "eyel"),
    "right": ("right", "r", "righteye", "reye", "eyeright", "eyer"),
}
"""Headings that name an eye and no pupil. They count where both eyes have one, or no other column can be the pupil:
alone, `R` is
as likely a response."""


OTHER_LANGUAGES = {
    "left": ("links", "gauche", "izquierd", "sinistr", "esquerd", "vänster", "venstre", "vasen"),
    "right": ("rechts", "droit", "derech", "destr", "direit", "höger", "højre", "høyre", "oikea"),
}
"""Words for left and right in other languages, by which a hint names the columns that seem to be meant."""


@dataclass(frozen=True)
class Heading:
    """A heading as it is compared: spellings squeezed to letters and digits, and the unit written behind them."""

    spellings: tuple[str, ...]
    unit: str | None = None


@dataclass(frozen=True)
class ColumnRoles:
    """Positions of the roles, the units their headings name, and how each was settled.

    Arguments:
        at: position of the column of each role that the table has.
        trial: positions of the columns that name a trial together.
        time_unit: that the heading of the time names.
        units: that the headings of the left and right pupil (or of the one that names no eye, as left) name.
        findings: how each was settled.
    """

    at: dict[Role, int]
    trial: tuple[int, ...]
    time_unit: TimeUnit | None
    units: tuple[PupilUnit | None, PupilUnit | None]
    findings: tuple[Finding, ...]

    def unused(self, heads: Sequence[str]) -> tuple[str, ...]:
        """Headings of the columns that play no role."""
        used = {*self.at.values(), *self.trial}
        return tuple(head for column, head in enumerate(heads) if column not in used and head)


def parse(head: str, units: Sequence[str]) -> Heading:
    """Take a heading apart. `Recording timestamp [µs]` with the units of time is `recordingtimestamp` and `μs`.

    The unit stands in brackets (`[ms]`), behind punctuation (`time_ms`) or, from two letters up, at the end (`TimeMs`).
    """
    plain = unicodedata.normalize("NFKC", head).casefold()
    spellings = [squeezed(plain)]
    unit = None
    bracket = re.search(r"[\[(]([^\[\]()]*)[\])]?\s*$", plain)
    if bracket:
        inside, outside = squeezed(bracket[1]), squeezed(plain[: bracket.start()])
        if inside in units:
            return Heading((outside,), inside)
        if re.search(r"\d", inside):  # Gazepoint writes the date there: TIME(2020/01/31 10:00)
            spellings.append(outside)
    words = re.findall(r"[^\W_]+", plain)
    if len(words) > 1 and words[-1] in units:
        unit = words[-1]
        spellings.append("".join(words[:-1]))
    elif ending := next(
        (
            u
            for u in units
            if len(u) > 1 and spellings[0].endswith(u) and spellings[0] != u and not spellings[0].endswith(f"dia{u}")
        ),
        None,
    ):
        unit = ending
        spellings.append(spellings[0].removesuffix(ending))
    return Heading(tuple(spellings), unit)


@lru_cache(4096)
def squeezed(text: str) -> str:
    """A text as headings are compared: casefolded letters and digits."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())


def is_time(head: str) -> bool:
    """Whether a heading names a time."""
    return any(s in ALIASES["time"] for s in parse(head, tuple(TIME_UNITS)).spellings)


def time_unit(head: str) -> TimeUnit | None:
    """The unit of time a heading names, if any."""
    heading = parse(head, tuple(TIME_UNITS))
    return TIME_UNITS[heading.unit] if heading.unit else None


def recognise(name: str, heads: Sequence[str], settings: ReadSettings) -> ColumnRoles:
    """Settle the role of every column of the table `name` with these headings.

    A column named in the settings keeps to that role.

    Raises:
        ReadError: where a column named in the settings is not there, or serves two roles.
    """
    at: dict[Role, int] = {}
    findings: list[Finding] = []
    trial = tuple(_named(name, heads, "trial", wanted) for wanted in settings.trial)
    for role in ROLES:
        wanted = None if role in ("trial", "block") else getattr(settings, role)
        if wanted is None:
            continue
        at[role] = _named(name, heads, role, wanted)
        findings.append(Finding(f"column: {role}", repr(heads[at[role]]), "given"))
    if trial:
        at["trial"] = trial[0]
        findings.append(Finding("column: trial", " and ".join(repr(heads[c]) for c in trial), "given"))
    _check_apart(name, heads, at)
    taken = {*at.values(), *trial}
    for role in ROLES:
        if not _sought(role, at, settings):
            continue
        # A column of stimuli (or blocks) that names the trials stays one of stimuli.
        free = taken - set(trial) if role in ("stimulus", "block") else taken
        found = _matching(heads, role, ALIASES[role], free)
        found = _without_doubtful_eyes(heads, role, found, at, taken)
        if found:
            at[role] = found[0]
            taken.add(found[0])
            findings.append(_recognised(role, heads, found, trial))
    trial = trial or ((at["trial"],) if "trial" in at else ())
    return ColumnRoles(at, trial, _time_unit(heads, at), _pupil_units(heads, at), tuple(findings))


def with_roles(roles: ColumnRoles, kept: Collection[Role]) -> ColumnRoles:
    """The roles without those that a layout does not use; their columns count as not used."""
    findings = tuple(found for found in roles.findings if found.what.removeprefix("column: ") in (*kept, found.what))
    return replace(roles, at={role: column for role, column in roles.at.items() if role in kept}, findings=findings)


def option(role: Role, heads: Sequence[str]) -> str:
    """The hint where a role has no column: the option that names it, and the columns there are."""
    shown = listed([repr(h) for h in heads], 20)
    alone = " The whole first line is one column: its delimiter must be one of , ; tab |." if len(heads) == 1 else ""
    if _are_values(heads):
        return (
            f"Its first line holds numbers and no headings: {shown}. Put a line with the names of the columns above it."
        )
    eyes = _eyes_hint(heads) if role == "pupil" else ""
    return f"Name it with {flag(role)} NAME{eyes}. The columns are: {shown}.{alone}"


def _are_values(heads: Sequence[str]) -> bool:
    """Whether a first line holds values and no headings: several numbers, but not the times of a wide table."""
    numbers = []
    for head in heads:
        try:
            numbers.append(float(head))
        except ValueError:
            continue
    are_times = len(numbers) > 3 and numbers == sorted(numbers)
    return len(numbers) > 1 and not are_times


def _eyes_hint(heads: Sequence[str]) -> str:
    """How both eyes are named, with the columns that seem to be theirs in another language."""
    found = {
        side: next((head for head in heads if any(word in squeezed(head) for word in words)), None)
        for side, words in OTHER_LANGUAGES.items()
    }
    if None not in found.values():
        shown = " ".join(f"{flag('left' if side == 'left' else 'right')} {head!r}" for side, head in found.items())
        return f", or, if these are the eyes, {shown}"
    single = next((head for head in heads if "pupil" in squeezed(head)), None)
    seems = "" if single is None else f" (is it {single!r}?)"
    return f"{seems}, or where each eye has one, {SETTING.left} NAME {SETTING.right} NAME"


def flag(role: Role) -> str:
    """The setting that names a role's column, as errors name settings: `{blink_left}`."""
    return SETTING(role)


def _named(name: str, heads: Sequence[str], role: Role, wanted: str) -> int:
    exact = [i for i, head in enumerate(heads) if head == wanted]
    loose = [i for i, head in enumerate(heads) if head.strip().casefold() == wanted.strip().casefold()]
    for found in (exact, loose):
        if len(found) == 1:
            return found[0]
        if found:
            raise ReadError(f"{name}: {len(found)} columns are called {wanted!r} ({flag(role)}). Rename all but one.")
    raise ReadError(
        f"{name}: there is no column {wanted!r} ({flag(role)}). "
        f"The columns are: {listed([repr(h) for h in heads], 20)}.",
        setting=role,
    )


def _check_apart(name: str, heads: Sequence[str], at: dict[Role, int]) -> None:
    first: dict[int, Role] = {}
    for role, column in at.items():
        if column in first:
            raise ReadError(
                f"{name}: a column can play one role only; {heads[column]!r} was given for {flag(first[column])} and "
                f"{flag(role)}."
            )
        first[column] = role


def _sought(role: Role, at: dict[Role, int], settings: ReadSettings) -> bool:
    """Whether a role's column is to be recognised: of blinks, what was named for both eyes goes before what was not."""
    if role in at:
        return False
    if role == "blink":
        return not {"blink_left", "blink_right"} <= at.keys()
    if role == "pupil":
        return "left" not in at and "right" not in at
    if role in ("left", "right"):
        return "pupil" not in at
    return settings.blink is None or role not in ("blink_left", "blink_right")


def _without_doubtful_eyes(
    heads: Sequence[str], role: Role, found: list[int], at: dict[Role, int], taken: set[int]
) -> list[int]:
    """The columns found for an eye, without headings such as `R` where they are not those of a pair (see `BARE`)."""
    if role not in ("left", "right"):
        return found
    other: Role = "right" if role == "left" else "left"
    paired = other in at or bool(_matching(heads, other, ALIASES[other], taken))
    single = [c for c in found if set(parse(heads[c], _units(role)).spellings) & set(BARE[role])]
    letters = [c for c in single if min(map(len, parse(heads[c], _units(role)).spellings)) == 1]
    elsewhere = bool(_matching(heads, "pupil", ALIASES["pupil"], taken))
    named = _with_unit(heads, single)
    doubtful = set() if paired else {c for c in (single if elsewhere else letters) if c not in named}
    return [c for c in found if c not in doubtful]


def _with_unit(heads: Sequence[str], columns: list[int]) -> set[int]:
    """Of these columns the ones whose heading names a unit of the pupil: `R [mm]` is no response."""
    return {c for c in columns if parse(heads[c], tuple(PUPIL_UNITS)).unit is not None}


def _units(role: Role) -> tuple[str, ...]:
    return (
        tuple(TIME_UNITS)
        if role in ("time", "onset")
        else tuple(PUPIL_UNITS)
        if role in ("left", "right", "pupil")
        else ()
    )


def _matching(heads: Sequence[str], role: Role, aliases: Sequence[str], taken: set[int]) -> list[int]:
    """ColumnRoles whose heading is an alias of the role, the better alias first; of equals the earlier column."""
    ranked = []
    for column, head in enumerate(heads):
        ranks = [aliases.index(s) for s in parse(head, _units(role)).spellings if s in aliases]
        if ranks and column not in taken:
            ranked.append((min(ranks), column))
    return [column for _, column in sorted(ranked)]


def _recognised(role: Role, heads: Sequence[str], found: list[int], trial: tuple[int, ...]) -> Finding:
    over = f" (passed over: {listed([repr(heads[c]) for c in found[1:]])})" if len(found) > 1 else ""
    head = heads[found[0]]
    # What a setting could not name again: a heading that stands twice, a column that has another role too, a block.
    again = bool(head) and heads.count(head) == 1 and found[0] not in trial and role != "block"
    sets = (role, (head,) if role == "trial" else head) if again else None
    return Finding(f"column: {role}", f"{head!r}{over}", "recognised", sets)


def _time_unit(heads: Sequence[str], at: dict[Role, int]) -> TimeUnit | None:
    return time_unit(heads[at["time"]]) if "time" in at else None


def _pupil_units(heads: Sequence[str], at: dict[Role, int]) -> tuple[PupilUnit | None, PupilUnit | None]:
    def of(*roles: Role) -> PupilUnit | None:
        column = next((at[role] for role in roles if role in at), None)
        written = None if column is None else parse(heads[column], tuple(PUPIL_UNITS)).unit
        return None if written is None else PUPIL_UNITS[written]

    return of("left", "pupil"), of("right")

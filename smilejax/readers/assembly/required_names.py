"""What every recording must say: its time, and of each trial whose it is, which, and of what class."""

from smilejax._util.errors import SETTING, ReadError, listed
from smilejax.readers.assembly.trial_cutting import general_cut, message_kinds, suggested_cut
from smilejax.readers.assembly.viewings import in_file_names
from smilejax.readers.samples import NameRole, Samples
from smilejax.settings import ReadSettings


def require_names(samples: Samples, settings: ReadSettings, optional: bool) -> None:
    """Every trial must be known by its participant, its own name or stimulus, and its class.

    Arguments:
        samples: those of all files.
        settings: of which `rate_hz` may stand for a time.
        optional: whether trials need no names and no class, as where they are to be predicted.

    Raises:
        ReadError: naming what is lacking, and the setting that names it.
    """
    if samples.time is None and settings.rate_hz is None and samples.rate_hz is None:
        label = (
            f" The class of a trial is not known either: a column, {SETTING.label} NAME, or a rule on names gives it, as "
            f"{SETTING.label_from} '{_ruled(samples)}: A* = posed, * = genuine'."
            if "label" not in samples.names
            else ""
        )
        raise ReadError(
            f"{samples.file}: no column with the time was recognised, and the samples per second were not given: "
            f"{SETTING.rate_hz} NUMBER, or name the column: {SETTING.time} NAME.{label} {_columns(samples)}".rstrip()
        )
    if optional:
        return
    if "participant" not in samples.names:
        raise ReadError(
            f"{samples.file}: no column with the participant was recognised. Name it with "
            f"{SETTING.participant} NAME, or where it "
            f"stands in names of files or sheets: {SETTING.names_from} 'file: {in_file_names(samples)}'.{_named(samples)} "
            f"{_columns(samples)}"
        )
    if "trial" not in samples.names and "stimulus" not in samples.names:
        messages = ""
        if samples.events:
            way = suggested_cut(samples) or general_cut(samples)
            messages = f" The recording has messages: {message_kinds(samples.events)}."
            if way is not None:
                rule = "" if way.rule is None else f", with their class by {SETTING.label_from} '{way.rule}'"
                messages += f" Cut trials by them with {SETTING.trials_from} and a pattern, as '{way.pattern}'{rule}."
        raise ReadError(
            f"{samples.file}: no column with the trial was recognised. Name it with {SETTING.trial} NAME, "
            "or cut trials by a table "
            f"of events: {SETTING.events} FILE.{messages} {_columns(samples)}"
        )
    if "label" not in samples.names:
        raise ReadError(
            f"{samples.file}: no column with the label (the class) was recognised. Name it with "
            f"{SETTING.label} NAME; or give a rule "
            f"on names, {SETTING.label_from} '{_ruled(samples)}: A* = fake, * = real' (or trial, sheet, file); or a "
            "table with the labels, "
            f"{SETTING.join} FILE. Recordings to be predicted need none: read(..., labels='optional'). {_columns(samples)}"
        )


def _ruled(samples: Samples) -> NameRole:
    """The names by which a rule for classes is likely to go: those of sheets, stimuli, trials or files, as there are."""
    files = samples.names.get("file")
    roles: tuple[NameRole, ...] = ("sheet", "stimulus", "trial")
    several_files = files is not None and len(files.names) > 1
    return next((role for role in roles if role in samples.names), "file" if several_files else "stimulus")


def _columns(samples: Samples) -> str:
    shown = listed([repr(head) for head in samples.unused], 20)
    return f"Columns that are not used: {shown}." if samples.unused else ""


def _named(samples: Samples) -> str:
    """The names that a pattern could take the participant from."""
    there = [(role, samples.names[role]) for role in ("file", "recording", "sheet") if role in samples.names]
    shown = [f"the {role} {names.at(0)!r}" for role, names in there if names.at(0)]
    return f" Here they are {listed(shown)}." if shown else ""

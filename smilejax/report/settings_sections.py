"""Which hyperparameters were chosen, every setting and version, and the command that repeats the study."""

from collections.abc import Iterator, Mapping

from smilejax._util.number_text import several
from smilejax._util.typed_json import JsonValue
from smilejax.evaluation.study.study_record import StudyRecord
from smilejax.evaluation.study.study_results import About, HyperparameterSetting
from smilejax.report.formatting import DASH, count, p_value, percent, points, points_span, setting
from smilejax.report.page_parts import Block, Blocks, Code, Fold, Section, Table, Words


def _one_setting(record: StudyRecord) -> str:
    return (
        "" if record.results.hyperparameters else "there was one setting of each hyperparameter, and nothing to choose."
    )


def _choice(record: StudyRecord) -> Blocks:
    choice = record.results.hyperparameters
    assert choice is not None
    words = (
        f"Each of {several(choice.folds, 'fold')} used the setting with the lowest loss on its validation trials, none of "
        "which the fold scores. The accuracies below are on the scored trials, for comparison only: the highest of them is not "
        "a score to report, because it was chosen by the trials that it is measured on."
    )
    table = Table(
        "Settings, and how many folds chose each",
        ("setting", "accuracy", "folds", "difference to the first, points", "interval", "p, corrected"),
        tuple(_setting_row(one, at) for at, one in enumerate(choice.settings)),
        note="Differences: corrected resampled t test over folds (Nadeau & Bengio 2003); p corrected for their number (Holm).",
    )
    return (Words(words), table)


HYPERPARAMETERS = Section("hyperparameters", "Hyperparameters", "Hyperparameters", _choice, _one_setting)


def _setting_row(one: HyperparameterSetting, at: int) -> tuple[str, ...]:
    name = setting(one.settings) if one.settings else "as set"
    start = (name, percent(one.accuracy), count(one.chosen))
    if one.difference is None:
        return (*start, "the first" if at == 0 else DASH, DASH, DASH)
    difference = one.difference
    interval = points_span(difference.low, difference.high)
    return (*start, points(difference.mean), interval, p_value(difference.p_corrected))


def _settings(record: StudyRecord) -> Blocks:
    about, versions = record.results.about, record.provenance.versions
    blocks: list[Block] = []
    if versions:
        blocks.append(Table("Versions", ("what", "version"), tuple(versions.items()), (0, 1)))
    blocks.append(
        Fold(
            "The recording, as it was read", (_source(about, timed=not record.results.single_frames),), as_written=True
        )
    )
    groups = (
        ("Cleaning", "The recipe of cleaning", about.recipe),
        ("Training", "Training", about.training),
        ("The study", "Seeds, folds, permutations and bootstrap draws", about.study),
        ("Hyperparameter values", "Hyperparameters that were varied", about.vary),
    )
    for summary, caption, values in groups:
        if rows := tuple((key, setting(value)) for key, value in flat(values)):
            blocks.append(Fold(summary, (Table(caption, ("setting", "value"), rows, (0, 1)),), as_written=True))
    return tuple(blocks)


SETTINGS = Section("settings", "Settings and versions", "Settings", _settings)


def _source(about: About, *, timed: bool) -> Table:
    """What was read. timed: whether samples have a rate; single frames have none."""
    rows = [("source", setting(about.source.name), ""), ("layout", setting(about.source.layout), "")]
    rows += [("unit", setting(about.unit), "")]
    rows += [("samples per second", setting(about.recorded_hz), "")] if timed else []
    rows += [("first sample, ms from onset", setting(about.start_ms), "")] if about.start_ms else []
    rows += [(one.what, setting(one.value), one.how) for one in about.source.findings]
    return Table("The recording", ("what", "value", "how it was found"), tuple(rows), (0, 1, 2))


def flat(settings: Mapping[str, JsonValue], above: str = "") -> Iterator[tuple[str, JsonValue]]:
    """Settings within settings by their full names.

    Example:
        >>> dict(flat({"model": {"cell": "lstm"}, "minibatch": 16}))
        {'model.cell': 'lstm', 'minibatch': 16}
    """
    for name, value in settings.items():
        if isinstance(value, Mapping) and value:
            yield from flat(value, f"{above}{name}.")
        else:
            yield f"{above}{name}", value


def _no_command(record: StudyRecord) -> str:
    return "" if record.provenance.command else "the command was not saved with the study."


def _command(record: StudyRecord) -> Blocks:
    words = (
        "With the same recording, versions and kind of device, this command gives the same numbers. On another device the last "
        "digits of a training can differ."
    )
    return (Code(record.provenance.command), Words(words))


COMMAND = Section("command", "Repeat this study", "Repeat", _command, _no_command)

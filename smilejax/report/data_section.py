"""What was recorded, and what was left out."""

from collections.abc import Mapping, Sequence

from smilejax._util.number_text import several
from smilejax.evaluation.study.study_record import StudyRecord
from smilejax.evaluation.study.study_results import StudyResults
from smilejax.recordings.source import ExcludedByHand
from smilejax.recordings.wording import Wording
from smilejax.report.covariates_table import covariate_blocks
from smilejax.report.formatting import channel_words, count, number, percent, sentence
from smilejax.report.page_parts import Block, Blocks, Points, Section, Table, Words
from smilejax.settings.classifier_names import has_network


def _blocks(record: StudyRecord) -> Blocks:
    """Counts, classes, and what was left out for which reason."""
    results = record.results
    blocks: list[Block] = [Words(_counts(results)), _classes(results)]
    blocks.append(_excluded(results) if results.data.excluded else Words("No trial was excluded in cleaning."))
    blocks += _by_hand(results)
    blocks += covariate_blocks(results)
    if notes := tuple(dict.fromkeys((*results.data.notes, *results.about.notes))):
        blocks.append(Points(tuple(sentence(note) for note in notes)))
    return tuple(blocks)


DATA = Section("data", "Data and exclusions", "Data", _blocks)


def _counts(results: StudyResults) -> str:
    data, about = results.data, results.about
    who = several(data.participants, "participant")
    if data.stimuli is None:
        what = "; stimuli were not recorded"
    else:
        what = f" and {several(data.stimuli, 'stimulus', 'stimuli')}"
        what += f" of {several(data.smilers, 'smiler')}" if data.smilers is not None else ""
    kept = f"{several(data.trials, 'trial')} of {who}{what}. {several(data.kept, 'trial was', 'trials were')} kept."
    if results.single_frames:
        missing = f"In {percent(data.proportion_valid)} of them the frame was valid."
        return f"{kept} Each is a single frame. {missing} {_input_words(results, '')}"
    over_time = f"{several(data.steps, 'step')} per trial ({about.model_hz:g} per second)"
    return (
        f"{kept} On average over trials, {percent(data.proportion_valid)} of the samples were valid; the rest were missing or "
        f"removed in cleaning. The recording has {about.recorded_hz:g} samples per second.{_begin(about.start_ms)} "
        f"{_input_words(results, over_time)}{_velocity(results)}"
    )


def _input_words(results: StudyResults, over_time: str) -> str:
    """What is given to the classifier that is judged: channels, or crops; then the channels are for other classifiers."""
    names = results.data.channels
    channels = f"{several(len(names), 'channel')}: {'; '.join(channel_words(name) for name in names)}."
    side = results.crop_side
    if side is None:
        reader = "network" if results.judged == "network" else "classifier"
        return f"The input of the {reader} has {over_time + ' and ' if over_time else ''}{channels}"
    pictures = f"{over_time}, each a crop of" if over_time else "one crop of"
    return (
        f"The input of the network has {pictures} {side} x {side} pixels of 3 colours, and no measures. "
        f"Classifiers of measures are given {channels}"
    )


def _velocity(results: StudyResults) -> str:
    """That the network is given the velocity of its channels, where it is; where folds chose between several, they say it."""
    about = results.about
    model = about.training.get("model")
    steps = model.get("velocity_steps", 0) if isinstance(model, Mapping) else 0  # older studies have none
    if not isinstance(steps, int) or steps < 1 or "velocity_steps" in about.vary or not has_network(results.judged):
        return ""
    which = "its" if len(results.data.channels) == 1 else "their"
    span = "step" if steps == 1 else f"{steps} steps"
    return (
        f" The network is given {which} velocity: at each step, the mean of the {span} from there on minus the mean of the "
        f"{span} before ({number(steps / about.model_hz, 2)} s each)."
    )


def _begin(start_ms: float) -> str:
    """When trials begin, where that is not their onset."""
    if not start_ms:
        return ""
    line = ", a dashed line in the figures" if start_ms < 0 else ""
    return f" Trials begin at {number(round(start_ms), 0)} ms; zero is their onset{line}."


def _classes(results: StudyResults) -> Table:
    data = results.data
    rows = [
        (name, count(trials), count(data.kept_classes[name]), count(trials - data.kept_classes[name]))
        for name, trials in data.classes.items()
    ]
    if data.unlabelled:
        rows.append(("no class given", count(data.unlabelled), "", ""))
    rows.append(("all", count(data.trials), count(data.kept), count(data.trials - data.kept)))
    note = ""
    if data.majority is not None and data.majority.proportion > 0.5:
        accuracy = percent(data.majority.proportion)
        note = f"Always predicting the larger class, {data.majority.name}, has an accuracy of {accuracy} on the kept trials."
    return Table("Trials by class", ("class", "recorded", "kept", "excluded"), tuple(rows), note=note)


def _by_hand(results: StudyResults) -> tuple[Block, ...]:
    """What a table of exclusions left out before anything was done, and who knew the class when it was decided."""
    found = results.about.source.by_hand
    if not found:
        return ()
    names = results.class_names
    rows = tuple(
        (
            one.reason,
            *(count(one.classes.get(name, 0)) for name in names),
            count(one.trials),
            {True: "hidden", False: "shown", None: "not known"}[one.blind],
        )
        for one in found
    )
    columns = ("reason", *names, "all", "class when it was decided")
    return Words(by_hand_words(found, results.wording)), Table("Trials excluded by hand", columns, rows)


def by_hand_words(found: Sequence[ExcludedByHand], wording: Wording) -> str:
    """How many trials were excluded by hand, and whether blind to their class.

    Example:
        >>> from smilejax.recordings.source import ExcludedByHand
        >>> from smilejax.recordings.wording import Wording
        >>> one = ExcludedByHand("noise", 12, {"posed": 5, "genuine": 7}, True)
        >>> by_hand_words([one], Wording("pupil", ("posed", "genuine")))
        '12 trials were excluded by hand before cleaning, blind to the class: noise (12). They are not counted above.'
    """
    total = sum(one.trials for one in found)
    blind, shown = (sum(one.trials for one in found if one.blind is how) for how in (True, False))
    if blind == total:
        how = "blind to the class"
    elif shown == total:
        how = "with the class shown, so that expectations may have played a part"
    elif blind + shown == 0:
        how = "and it is not recorded whether their class was known"
    else:
        how = f"{blind} of them blind to the class, which for the others was shown or is not recorded"
    reasons: dict[str, int] = {}
    for one in found:
        reasons[one.reason] = reasons.get(one.reason, 0) + one.trials
    listed = ", ".join(f"{reason} ({number})" for reason, number in reasons.items())
    return (
        wording(f"{several(total, 'trial was', 'trials were')} excluded by hand before cleaning, {how}: ")
        + f"{listed}. They are not counted above."
    )


def _excluded(results: StudyResults) -> Table:
    names = results.class_names
    rows = tuple(
        (one.status, *(count(one.classes[name]) for name in names), count(sum(one.classes[name] for name in names)))
        for one in results.data.excluded
    )
    return Table("Excluded trials by reason", ("reason", *names, "both classes"), rows)

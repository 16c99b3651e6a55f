"""What `smilejax evaluate --plan` prints: what would be trained, and about how long it would take."""

from typing import TYPE_CHECKING

from smilejax._util.number_text import several, time_words
from smilejax.cli import terminal
from smilejax.cli.print_study import further
from smilejax.evaluation.names import protocol_label
from smilejax.settings.classifier_names import has_network

if TYPE_CHECKING:
    from smilejax.evaluation.study import PreparedStudy
    from smilejax.evaluation.study.planned_trainings import Trainings
    from smilejax.evaluation.study.training_time import TrainingTime


def print_plan(prepared: "PreparedStudy", took: "TrainingTime", *, devices: int) -> None:
    """Print the table of trainings, their sum, and what the time rests on.

    Arguments:
        devices: on which trainings were timed.
    """
    parts = prepared.trainings
    right = ("trainings", "trials in\neach", "time")
    table = terminal.table("What would be trained", "part", "made of", *right, right=right)
    for one in parts:
        fewest, most = one.trials
        trials = f"{fewest}" if fewest == most else f"{fewest} to {most}"
        table.add_row(_name(one, prepared), _made_of(one), f"{one.runs:,}", trials, time_words(took.seconds(one)))
    terminal.printed(table)
    most_of_all = f"{several(prepared.runs, 'training')} for scores and tests{further(prepared)}"
    longest = time_words(sum(took.seconds(one) for one in parts))
    if not prepared.may_stop_early:
        terminal.out.print(f"{most_of_all}: about {longest} in all.")
    else:
        expected = round(sum(one.expected_runs for one in parts if one.counted))
        usual = time_words(sum(took.seconds(one, expected=True) for one in parts))
        terminal.out.print(
            f"At most {most_of_all}: about {longest} in all. Where there is an effect, the permutation test uses all "
            f"permutations. Where there is nothing to find, it stops once {prepared.settings.stop_after} of them have scored "
            f"as high as the study: {several(expected, 'training')} for scores and tests on average, about {usual} in all."
        )
    terminal.paragraph(
        f"* Protocol of the verdict. {_each(prepared)} Times are from "
        f"{several(took.runs, 'short training')} on {several(devices, 'device')} just now; other work on this "
        f"machine lengthens them. To compile takes {time_words(took.compile_s)} more, less where programs are kept from "
        "before. Not counted is the time of what follows the trainings: reference classifiers, what attribution computes from "
        "the networks that it trains again, and the report. Nothing was written."
    )


def _each(prepared: "PreparedStudy") -> str:
    """What a training is, as a sentence."""
    if not has_network(prepared.settings.classifier):
        return "All permutations are fitted together, which takes a small part of the time given for them."
    epochs = sorted({one.epochs for one in prepared.variants})
    number = several(epochs[0], "epoch") if len(epochs) == 1 else f"{epochs[0]} to {epochs[-1]} epochs"
    return f"Each training has {number}."


def _name(one: "Trainings", prepared: "PreparedStudy") -> str:
    if one.part == "final model":
        return "Final model, on all trials"
    assert one.protocol is not None
    label = protocol_label(one.protocol, stimuli_recorded=prepared.trials.stimulus is not None)
    verdict = " *" if one.protocol == prepared.chosen.name else ""
    if one.part == "protocol":
        return label + verdict
    inner = ", inner validation" if one.part == "permutation test" and one.draws > 1 else ""
    name = one.part.capitalize() + inner
    return f"{name}: {label}{verdict}" if one.part == "inner validation" else f"{name} *"


def _made_of(one: "Trainings") -> str:
    """The factors of its number: "at most 100 labellings x 16 folds x 1 seed"."""
    most = "" if one.expected_labellings == one.labellings else "at most "
    factors = (
        (one.settings, "setting", one.settings > 1),
        (one.labellings, "labelling", one.labellings > 1),
        (one.folds, "fold", one.part != "final model"),
        (one.draws, "draw", one.part == "inner validation" or one.draws > 1),
        (one.seeds, "seed", True),
    )
    return most + " x ".join(several(number, name) for number, name, shown in factors if shown)

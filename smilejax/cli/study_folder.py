"""A study from recordings to its folder: trained, judged, saved, reported, and printed. `evaluate` and `demo` do this."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from smilejax.cli import print_study, print_trials, terminal
from smilejax.cli.outputs import command_line, print_written
from smilejax.cli.print_plan import print_plan
from smilejax.evaluation.study import compute_results, evaluate, prepare_study, saved_study, study_files
from smilejax.evaluation.study.out_of_fold import TrainOptions
from smilejax.evaluation.study.study_record import DataFrom, Provenance
from smilejax.evaluation.study.training_time import time_trainings
from smilejax.prediction.predictor import versions
from smilejax.preprocess.any_recipe import AnyRecipe
from smilejax.recordings.any_recording import AnyRecording
from smilejax.recordings.stimulus_table import StimulusTable
from smilejax.report import write_report
from smilejax.settings import StudySettings, TrainingSettings, to_json

if TYPE_CHECKING:
    import jax

    from smilejax.evaluation.study import PreparedStudy


TIMING = (
    "to say how long it takes, the network's programs are now compiled and a few short trainings are timed; on some machines "
    "this takes minutes"
)


@dataclass(frozen=True)
class StudyChoices:
    """What a study is made of besides its recordings: recipe, training, hyperparameters to choose among, settings, and what is
    known of the stimuli."""

    recipe: AnyRecipe
    training: TrainingSettings
    study: StudySettings
    vary: Mapping[str, tuple[float, ...]]
    stimulus_table: StimulusTable | None = None


def make_study(
    trials: AnyRecording,
    choices: StudyChoices,
    folder: Path,
    *,
    data_from: DataFrom | None,
    devices: "list[jax.Device]",
    memory_bytes: int | None = None,
) -> None:
    """Train everything, write folder and report, and print what came of it.

    Arguments:
        data_from: the file that was read; None of simulated recordings.
        devices: to train on. memory_bytes: that programs may use; None for half of what is free.
    """
    prepared = _prepared(trials, choices)
    saved_study.begin_study(folder, _identity(prepared))
    options: TrainOptions = {"devices": devices, "memory_bytes": memory_bytes}
    with terminal.counting(prepared.runs, "runs", at_most=prepared.may_stop_early) as counting:
        raw, final = evaluate(
            prepared,
            folder=folder,
            progress=counting.ended,
            spared=counting.spared,
            note=counting.stage,
            options=options,
        )
    with terminal.working("computing scores"):
        results = compute_results(raw, prepared.settings)
    if final is not None:
        with terminal.working("saving the model"):
            saved_study.save_model(folder, final, raw, trials, prepared.recipe, command_line())
    with terminal.working("writing"):
        made = Provenance(command_line(), versions(), data_from)
        study = saved_study.write_study(folder, raw, results, made)
        report = write_report(study.record, folder / study_files.REPORT)
    print_study.print_study(results)
    print_written([path for path in (folder, folder / study_files.MODEL, report) if path.exists()])


def plan_study(
    trials: AnyRecording, choices: StudyChoices, *, devices: "list[jax.Device]", memory_bytes: int | None = None
) -> None:
    """Print what would be trained and about how long it takes; a few short trainings are made for that, and nothing is written.

    Arguments:
        devices, memory_bytes: as in `make_study`.
    """
    prepared = _prepared(trials, choices)
    terminal.note(TIMING)
    with terminal.working("timing a few short trainings"):
        took = time_trainings(prepared, {"devices": devices, "memory_bytes": memory_bytes})
    print_plan(prepared, took, devices=len(devices))


def _prepared(trials: AnyRecording, choices: StudyChoices) -> "PreparedStudy":
    """The study before its first training, and in print what it is made of."""
    with terminal.working("preprocessing"):
        prepared = prepare_study(
            trials,
            choices.recipe,
            choices.training,
            choices.study,
            vary=choices.vary,
            stimulus_table=choices.stimulus_table,
        )
    print_trials.baseline(trials, choices.recipe)
    print_trials.kept(trials, prepared.dataset)
    print_study.plan(prepared)
    return prepared


def _identity(prepared: "PreparedStudy") -> dict[str, object]:
    """What settles the numbers of a study: it is resumed only under the same."""
    from smilejax.training.plans import Plan
    from smilejax.training.plans.identity import identity_of

    assert prepared.chosen.folds is not None
    plan = Plan(prepared.chosen.folds, prepared.training, seeds=prepared.seeds, vary=prepared.vary)
    settled = {"recipe": {"is": to_json(prepared.recipe)}, "study": {"is": to_json(prepared.settings)}}
    return {**identity_of(prepared.dataset, plan, kept="study"), **settled}

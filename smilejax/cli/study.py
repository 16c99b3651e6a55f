"""`evaluate` and `report`: a study from recordings to its verdict, and its page."""

from pathlib import Path
from typing import Any

from smilejax import readers
from smilejax._util.errors import OutputError
from smilejax.cli import devices, show, terminal
from smilejax.cli.arguments import EvaluateCommand, Processes, ReportCommand, lists_of
from smilejax.cli.outputs import command_line
from smilejax.settings import to_json


def evaluate(command: EvaluateCommand) -> None:
    """Read, prepare, train everything, and say what came of it."""
    from smilejax.evaluation.study import saved_study

    memory_bytes = devices.memory_bytes(command.memory_mib)
    devices.check(command.devices, Processes())
    folder = saved_study.check_study_folder(command.out, resume=command.resume)
    devices.settle(command.devices, Processes())
    options = {"devices": devices.chosen(command.devices), "memory_bytes": memory_bytes}
    with terminal.working("reading"):
        trials = readers.read(command.data, command.read)
    show.findings(trials)
    study_of(
        trials,
        command,
        folder,
        {"data_from": {"path": str(command.data), "read": to_json(command.read)}},
        options,
    )


def study_of(trials: Any, command: Any, folder: Path, about: dict[str, Any], options: dict[str, Any]) -> Any:
    """A study of trials in a folder, with its model, its report, and what is printed of it.

    Arguments:
        command: whose recipe, settings, study and choices hold.
    """
    from smilejax.cli import show_study
    from smilejax.evaluation.study import compute_results, evaluate, prepare_study, saved_study
    from smilejax.prediction.predictor import versions
    from smilejax.report import write_report

    with terminal.working("preprocessing"):
        prepared = prepare_study(
            trials,
            command.recipe,
            command.settings,
            command.study,
            vary=lists_of(command),
        )
    show.kept(trials, prepared.dataset)
    show_study.plan(prepared)
    saved_study.begin(folder, _identity(prepared))
    with terminal.counted(prepared.runs, "runs") as (progress, said):
        material, final = evaluate(prepared, folder=folder, progress=progress, said=said, options=options)
    with terminal.working("computing scores"):
        numbers = compute_results(material, command.study)
    if final is not None:
        with terminal.working("saving the model"):
            saved_study.save_model(folder, final, material, trials, prepared.recipe, command_line())
    made = {"command": command_line(), "versions": versions(), **about}
    with terminal.working("writing"):
        study = saved_study.save(folder, material, numbers, made)
        report = write_report(study.numbers, folder / saved_study.REPORT)
    show_study.verdict(study.numbers)
    show.wrote([path for path in (folder, folder / saved_study.MODEL, report) if path.exists()])
    return study


def report(command: ReportCommand) -> None:
    """Make the page of a study that is finished."""
    from smilejax._util.files import claim
    from smilejax.cli import show_study
    from smilejax.evaluation.study import saved_study
    from smilejax.report import write_report

    with terminal.working("loading the study"):
        if command.recompute:
            study = saved_study.load_study(command.study)
            numbers = {**study.numbers, **study.recomputed()}
        else:
            numbers = saved_study.load_numbers(command.study)
    out = command.study / saved_study.REPORT if command.out is None else command.out
    if out.suffix.lower() not in (".html", ".htm"):
        raise OutputError(f"{out}: a report is written as .html. Name such a file with --out.")
    out = claim(out, overwrite=command.out is None or command.overwrite, what="file")
    with terminal.working("writing"):
        write_report(numbers, out)
    show_study.verdict(numbers)
    show.wrote([out])


def _identity(prepared: Any) -> dict[str, Any]:
    from smilejax.training.plans import Plan
    from smilejax.training.plans.identity import identity_of

    plan = Plan(prepared.chosen.folds, prepared.training, seeds=prepared.seeds, vary=prepared.vary)
    settled = {"recipe": {"is": to_json(prepared.recipe)}, "study": {"is": to_json(prepared.settings)}}
    return {**identity_of(prepared.dataset, plan, kept="study"), **settled}

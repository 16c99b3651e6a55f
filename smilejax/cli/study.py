"""`evaluate` and `report`: a study from recordings to its verdict, and its page."""

from pathlib import Path
from typing import Any

from smilejax import readers
from smilejax.cli import devices, show, terminal
from smilejax.cli.arguments import Evaluate, Processes, Report, lists_of
from smilejax.cli.outputs import command_line
from smilejax.errors import OutputError
from smilejax.settings import to_json


def evaluate(command: Evaluate) -> None:
    """Read, prepare, train everything, and say what came of it."""
    from smilejax.study import storage

    memory_bytes = devices.memory_bytes(command.memory_mib)
    devices.check(command.devices, Processes())
    folder = storage.check_place(command.out, resume=command.resume)
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
    from smilejax.predictor import versions
    from smilejax.report import write_report
    from smilejax.study import evaluate, numbers_of, prepare_study, storage

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
    storage.begin(folder, _identity(prepared))
    with terminal.counted(prepared.runs, "runs") as (progress, said):
        material, final = evaluate(prepared, folder=folder, progress=progress, said=said, options=options)
    with terminal.working("computing scores"):
        numbers = numbers_of(material, command.study)
    if final is not None:
        with terminal.working("saving the model"):
            storage.save_model(folder, final, material, trials, prepared.recipe, command_line())
    made = {"command": command_line(), "versions": versions(), **about}
    with terminal.working("writing"):
        study = storage.save(folder, material, numbers, made)
        report = write_report(study.numbers, folder / storage.REPORT)
    show_study.verdict(study.numbers)
    show.wrote([path for path in (folder, folder / storage.MODEL, report) if path.exists()])
    return study


def report(command: Report) -> None:
    """Make the page of a study that is finished."""
    from smilejax.cli import show_study
    from smilejax.files import claim
    from smilejax.report import write_report
    from smilejax.study import storage

    with terminal.working("loading the study"):
        if command.recompute:
            study = storage.load_study(command.study)
            numbers = {**study.numbers, **study.recomputed()}
        else:
            numbers = storage.load_numbers(command.study)
    out = command.study / storage.REPORT if command.out is None else command.out
    if out.suffix.lower() not in (".html", ".htm"):
        raise OutputError(f"{out}: a report is written as .html. Name such a file with --out.")
    out = claim(out, overwrite=command.out is None or command.overwrite, what="file")
    with terminal.working("writing"):
        write_report(numbers, out)
    show_study.verdict(numbers)
    show.wrote([out])


def _identity(prepared: Any) -> dict[str, Any]:
    from smilejax.runs import Plan
    from smilejax.runs.identity import identity_of

    plan = Plan(prepared.chosen.folds, prepared.training, seeds=prepared.seeds, vary=prepared.vary)
    settled = {"recipe": {"is": to_json(prepared.recipe)}, "study": {"is": to_json(prepared.settings)}}
    return {**identity_of(prepared.dataset, plan, kept="study"), **settled}

"""`smilejax report`: the page of a finished study."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from smilejax._util.errors import SETTING, OutputError
from smilejax.cli.command import Command
from smilejax.cli.options import Arg
from smilejax.cli.shared_arguments import File

if TYPE_CHECKING:
    from smilejax.evaluation.study import StudyRecord


@dataclass(frozen=True)
class ReportArguments:
    """Write the report of a finished study again, and print its verdict; or print it as a paper has it. Nothing is trained."""

    study: Annotated[Path, Arg(positional=True)]
    """Folder that `smilejax evaluate` wrote."""
    out: File = None
    """Page to write, .html; by default report.html in the folder of the study is replaced."""
    methods: bool = False
    """Print a methods and a results section with the study's numbers, and write nothing."""
    recompute: bool = False
    """Compute every number again from the stored predictions."""
    overwrite: bool = False
    """Replace an existing page."""


def run(arguments: ReportArguments) -> None:
    """Write the page, and print the verdict; or print methods and results."""
    from smilejax._util.files import claim
    from smilejax.cli import print_study, terminal
    from smilejax.cli.outputs import print_written
    from smilejax.evaluation.study.study_files import REPORT
    from smilejax.report import write_report

    record = _record(arguments)
    if arguments.methods:
        _print_methods(record, arguments.out)
        return
    out = arguments.study / REPORT if arguments.out is None else arguments.out
    if out.suffix.lower() not in (".html", ".htm"):
        raise OutputError(f"{out}: a report is written as .html.", hint=f"Name such a file with {SETTING.out}.")
    out = claim(out, overwrite=arguments.out is None or arguments.overwrite, what="file")
    with terminal.working("writing"):
        write_report(record, out)
    print_study.print_study(record.results)
    print_written([out])


def _print_methods(record: "StudyRecord", out: Path | None) -> None:
    from smilejax.cli import terminal
    from smilejax.evaluation.study.results_in_words import report_in_words

    if out is not None:
        raise OutputError(
            f"{SETTING.methods} prints, and writes no file.",
            hint=f"Leave out {SETTING.out}, or send what is printed to a file with >.",
        )
    terminal.out.print(report_in_words(record))


def _record(arguments: ReportArguments) -> "StudyRecord":
    from smilejax.cli import terminal
    from smilejax.evaluation.study.study_files import load_record

    with terminal.working("loading the study"):
        if arguments.recompute:
            from smilejax.evaluation.study import load_study  # and with it jax

            study = load_study(arguments.study)
            return replace(study.record, results=study.recomputed())
        return load_record(arguments.study)


COMMAND = Command(
    "report",
    ReportArguments,
    run,
    examples=(
        "smilejax report my-study",
        "smilejax report my-study --methods",
        "smilejax report my-study --out page.html --recompute",
    ),
)

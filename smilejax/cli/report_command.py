"""`smilejax report`: the page of a finished study."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

from smilejax._util.errors import SETTING, OutputError
from smilejax.cli.command import Command
from smilejax.cli.options import Arg
from smilejax.cli.shared_arguments import File


@dataclass(frozen=True)
class ReportArguments:
    """Write the report of a finished study again, and print its verdict. Nothing is trained."""

    study: Annotated[Path, Arg(positional=True)]
    """Folder that `smilejax evaluate` wrote."""
    out: File = None
    """Page to write, .html; by default report.html in the folder of the study is replaced."""
    recompute: bool = False
    """Compute every number again from the stored predictions."""
    overwrite: bool = False
    """Replace an existing page."""


def run(arguments: ReportArguments) -> None:
    """Write the page, and print the verdict."""
    from smilejax._util.files import claim
    from smilejax.cli import print_study, terminal
    from smilejax.cli.outputs import print_written
    from smilejax.evaluation.study.study_files import REPORT, load_record
    from smilejax.report import write_report

    with terminal.working("loading the study"):
        if arguments.recompute:
            from smilejax.evaluation.study import load_study  # and with it jax

            study = load_study(arguments.study)
            record = replace(study.record, results=study.recomputed())
        else:
            record = load_record(arguments.study)
    out = arguments.study / REPORT if arguments.out is None else arguments.out
    if out.suffix.lower() not in (".html", ".htm"):
        raise OutputError(f"{out}: a report is written as .html.", hint=f"Name such a file with {SETTING.out}.")
    out = claim(out, overwrite=arguments.out is None or arguments.overwrite, what="file")
    with terminal.working("writing"):
        write_report(record, out)
    print_study.print_study(record.results)
    print_written([out])


COMMAND = Command(
    "report",
    ReportArguments,
    run,
    examples=("smilejax report my-study", "smilejax report my-study --out page.html --recompute"),
)

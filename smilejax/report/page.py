"""The page itself: its sections in their order, set by the templates."""

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from smilejax._util.files import write_atomically
from smilejax._util.number_text import with_minus_signs
from smilejax.evaluation.study.study_record import StudyRecord
from smilejax.recordings.wording import RECORDING_KINDS
from smilejax.report.page_parts import Blocks, Points, Words
from smilejax.report.sections import SECTIONS
from smilejax.report.verdict_box import opening


@dataclass(frozen=True)
class ShownSection:
    """A section with what stands in it."""

    id: str
    title: str
    short: str
    blocks: Blocks


def write_report(record: StudyRecord, path: Path) -> Path:
    """Write the page of a study, and replace what is there in one step.

    Arguments:
        record: all that `study.json` holds.
        path: of the HTML file; its folder is made.

    Returns:
        path.

    Raises:
        OutputError: the file cannot be written.
    """
    text = page(record)

    def write(temporary: Path) -> None:
        temporary.write_text(text, encoding="utf-8", errors="backslashreplace")  # a file's name may be no UTF-8

    write_atomically(path, write)
    return path


def page(record: StudyRecord) -> str:
    """A study as one HTML page that fetches nothing; the same text for the same record.

    Every name in the data is escaped: names are text and nothing else.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup
    from plotly.offline import get_plotlyjs

    environment = Environment(
        loader=PackageLoader("smilejax.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["signed"] = with_minus_signs
    return environment.get_template("page.html").render(
        names=record.results.class_names,
        source=record.results.about.source.name,
        version=record.provenance.versions.get("smilejax", ""),
        opening=record.results.wording.everywhere(opening(record)),
        sections=shown_sections(record),
        css=Markup(_template("page.css")),
        script=Markup(_template("page.js")),
        plotly=Markup(get_plotlyjs()),
    )


def shown_sections(record: StudyRecord) -> tuple[ShownSection, ...]:
    """The sections that have something to show, and at the end one that says which were left out and why."""
    watched = RECORDING_KINDS[record.results.about.recording].watches
    missing = [(section, section.missing(record)) for section in SECTIONS if watched or not section.of_watchers]
    shown = [ShownSection(one.id, one.title, one.short, one.blocks(record)) for one, why in missing if not why]
    if left_out := [f"{one.title}: {why}" for one, why in missing if why]:
        blocks = (Words("This study has nothing to show in these sections."), Points(tuple(left_out)))
        shown.append(ShownSection("left-out", "Sections left out", "Left out", blocks))
    return record.results.wording.everywhere(tuple(shown))


def _template(name: str) -> str:
    return resources.files("smilejax.report").joinpath("templates", name).read_text(encoding="utf-8")

"""The page itself: sections in their order, set by the templates."""

from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from smilejax._util.errors import DataError, listed
from smilejax._util.files import write_atomically
from smilejax.report.accuracy_section import scores_section
from smilejax.report.attribution_section import attribution_section
from smilejax.report.data_sections import cleaning_section, data_section
from smilejax.report.permutation_section import test_section
from smilejax.report.prediction_sections import calibration_section, groups_section, roc_section, voting_section
from smilejax.report.settings_sections import choice_section, command_section, settings_section
from smilejax.report.time_course_sections import dilation_section, training_section
from smilejax.report.verdict_box import opening

SECTIONS = (
    data_section,
    cleaning_section,
    dilation_section,
    training_section,
    scores_section,
    test_section,
    roc_section,
    calibration_section,
    groups_section,
    voting_section,
    attribution_section,
    choice_section,
    settings_section,
    command_section,
)
NEEDED = ("verdict", "class_names", "level", "data", "protocols", "verdict_protocol", "test", "controls", "about")
"""What no finished study is without. The rest may be None or empty, and the page says so."""


def write_report(numbers: Mapping[str, Any], path: Path) -> Path:
    """Write the page of a study, and replace what stands there in one step.

    Arguments:
        numbers: all of `study.json`.
        path: of the HTML file; its folder is made.

    Returns:
        path.

    Raises:
        DataError: these are not the numbers of a finished study.
        OutputError: the file cannot be written.
    """
    text = page(numbers)

    def write(temporary: Path) -> None:
        temporary.write_text(text, encoding="utf-8")

    write_atomically(path, write)
    return path


def page(numbers: Mapping[str, Any]) -> str:
    """A study as one HTML page, with everything it needs inside; the same for the same numbers.

    Every name in the data is escaped: names are text and nothing else.

    Arguments:
        numbers: all of `study.json`.

    Raises:
        DataError: these are not the numbers of a finished study.
    """
    if lacking := [name for name in NEEDED if name not in numbers]:
        raise DataError(
            f"a report takes all numbers of a finished study; lacking: {listed(lacking)}. Give the content of study.json."
        )
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
    whole = dict(numbers)
    return environment.get_template("page.html").render(
        names=whole["class_names"],
        source=(whole["about"].get("source") or {}).get("name") or "",
        version=(whole.get("versions") or {}).get("smilejax") or "",
        opening=opening(whole),
        sections=[section(whole) for section in SECTIONS],
        css=Markup(_template("page.css")),
        script=Markup(_template("page.js")),
        plotly=Markup(get_plotlyjs()),
    )


def _template(name: str) -> str:
    return resources.files("smilejax.report").joinpath("templates", name).read_text(encoding="utf-8")

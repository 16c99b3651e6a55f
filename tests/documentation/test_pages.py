"""Pages: their links lead somewhere, and the commands in them have the options that they name."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from documentation.pages import DOCS, ROOT, anchors, pages

from smilejax.cli.commands import COMMANDS
from smilejax.cli.options import options_of

LINK = re.compile(r"\]\(([^)\s]+)\)")
WIDEST = 80
"""Signs of a command that a window of 1200 pixels shows."""
OF_ALL = {"--help", "--help-all", "--version"}


def id_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("page", pages(), ids=id_of)
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"`[^`\n]*`", "", page.read_text(encoding="utf-8"))
    for link in LINK.findall(text):
        path, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link) or path.startswith("made/"):  # made from the code; the build looks at these
            continue
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} in {id_of(page)}"
        if anchor:
            assert anchor in anchors(target), f"{link} in {id_of(page)}"


@pytest.mark.parametrize("page", [p for p in pages() if DOCS in p.parents], ids=id_of)
def test_links_have_the_words_of_what_they_lead_to(page: Path) -> None:
    """The site has titles; names of files say nothing there, and `docs/x.md` leads nowhere."""
    text = page.read_text(encoding="utf-8")
    assert re.findall(r"\[[^\]\n]*\.md\]\([^)]*\)", text) == []
    assert re.findall(r"(?<![\w/])docs/[\w/]+\.md", text) == []


@pytest.mark.parametrize("page", [p for p in pages() if DOCS in p.parents], ids=id_of)
def test_commands_of_cells_are_no_wider_than_the_page(page: Path) -> None:
    lines = page.read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if line.startswith(("!", "$ ")) and len(line) > WIDEST] == []


@pytest.mark.parametrize("name", ["first_verdict", "clean_a_recording", "tracker_files"])
def test_tutorials_need_no_notebook(name: str) -> None:
    """What readers see works in plain Python; a cell that only shows a figure here is hidden."""
    text = (DOCS / "tutorials" / f"{name}.md").read_text(encoding="utf-8")
    seen = [
        cell
        for cell in re.findall(r"^```\{code-cell\}.*?^```$", text, re.MULTILINE | re.DOTALL)
        if ":tags: [remove" not in cell
    ]
    assert seen
    assert not [cell for cell in seen if "IPython" in cell or "myst_nb" in cell]


def commands_of(text: str) -> Iterator[list[str]]:
    """Commands of smilejax in a text: words from `smilejax` on, up to the end of what a shell takes as one command."""
    for line in re.sub(r"\\\n\s*", " ", text).splitlines():
        for found in re.finditer(r"(?<![\w./-])smilejax ([a-z-]+(?: |`|$).*)", line):
            yield re.split(r"`|[|>#]| && | {3,}", found[1])[0].split()


def options_by_command() -> dict[str, set[str]]:
    """Every flag of each command."""
    found = {}
    for command in COMMANDS:
        forms = (command, *command.forms.values())
        flags = {o.flag for one in forms for o in options_of(one.arguments)} | set(command.forms) | OF_ALL
        found[command.name] = flags | {"--no-" + flag[2:] for flag in flags}
    return found


@pytest.mark.parametrize("page", [*pages(), *sorted(DOCS.rglob("*.sbatch"))], ids=id_of)
def test_commands_have_the_options_that_are_named(page: Path) -> None:
    known = options_by_command()
    for name, *words in commands_of(page.read_text(encoding="utf-8")):
        if name not in known:  # prose
            continue
        flags = {word.split("=")[0].rstrip(",.;:)'\"") for word in words if word.startswith("--")}
        assert flags <= known[name], f"smilejax {name} has no {sorted(flags - known[name])}: {id_of(page)}"


def test_most_pages_have_commands() -> None:
    """So that the test above looks at something."""
    assert sum(len(list(commands_of(page.read_text(encoding="utf-8")))) for page in pages()) > 60


@pytest.mark.parametrize("script", sorted(DOCS.rglob("*.sbatch")), ids=id_of)
def test_job_scripts_are_scripts(script: Path) -> None:
    subprocess.run(["bash", "-n", str(script)], check=True)
    text = script.read_text()
    assert text.startswith("#!/bin/bash\n#SBATCH ")
    assert shlex.split(text, comments=True)


def test_every_page_is_in_the_list_of_pages() -> None:
    """Those directly in docs/ are there by the star."""
    index = (DOCS / "index.md").read_text().split()
    for page in pages():
        if DOCS in page.parents and page.parent != DOCS:
            assert page.relative_to(DOCS).with_suffix("").as_posix() in index, page


def test_the_gpu_requirements_ask_for_the_jax_of_the_package() -> None:
    (asked,) = [line for line in (ROOT / "requirements-gpu.txt").read_text().splitlines() if not line.startswith("#")]
    name, least = re.fullmatch(r"jax\[(cuda\d+)\]>=([\d.]+)", asked).groups()  # type: ignore[union-attr]
    assert f'"jax>={least}"' in (ROOT / "pyproject.toml").read_text()
    assert name in (ROOT / "docs" / "how_to" / "gpu.md").read_text() or name == "cuda13"

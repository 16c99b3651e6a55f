"""Sphinx: pages of the API and of the command line, made from the code; links to public names; commands shown as typed."""

import importlib
import inspect
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

import command_pages
import myst_nb.core.render as render
from docutils import nodes
from nbformat import NotebookNode
from public_names import PublicName, public_names, public_packages, undocumented
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.errors import ExtensionError
from sphinx.ext.napoleon import GoogleDocstring
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxRole

MADE = Path("reference") / "made"
"""Where made pages are, below docs; nothing else is there, and git ignores it."""


def setup(app: Sphinx) -> dict[str, bool]:
    """What Sphinx calls."""
    app.connect("builder-inited", _write_pages)
    app.connect("missing-reference", _resolve)
    app.connect("autodoc-skip-member", _skip)
    app.connect("autodoc-process-docstring", _as_restructured_text, priority=100)  # before napoleon's
    render.coalesce_streams = joined_streams
    GoogleDocstring._consume_inline_attribute = _whole_docstring  # type: ignore[method-assign]
    app.add_role("name", NameRole())
    app.add_transform(CommandsAsTyped)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _write_pages(app: Sphinx) -> None:
    if silent := undocumented():
        raise ExtensionError("these public names have no docstring:\n  " + "\n  ".join(silent))
    folder = Path(app.srcdir) / MADE
    pages = {**{f"api/{p}": _package_page(p) for p in public_packages()}, **command_pages.pages()}
    pages["api"] = _index(
        "Python", "Every public name. Import it from the package named here.", "api", public_packages()
    )
    pages["commands"] = command_pages.index()
    for old in [p for p in folder.rglob("*.rst") if p.relative_to(folder).with_suffix("").as_posix() not in pages]:
        old.unlink()
    for name, text in pages.items():
        path = folder / f"{name}.rst"
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.is_file() or path.read_text() != text:  # an unchanged page is not built again
            path.write_text(text)


def heading(text: str, line: str = "=") -> list[str]:
    """A heading in reStructuredText."""
    return [text, line * len(text), ""]


def _index(title: str, words: str, folder: str, names: Iterable[str]) -> str:
    return "\n".join([*heading(title), words, "", ".. toctree::", "", *(f"   {folder}/{name}" for name in names), ""])


def _package_page(package: str) -> str:
    module = importlib.import_module(package)
    here = [one for one in public_names() if package in one.packages]
    own = [one for one in here if one.packages[0] == package]
    others = [one for one in here if one.packages[0] != package]
    lines = [
        *heading(package),
        f".. py:module:: {package}",
        "",
        *restructured(inspect.cleandoc(module.__doc__ or "").splitlines()),
        "",
    ]
    if others:
        lines += ["Also here: " + ", ".join(f":py:obj:`~{one.full}`" for one in others) + ".", ""]
    for title, kinds in (
        ("Classes", ("class", "exception")),
        ("Functions", ("function",)),
        ("Constants and types", ("data",)),
    ):
        of_kind = [one for one in own if one.kind in kinds]
        if of_kind:
            lines += heading(title, "-")
        for one in of_kind:
            lines += _entry(one)
    return "\n".join(lines)


def _entry(one: PublicName) -> list[str]:
    if one.kind == "data":
        words = ["", *(f"   {line}" for line in restructured(one.words.splitlines())), ""]
        return [f".. py:data:: {one.full}", f"   :value: {_short(repr(one.value))}", *words]
    members = ["   :members:"] if one.kind in ("class", "exception") else []
    inherited = [f"   :inherited-members: {', '.join(_others(one.value))}"] if one.kind == "class" else []
    return [f".. auto{one.kind}:: {one.full}", *members, *inherited, ""]


def _others(cls: object) -> list[str]:
    """Classes that a class inherits from and that are not of this package: their members are not documented here."""
    assert inspect.isclass(cls)
    return [base.__name__ for base in cls.__mro__ if not base.__module__.startswith("smilejax")]


def _whole_docstring(self: GoogleDocstring) -> tuple[str, list[str]]:
    """The docstring of a field or property: napoleon would take what stands before a colon for its type."""
    return "", [self._lines.next(), *self._dedent(self._consume_to_end())]


def _as_restructured_text(app: Sphinx, what: str, name: str, obj: object, options: object, lines: list[str]) -> None:
    lines[:] = restructured(lines)


def restructured(lines: Sequence[str]) -> list[str]:
    """A docstring as reStructuredText: `names` become links or code, tables of Markdown tables, bars nothing but bars."""
    made: list[str] = []
    table: list[str] = []
    for line in [*lines, ""]:
        if line.lstrip().startswith("|") and line.rstrip().endswith("|"):
            table.append(line.strip())
            continue
        if table:
            made += ["", *_list_table(table), ""]
            table = []
        made.append(line if line.lstrip().startswith((">>>", "...")) else _inline(line))
    return made[:-1]


def _list_table(rows: Sequence[str]) -> list[str]:
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows if set(row) - set("|-: ")]
    lines = [".. list-table::", "   :header-rows: 1", ""]
    for row in cells:
        lines += [f"   {'* -' if at == 0 else '  -'} {_inline(cell)}" for at, cell in enumerate(row)]
    return lines


def _inline(line: str) -> str:
    """Single backticks to a role or to code; what stands outside of them as it is."""
    parts = re.split(r"(``.+?``|`[^`]+`|:[a-z:]+:`[^`]+`)", line)
    return "".join(_code(part) if at % 2 else part.replace("|", "\\|") for at, part in enumerate(parts))


def _code(part: str) -> str:
    if part.startswith(("``", ":")):
        return part
    inner = part.strip("`")
    return f":name:`{inner}`" if full_name(inner.removesuffix("()")) else f"``{inner}``"


def _short(text: str, most: int = 100) -> str:
    text = text.replace("typing.", "")
    return text if len(text) <= most else text[: most - 3] + "..."


def _skip(app: Sphinx, what: str, name: str, obj: object, skip: bool, options: object) -> bool | None:
    """Leave out what is private, and methods that scikit-learn puts on its estimators."""
    return True if name.startswith("_") or str(getattr(obj, "__module__", "")).startswith("sklearn.") else None


@cache
def _by_home() -> dict[str, str]:
    """How the site calls what the code calls otherwise: by the module that defines it, or another package that has it."""
    found = {}
    for one in public_names():
        found[f"{one.home.__name__}.{one.name}"] = one.full
        found |= {f"{package}.{one.name}": one.full for package in one.packages}
        found.setdefault(one.name, one.full)
    return found


def full_name(target: str) -> str | None:
    """The name by which the site knows `target`, a public name or a member of one; None where it is neither."""
    known = _by_home()
    if target in known:
        return known[target]
    owner, dot, member = target.rpartition(".")
    return f"{known[owner]}.{member}" if dot and owner in known else None


def _resolve(
    app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, content: nodes.TextElement
) -> nodes.Node | None:
    """Links to a public name by any of its names. In made pages what is not public is code; elsewhere a warning follows."""
    if node.get("refdomain") != "py":
        return None
    target = str(node["reftarget"])
    docname = str(node.get("refdoc", env.docname))
    if (full := full_name(target)) and full != target:
        domain = env.get_domain("py")
        found = domain.resolve_xref(env, docname, app.builder, "obj", full, node, content)
        if found is not None:
            return found
    return content if docname.startswith(f"{MADE.as_posix()}/") or node.get("lenient") else None


def joined_streams(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """What a cell printed, as it printed it: MyST-NB's own ends each piece in which it arrived with a line of its own.

    Pieces that are interrupted by another kind of output stay apart.
    """
    joined: list[NotebookNode] = []
    for output in outputs:
        before = joined[-1] if joined else None
        if output["output_type"] == "stream" and before is not None and before["output_type"] == "stream":
            before["text"] += output["text"]
        else:
            joined.append(output)
    for output in joined:
        if output["output_type"] == "stream":
            output["text"] = output["text"].replace("\r\n", "\n").rstrip() + "\n"
    return joined


class NameRole(SphinxRole):
    """What stands in single backticks of a docstring: a link where it is a public name, else code."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """The nodes."""
        code = nodes.literal(self.rawtext, self.text, classes=["xref"])
        if full_name(self.text.removesuffix("()")) is None:
            return [code], []
        link = addnodes.pending_xref(
            "",
            code,
            refdomain="py",
            reftype="obj",
            reftarget=self.text.removesuffix("()"),
            refdoc=self.env.docname,
            lenient=True,
        )
        return [link], []


class CommandsAsTyped(SphinxTransform):
    """Cells that give commands to the shell (`!smilejax ...`) are shown as a terminal shows them."""

    default_priority = 200

    def apply(self, **kwargs: object) -> None:
        """Rewrite the document."""
        for node in self.document.findall(nodes.literal_block):
            lines = node.astext().rstrip().splitlines()
            if (
                lines
                and lines[0].startswith("!")
                and node.parent.get("classes", [])
                and "cell_input" in node.parent["classes"]
            ):
                text = "\n".join("$ " + line.removeprefix("!") if line.startswith("!") else line for line in lines)
                new = nodes.literal_block(text, text, language="console", classes=["command"])
                node.replace_self(new)

"""What Sphinx does not check of a built site: links within it, that its pages fetch nothing from elsewhere, and outputs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

FETCHING = {
    "script": "src",
    "img": "src",
    "iframe": "src",
    "source": "src",
    "video": "src",
    "audio": "src",
    "object": "data",
    "embed": "src",
}
"""Elements whose address a browser fetches by itself. Of `link`, that of styles, icons and fonts."""
FIGURES = "_images/"
"""Where Sphinx puts pictures of pages, as seen from the landing page."""
LINKED_RESOURCES = {"stylesheet", "icon", "preload", "prefetch", "preconnect", "dns-prefetch", "modulepreload"}


@dataclass
class Page(HTMLParser):
    """Ids, links, what is fetched, and cells of one page."""

    ids: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)
    cells: int = 0
    """Cells of which the page shows what was typed."""
    outputs: int = 0
    """Cells of which it shows what came of it."""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what a tag holds."""
        values = {name: value or "" for name, value in attrs}
        classes = values.get("class", "").split()
        self.cells += "cell_input" in classes
        self.outputs += "cell_output" in classes
        self.ids |= {values[name] for name in ("id", "name") if name in values}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag in FETCHING and FETCHING[tag] in values:
            self.fetched.append(values[FETCHING[tag]])
        elif tag == "link" and LINKED_RESOURCES & set(values.get("rel", "").split()):
            self.fetched.append(values.get("href", ""))


def faults(site: Path) -> list[str]:
    """Links of the site that lead nowhere, and addresses outside it that a page would fetch, one sentence each."""
    site = site.resolve()
    pages = {path: _parsed(path) for path in sorted(site.rglob("*.html"))}
    found: list[str] = []
    for path, page in pages.items():
        here = path.relative_to(site)
        found += [f"{here} fetches {one}" for one in page.fetched if _elsewhere(one)]
        found += [
            f"{here} has a file {one} that is not there"
            for one in page.fetched
            if not _elsewhere(one) and not _is_there(path, one)
        ]
        found += [
            f"{here} links to {link}, which is not there"
            for link in dict.fromkeys(page.links)
            if not _leads_somewhere(path, link, pages)
        ]
    for style in sorted(site.rglob("*.css")):
        text = style.read_text(encoding="utf-8", errors="replace")
        found += [f"{style.relative_to(site)} fetches {one}" for one in _addresses(text)]
    return found


def missing_outputs(site: Path) -> list[str]:
    """Pages with cells and without any output, and a landing page without its figure, one sentence each: nothing was run."""
    site = site.resolve()
    pages = {path.relative_to(site): _parsed(path) for path in sorted(site.rglob("*.html"))}
    found = [f"{path} has cells, and no output of any" for path, one in pages.items() if one.cells and not one.outputs]
    if not any(one.startswith(FIGURES) for one in pages[Path("index.html")].fetched):
        found.append("index.html lacks the figure that the first tutorial makes")
    return found


def _addresses(style: str) -> Iterator[str]:
    """Addresses elsewhere that a style sheet fetches."""
    for start in ("url(", "@import "):
        for part in style.split(start)[1:]:
            address = part.strip().lstrip("\"'").split(")")[0].split(";")[0].strip("\"' ")
            if _elsewhere(address):
                yield address


def _parsed(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def _elsewhere(address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme in ("http", "https", "ftp") or address.startswith("//")


def _is_there(page: Path, address: str) -> bool:
    parts = urlsplit(address)
    return parts.scheme == "data" or not parts.path or (page.parent / unquote(parts.path)).exists()


def _leads_somewhere(page: Path, link: str, pages: dict[Path, Page]) -> bool:
    parts = urlsplit(link)
    if parts.scheme or link.startswith("//"):
        return True  # plain links elsewhere are followed by readers only
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    one = pages.get(target)
    if one is None:
        return target.exists()
    return not parts.fragment or unquote(parts.fragment) in one.ids or parts.fragment == "top"

"""What tests of the site share: its pages, and the names of their headings."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
MADE = DOCS / "reference" / "made"


def pages() -> list[Path]:
    """Pages of the site that are written by hand, and the README."""
    written = [p for p in sorted(DOCS.rglob("*.md")) if "_build" not in p.parts and MADE not in p.parents]
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *written]


@cache
def anchors(page: Path) -> frozenset[str]:
    """Names that headings of a page have in links to them."""
    text = re.sub(r"^(```+|:::+).*?^\1$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    heads = re.findall(r"^#+ +(.+)$", text, flags=re.MULTILINE)
    return frozenset(slug(head) for head in heads)


def slug(heading: str) -> str:
    """As GitHub and MyST name a heading.

    Example:
        >>> slug("study.json, schema 2"), slug("Why `both`?")
        ('studyjson-schema-2', 'why-both')
    """
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")

"""What the build looks for in a site that was made: dead links and anchors, what is fetched from elsewhere, no outputs."""

from pathlib import Path

import pytest
from check_site import faults, missing_outputs

GOOD = (
    '<html><a id="here"></a><a href="other.html#there">x</a><a href="https://example.org">x</a><img src="a.png"></html>'
)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "index.html").write_text(GOOD)
    (tmp_path / "other.html").write_text('<h1 id="there">x</h1><a href="index.html">x</a><a href="#there">x</a>')
    (tmp_path / "a.png").write_bytes(b"")
    (tmp_path / "site.css").write_text("h1 { background: url(data:image/png;base64,AA) }")
    return tmp_path


def test_a_good_site_has_no_fault(site: Path) -> None:
    assert faults(site) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('<a href="gone.html">x</a>', "index.html links to gone.html, which is not there"),
        ('<a href="other.html#gone">x</a>', "index.html links to other.html#gone, which is not there"),
        ('<a href="#gone">x</a>', "index.html links to #gone, which is not there"),
        ('<script src="https://cdn.example.org/x.js"></script>', "index.html fetches https://cdn.example.org/x.js"),
        ('<img src="//example.org/x.png">', "index.html fetches //example.org/x.png"),
        (
            '<link rel="stylesheet" href="https://fonts.example.org/x.css">',
            "index.html fetches https://fonts.example.org/x.css",
        ),
        ('<img src="gone.png">', "index.html has a file gone.png that is not there"),
    ],
)
def test_a_fault_is_named(site: Path, text: str, fault: str) -> None:
    (site / "index.html").write_text(GOOD + text)
    assert faults(site) == [fault]


def test_styles_fetch_nothing(site: Path) -> None:
    (site / "site.css").write_text(
        '@import "https://example.org/a.css"; @font-face { src: url("https://example.org/b.woff2") }'
    )
    assert sorted(faults(site)) == [
        "site.css fetches https://example.org/a.css",
        "site.css fetches https://example.org/b.woff2",
    ]


TYPED = '<div class="cell docutils container"><div class="cell_input docutils container">$ smilejax check x</div>'
PRINTED = '<div class="cell_output docutils container">12 trials</div></div>'


def test_a_site_of_tutorials_that_were_run_lacks_no_output(site: Path) -> None:
    (site / "index.html").write_text('<img src="_images/verdict.png">')
    (site / "other.html").write_text(TYPED + PRINTED)
    assert missing_outputs(site) == []


def test_a_page_without_outputs_and_a_landing_page_without_its_figure_are_named(site: Path) -> None:
    (site / "other.html").write_text(TYPED + "</div>")
    assert missing_outputs(site) == [
        "other.html has cells, and no output of any",
        "index.html lacks the figure that the first tutorial makes",
    ]

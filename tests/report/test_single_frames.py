"""A study of photos: single frames have no course in time and no rate, and the page draws and says none."""

import re

from report.study_variants import fresh, page_of, record_of

from smilejax.report.attribution_section import ATTRIBUTION
from smilejax.report.dilation_section import DILATION


def _photos() -> dict:
    study = fresh()
    study["about"]["recording"] = "face"
    study["data"]["steps"] = 1
    return study


def test_no_course_is_drawn() -> None:
    usual, photos = record_of(fresh()), record_of(_photos())
    assert [one.kind for one in DILATION.blocks(photos)] == ["words", "words"]
    assert "figure" in [one.kind for one in DILATION.blocks(usual)]
    assert ATTRIBUTION.missing(usual) == ""
    assert "single frames" in ATTRIBUTION.missing(photos)


def test_no_rate_is_named() -> None:
    text = re.sub(r"<[^>]+>|\s+", " ", page_of(_photos()))
    assert "Each is a single frame." in text
    assert "samples per second" not in text
    assert "per second)" not in text
    assert "samples per second" in re.sub(r"<[^>]+>|\s+", " ", page_of(fresh()))

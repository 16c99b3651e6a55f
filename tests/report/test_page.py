"""The page: its parts in their order, every figure with the numbers that it draws, and nothing that it would have to fetch."""

import copy
import math
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from report.page_reading import Node, drawn, read, rows, texts, value
from report.study_variants import NASTY, STUDY, VARIANTS, diverged

from smilejax._util.errors import DataError, OutputError
from smilejax.report import page, write_report

ORDER = [
    *("verdict", "data", "cleaning", "dilation", "training", "scores", "test", "roc", "calibration", "groups"),
    *("voting", "attribution", "choice", "settings", "command"),
]


@pytest.fixture(scope="module")
def html() -> str:
    return page(copy.deepcopy(STUDY))


@pytest.fixture(scope="module")
def tree(html: str) -> Node:
    return read(html)


@pytest.fixture(scope="module", params=["as it is", *VARIANTS])
def any_page(request: pytest.FixtureRequest) -> tuple[str, Node]:
    """A page and the same as a tree, of every variant."""
    study = copy.deepcopy(STUDY)
    html = page(VARIANTS[request.param](study) if request.param in VARIANTS else study)
    return html, read(html)


def test_sections_in_their_order(tree: Node) -> None:
    assert [section.attrs["id"] for section in tree.all("section")] == ORDER
    assert [link.attrs["href"] for link in tree.all("nav")[0].all("a")] == [f"#{name}" for name in ORDER]


def test_every_variant_is_a_page(any_page: tuple[str, Node]) -> None:
    _, tree = any_page
    assert [section.attrs["id"] for section in tree.all("section")] == ORDER
    for section in tree.all("section"):
        assert len(section.text) > len(section.all("h2")[0].text) + 20, section.attrs["id"]
    for section in tree.all("section")[:-2]:  # what a reader found in a file may be called anything
        shown = " ".join(
            node.text for node in section.nodes() if node.tag in ("p", "li", "td", "th", "figcaption", "h3")
        )
        assert not re.search(r"\b(None|nan|NaN|inf|Undefined)\b", shown), section.attrs["id"]
    ids = [node.attrs["id"] for node in tree.nodes() if "id" in node.attrs]
    assert len(ids) == len(set(ids))


def test_every_figure_has_words_and_a_table(any_page: tuple[str, Node]) -> None:
    _, tree = any_page
    for figure in tree.all("figure"):
        plot = figure.all("div", role="img")[0]
        assert len(plot.attrs["aria-label"] or "") > 30
        assert len(figure.all("figcaption")[0].text) > 20
        assert figure.all("h3")[0].text
        for table in figure.all("details")[0].all("table"):
            assert texts(table), table.text
        values = [v for trace in drawn(tree, str(figure.attrs["id"]))["data"] for v in trace["y"]]
        assert any(v is not None for v in values), figure.attrs["id"]  # no figure of nothing


def test_semantics(any_page: tuple[str, Node]) -> None:
    _, tree = any_page
    assert tree.all("html")[0].attrs["lang"] == "en"
    assert len(tree.all("h1")) == len(tree.all("main")) == 1
    assert tree.all("a")[0].attrs["href"] == "#verdict"  # the first that the tab key reaches
    levels = [int(node.tag[1]) for node in tree.nodes() if re.fullmatch("h[1-6]", node.tag)]
    assert all(after <= before + 1 for before, after in pairwise(levels))
    for table in tree.all("table"):
        assert table.all("caption")[0].text
        assert all(cell.attrs["scope"] == "col" for cell in table.all("thead")[0].all("th"))
        width = len(table.all("thead")[0].all("th"))
        for row in table.all("tbody")[0].all("tr"):
            assert row.all("th")[0].attrs["scope"] == "row"
            assert len(row.all("th")) + len(row.all("td")) == width
    named = {node.attrs["id"] for node in tree.nodes() if "id" in node.attrs}
    for node in tree.nodes():
        assert node.attrs.get("aria-labelledby", "verdict") in named


def test_nothing_to_fetch(any_page: tuple[str, Node]) -> None:
    html, tree = any_page
    for node in tree.nodes():
        assert node.tag not in {"img", "iframe", "object", "embed", "base", "form"}
        for name, text in node.attrs.items():
            if name in ("src", "href", "data", "action", "srcset", "poster"):
                assert re.match("#|data:,$", text or ""), (node.tag, name, text)
            assert not name.startswith("on")
            if name == "style":
                assert "url(" not in (text or "")
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)
    assert style is not None
    assert "url(" not in style[1]
    assert "@import" not in style[1]
    assert "default-src 'none'" in html


def test_size(html: str) -> None:
    assert 4e6 < len(html.encode()) < 8e6  # most of it is the script that draws


def test_the_same_numbers_give_the_same_page(study: dict[str, Any], html: str) -> None:
    assert page(study) == html


def test_hostile_names_are_text(study: dict[str, Any]) -> None:
    html = page(VARIANTS["hostile"](study))
    assert NASTY[0] not in html
    assert NASTY[1] not in html
    tree = read(html)
    assert NASTY[1] in tree.id("verdict").text  # and not 49
    assert tree.id("groups").all("tbody")[0].all("th")[0].text == f"{NASTY[0]}p01"
    scripts = [node for node in tree.all("script") if node.attrs.get("type") != "application/json"]
    assert len(scripts) == 2
    # In a figure Plotly's own markup is not to be read from them either.
    lines = [trace for trace in drawn(tree, "dilation-classes")["data"] if trace.get("name")]
    assert {trace["name"] for trace in lines} == {
        name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") for name in NASTY
    }


def test_verdict_first(study: dict[str, Any], tree: Node) -> None:
    verdict = tree.id("verdict")
    assert tree.all("main")[0].all("section")[0] is verdict
    for words in (study["verdict"]["headline"], *study["verdict"]["findings"], *study["verdict"]["limits"]):
        assert words in verdict.text
    assert "What this study cannot say" in verdict.text
    assert [node.text for node in verdict.all("span", **{"class": "value"})] == ["86%", "50%", "0.25", "64"]


@pytest.mark.parametrize("outcome", ["found", "not found", "not judged"])
def test_each_outcome_has_its_look_and_words(study: dict[str, Any], outcome: str) -> None:
    study["verdict"]["outcome"] = outcome
    html = page(study)
    card = read(html).id("verdict")
    assert card.attrs["class"] == f"verdict {outcome.replace(' ', '-')}"
    assert f".verdict.{outcome.replace(' ', '-')} " in html
    words = {"found": "Told apart", "not found": "Not shown to be told apart", "not judged": "Cannot be judged"}
    assert card.all("h2")[0].text == f"Verdict: {words[outcome]}"


def test_what_is_lacking_is_said(study: dict[str, Any]) -> None:
    tree = read(page(VARIANTS["bare"](study)))
    for section, words in {
        "data": "stimuli were not recorded",
        "cleaning": "was not kept",
        "dilation": "no course to show",
        "training": "not kept",
        "scores": "No control was run",
        "test": "There was no test. No permutation was asked for.",
        "roc": "no ROC curve",
        "calibration": "not calibrated. No fold has validation trials to spare.",
        "groups": "Stimuli were not recorded",
        "voting": "could not be put together",
        "attribution": "was not asked",
        "choice": "nothing to choose",
        "settings": "versions were not kept",
        "command": "not kept",
    }.items():
        assert words in tree.id(section).text, section
    assert texts(tree.id("data").all("table")[1]) == [["too short", "1", "0", "1"]]


def test_protocols_and_controls_that_could_not_be(study: dict[str, Any]) -> None:
    tree = read(page(VARIANTS["one_protocol"](study)))
    said = tree.id("scores").text
    assert said.count("Not possible: splitting by stimulus needs the stimulus of every trial.") == 2
    assert "Not possible: no trial has a baseline." in said
    assert [row[0] for row in rows(tree, "forest")] == [
        "New people, known stimuli",
        "Shuffled trials",
        "Share of the classes",
        "Pupil measures",
        "MiniRocket",
        "Missing samples",
        "Chance",
    ]


def test_all_runs_diverged(study: dict[str, Any]) -> None:
    tree = read(page(diverged(study)))
    assert "No protocol gave a score." in tree.id("scores").text
    assert "Every run diverged" in tree.id("training").text
    assert "No permuted study has a score" in tree.id("test").text
    assert [node.text for node in tree.id("verdict").all("span", **{"class": "value"})] == ["–", "50%", "1.0", "0"]
    assert {figure.attrs["id"] for figure in tree.all("figure")} == {
        "dilation-classes",
        "dilation-difference",
        *(f"step-{at + 1}" for at in range(14)),
    }


def test_settings_chosen(study: dict[str, Any]) -> None:
    tree = read(page(VARIANTS["chosen"](study)))
    assert texts(tree.id("choice").all("table")[0]) == [
        ["learning_rate 0.001", "4", "75.0%", "the first", "–", "–"],
        ["learning_rate 0.003", "12", "78.0%", "+3.1", "−1.2 to +7.5", "0.30"],
        ["learning_rate 10", "0", "–", "–", "–", "–"],
    ]


def _close(texts_of: list[str], numbers: list[float | None], digits: int) -> None:
    assert len(texts_of) == len(numbers)
    for text, number in zip(texts_of, numbers, strict=True):
        found = value(text)
        assert (found is None) == (number is None)
        if found is not None and number is not None:
            assert math.isclose(found, number, abs_tol=0.5001 * 10**-digits), (text, number)


def test_dilation_is_the_studys(study: dict[str, Any], tree: Node) -> None:
    course = study["dilation"]
    table = rows(tree, "dilation-classes")
    assert len(table) == len(course["time_ms"]) == 40
    for at, name in enumerate(("posed", "genuine")):
        for place, part in enumerate(("mean", "low", "high")):
            _close([row[1 + 3 * at + place] for row in table], course["classes"][name][part], 4)
    for place, part in enumerate(("mean", "low", "high")):
        _close([row[1 + place] for row in rows(tree, "dilation-difference")], course["difference"][part], 4)
    lines = {trace["name"]: trace for trace in drawn(tree, "dilation-classes")["data"] if "name" in trace}
    assert lines["posed"]["y"] == course["classes"]["posed"]["mean"]
    assert lines["genuine"]["y"] == course["classes"]["genuine"]["mean"]
    assert lines["posed"]["x"] == [time / 1000 for time in course["time_ms"]]


def test_curves_are_the_studys(study: dict[str, Any], tree: Node) -> None:
    for what, digits in (("loss", 3), ("accuracy", 3)):
        table = rows(tree, f"training-{what}")
        columns = [
            study["curves"][f"{who}_{what}"][part] for who in ("train", "test") for part in ("mean", "low", "high")
        ]
        for at, column in enumerate(columns):
            _close([row[1 + at] for row in table], column, digits)
        lines = {trace["name"]: trace for trace in drawn(tree, f"training-{what}")["data"] if "name" in trace}
        assert lines["held out"]["y"] == study["curves"][f"test_{what}"]["mean"]
        assert lines["trained on"]["y"] == study["curves"][f"train_{what}"]["mean"]
        assert lines["held out"]["x"] == list(range(1, 26))


def test_scores_are_the_studys(study: dict[str, Any], tree: Node) -> None:
    table = rows(tree, "forest")
    parts = [*study["protocols"], *study["controls"]]
    assert table[-1] == ["Chance", "50.0%", "–", "–"]
    for row, one in zip(table[:-1], parts, strict=True):
        _close(row[1:], [one["interval"][part] for part in ("estimate", "low", "high")], 3)
    marks = [trace for trace in drawn(tree, "forest")["data"] if trace["mode"] == "markers"]
    placed = {y: x for trace in marks for x, y in zip(trace["x"], trace["y"], strict=True)}
    assert [placed[at] for at in range(len(parts))] == [one["interval"]["estimate"] for one in parts]


def test_relabellings_are_the_studys(study: dict[str, Any], tree: Node) -> None:
    null = study["test"]["null"]
    counted = 0
    for label, number in rows(tree, "permutation"):
        low, high = (value(part) for part in label.replace("below ", "").split(" to "))
        assert low is not None
        assert high is not None
        assert int(number) == sum(low <= score + 1e-9 and (score < high - 1e-9 or high == 1) for score in null), label
        counted += int(number)
    assert counted == len(null)
    figure = drawn(tree, "permutation")
    assert sum(figure["data"][0]["y"]) == len(null)
    assert study["test"]["observed"] in [shape["x0"] for shape in figure["layout"]["shapes"]]


def test_roc_calibration_and_voting_are_the_studys(study: dict[str, Any], tree: Node) -> None:
    roc = study["roc"]
    _close([row[1] for row in rows(tree, "roc-curve")], roc["false_positive_rate"], 3)
    _close([row[2] for row in rows(tree, "roc-curve")], roc["true_positive_rate"], 3)
    assert drawn(tree, "roc-curve")["data"][0]["x"] == roc["false_positive_rate"]
    assert drawn(tree, "roc-curve")["layout"]["shapes"][0]["x1"] == 1  # the diagonal
    for table, name in enumerate(("raw", "calibrated")):
        bins = study["calibration"][name]["bins"]
        found = rows(tree, "reliability", table)
        for column, part in ((1, "count"), (2, "mean_p"), (3, "share")):
            _close([row[column] for row in found], [one[part] for one in bins], 3)
        names = ("error", "null_median", "null_low", "null_high", "log_loss", "brier")
        _close(rows(tree, "calibration-error")[table][1:], [study["calibration"][name][part] for part in names], 3)
    voting = rows(tree, "voting-curve")
    _close([row[1] for row in voting], [one["accuracy"] for one in study["voting"]], 3)
    assert [row[2] for row in voting][:1] == ["81.8% to 96.4%"]
    assert [row[2] for row in voting][-1:] == ["–"]


def test_attention_is_the_studys(study: dict[str, Any], tree: Node) -> None:
    attribution = study["attribution"]
    for table, channel in enumerate(("fused", "mask")):
        found = rows(tree, "gradients", table)
        step = -(-40 // 26)
        assert "Every other of 40 steps; the figure has them all." in tree.id("gradients").text
        for at, name in enumerate(("posed", "genuine")):
            for place, part in enumerate(("mean", "sd")):
                _close(
                    [row[1 + 2 * at + place] for row in found], attribution["channels"][channel][name][part][::step], 4
                )
    _close([row[1] for row in rows(tree, "occlusion")], [one["loss_rise"] for one in attribution["occlusion"]], 3)
    assert drawn(tree, "occlusion")["data"][0]["y"] == [one["loss_rise"] for one in attribution["occlusion"]]


def test_cleaning_has_a_panel_for_each_step(study: dict[str, Any], tree: Node) -> None:
    steps = study["cleaning"]["steps"]
    for at, step in enumerate(steps):
        figure = tree.id(f"step-{at + 1}")
        assert figure.all("h3")[0].text.lower() == f"{at + 1}. {step['name']}"
        lines = drawn(tree, f"step-{at + 1}")["data"]
        sides = [one[side]["value"] for one in step["lines"] for side in ("before", "after") if one[side] is not None]
        assert sorted(map(str, sides)) == sorted(str(line["y"]) for line in lines)  # gaps too
    table = texts(tree.id("cleaning").all("table")[0])
    assert [row[3] for row in table] == ["–" if step["changed"] is None else f"{step['changed']}" for step in steps]


def test_a_panels_table_has_what_the_step_changed(study: dict[str, Any], tree: Node) -> None:
    at = next(i for i, step in enumerate(study["cleaning"]["steps"]) if step["name"] == "partial blinks")
    line = study["cleaning"]["steps"][at]["lines"][0]
    changed = [
        (time, before, after)
        for time, before, after in zip(
            line["before"]["time_ms"], line["before"]["value"], line["after"]["value"], strict=True
        )
        if before != after
    ]
    table = rows(tree, f"step-{at + 1}")
    assert 0 < len(changed) <= 20
    _close([row[0] for row in table], [time / 1000 for time, _, _ in changed], 2)
    _close([row[1] for row in table], [before for _, before, _ in changed], 3)
    assert {row[2] for row in table} == {"–"}


def test_people_and_stimuli(study: dict[str, Any], tree: Node) -> None:
    people, stimuli = (texts(table) for table in tree.id("groups").all("table"))
    assert [row[0] for row in people] == [one["name"] for one in study["participants"]]
    _close([row[5] for row in people], [one["accuracy"] for one in study["participants"]], 3)
    assert [row[4] for row in stimuli] == [str(one["scored_genuine"]) for one in study["stimuli"]]
    assert {row[6] for row in stimuli} == {"–"}  # of one class each


def test_settings_versions_and_command(study: dict[str, Any], tree: Node) -> None:
    settings = {row[0]: row[1] for table in tree.id("settings").all("table") for row in texts(table)}
    assert settings["jax"] == study["versions"]["jax"]
    assert settings["model.hidden"] == "10"
    assert settings["range_mm"] == "1.5, 9"
    assert settings["permutations"] == "39"
    assert tree.id("command").all("code")[0].text == study["command"]


def test_classes_look_the_same_everywhere(tree: Node) -> None:
    for figure in ("dilation-classes", "gradients"):
        lines = [trace for trace in drawn(tree, figure)["data"] if "name" in trace]
        looks = {(trace["name"], trace["line"]["color"], trace["line"]["dash"]) for trace in lines}
        assert looks == {("posed", "var(--class-0)", "dash"), ("genuine", "var(--class-1)", "solid")}


def test_colours_are_defined_on_light_and_on_dark(html: str) -> None:
    used = set(re.findall(r"var\((--[\w-]+)\)", html)) - {"--outcome", "--tint"}
    light, dark = re.findall(r"^\s*:root(?::not\(.printing\))? \{(.*?)\}", html, re.DOTALL | re.MULTILINE)[:2]
    assert used <= set(re.findall(r"(--[\w-]+):", light))
    assert used - {"--font", "--mono"} <= set(re.findall(r"(--[\w-]+):", dark))


def test_written_in_one_step(study: dict[str, Any], tmp_path: Path) -> None:
    path = write_report(study, tmp_path / "new" / "report.html")
    assert path.read_text(encoding="utf-8") == page(study)
    assert [one.name for one in path.parent.iterdir()] == ["report.html"]


def test_an_unfinished_study_is_refused(study: dict[str, Any], tmp_path: Path) -> None:
    del study["verdict"], study["test"]
    with pytest.raises(DataError, match=r"lacking: verdict, test\. Give the content of study\.json"):
        write_report(study, tmp_path / "report.html")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written(study: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="what would be its folder is a file"):
        write_report(study, tmp_path / "file" / "report.html")

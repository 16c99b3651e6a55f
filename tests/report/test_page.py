"""The page: its parts in their order, every figure with the numbers that it draws, and nothing that has to be fetched."""

import math
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from report.page_reading import Node, drawn, read, rows, texts, value
from report.study_variants import NASTY, VARIANTS, diverged, fresh, page_of, record_of

from smilejax._util.errors import OutputError
from smilejax._util.number_text import p_words, with_minus_signs
from smilejax.evaluation.names import CONCLUSIONS
from smilejax.report import write_report
from smilejax.report.sections import SECTIONS

ORDER = ["verdict", *(section.id for section in SECTIONS)]


@pytest.fixture(scope="module")
def html() -> str:
    return page_of(fresh())


@pytest.fixture(scope="module")
def tree(html: str) -> Node:
    return read(html)


@pytest.fixture(scope="module", params=["as it is", *VARIANTS])
def any_page(request: pytest.FixtureRequest) -> tuple[str, Node]:
    """A page and the same as a tree, of every variant."""
    study = fresh()
    html = page_of(VARIANTS[request.param](study) if request.param in VARIANTS else study)
    return html, read(html)


def sections(tree: Node) -> list[str]:
    return [str(section.attrs["id"]) for section in tree.all("section")]


def test_sections_in_their_order(any_page: tuple[str, Node]) -> None:
    """All that have something to show, and at the end what was left out, if anything was."""
    _, tree = any_page
    shown = sections(tree)
    left_out = [one for one in ORDER if one not in shown]
    assert shown == [one for one in ORDER if one in shown] + (["left-out"] if left_out else [])
    assert [link.attrs["href"] for link in tree.all("nav")[0].all("a")] == [f"#{name}" for name in shown]
    titles = {section.id: section.title for section in SECTIONS}
    reasons = [item.text for item in tree.id("left-out").all("li")] if left_out else []
    assert [reason.split(":")[0] for reason in reasons] == [titles[one] for one in left_out]
    assert all(len(reason.split(": ")[1]) > 15 for reason in reasons)


def test_the_usual_study_shows_everything_but_a_choice(tree: Node) -> None:
    assert sections(tree) == [*(one for one in ORDER if one not in ("hyperparameters", "subgroups")), "left-out"]


def test_every_variant_is_a_page(any_page: tuple[str, Node]) -> None:
    _, tree = any_page
    for section in tree.all("section"):
        assert len(section.text) > len(section.all("h2")[0].text) + 20, section.attrs["id"]
        if section.attrs["id"] == "settings":
            continue  # what a reader found in a file may be called anything
        shown = " ".join(
            node.text for node in section.nodes() if node.tag in ("p", "li", "td", "th", "figcaption", "h3")
        )
        assert not re.search(r"\b(None|nan|NaN|inf|Undefined)\b", shown), section.attrs["id"]
        assert ".." not in shown, section.attrs["id"]
        assert not re.search(r"(\w[\w ]+): \1:", shown), section.attrs["id"]  # "MiniRocket: MiniRocket:"
    ids = [node.attrs["id"] for node in tree.nodes() if "id" in node.attrs]
    assert len(ids) == len(set(ids))


OLD_WORDS = (
    r"people|persons?|answer(s|ed)|told|tells?|lead|dealt|coin|permuted studies|relabel\w*|attention"
    r"|looks? at|smiles?|videos?"
)


def test_no_word_of_the_page_has_to_be_asked_about(any_page: tuple[str, Node]) -> None:
    """The words of docs' vocabulary that were replaced; and a study of posed and genuine trials is told of no smile."""
    _, tree = any_page
    for node in tree.nodes():
        if node.tag in ("p", "li", "caption", "figcaption", "h1", "h2", "h3", "dt", "th") and NASTY[0] not in node.text:
            words = node.text.replace("Always predicting", "").replace("of always predicting", "")
            assert not re.findall(rf"\b({OLD_WORDS})\b", words), node.text


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
    assert page_of(study) == html


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"velocity_steps": 5}, "mean of the 5 steps from there on minus the mean of the 5 steps before (0.25 s each)"),
        ({"velocity_steps": 1}, "mean of the step from there on minus the mean of the step before (0.05 s each)"),
        ({"velocity_steps": 0}, ""),
        ({}, ""),
    ],
)
def test_the_data_section_says_that_the_network_is_given_velocities(
    study: dict[str, Any], change: dict[str, int], said: str
) -> None:
    study["about"]["training"]["model"] |= change
    text = read(page_of(study)).id("data").text
    assert ("velocity" in text) == bool(said)
    assert said in text
    study["about"]["vary"] = {"velocity_steps": [0, 5]}
    assert "velocity" not in read(page_of(study)).id("data").text


@pytest.mark.parametrize(
    ("blind", "said"),
    [
        ([True, True], "5 trials were excluded by hand before cleaning, blind to the class: noise (2), drift (3)."),
        ([False, False], "with the class shown, so that expectations may have played a part: noise (2), drift (3)."),
        ([None, None], "and it is not recorded whether their class was known: noise (2), drift (3)."),
        (
            [True, False],
            "2 of them blind to the class, which for the others was shown or is not recorded: noise (2), drift (3).",
        ),
    ],
)
def test_trials_excluded_by_hand_are_counted(study: dict[str, Any], blind: list[bool | None], said: str) -> None:
    assert "by hand" not in read(page_of(study)).id("data").text
    study["about"]["source"]["by_hand"] = [
        {"reason": "noise", "trials": 2, "classes": {"posed": 1, "genuine": 1}, "blind": blind[0]},
        {"reason": "drift", "trials": 3, "classes": {"posed": 0, "genuine": 3}, "blind": blind[1]},
    ]
    text = read(page_of(study)).id("data").text
    assert said in text
    assert {None: "not known", True: "hidden", False: "shown"}[blind[1]] in text


def test_hostile_names_are_text(study: dict[str, Any]) -> None:
    html = page_of(VARIANTS["hostile"](study))
    assert NASTY[0] not in html
    assert NASTY[1] not in html
    tree = read(html)
    assert NASTY[1] in tree.id("verdict").text  # and not 49
    assert tree.id("groups").all("tbody")[0].all("th")[0].text.startswith(f"{NASTY[0]}p0")
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
        assert with_minus_signs(words) in verdict.text
    assert "Limits of this study" in verdict.text
    scores, scored = study["permutation_test"]["scores"], study["protocols"][0]["scores"]
    found, null = scored["interval"], scores["null"]
    assert [node.text for node in verdict.all("span", **{"class": "value"})] == [
        f"{found['estimate']:.0%}",
        "50%",
        p_words(scores["test"]["p"]),
        f"{scored['trials_scored']}",
    ]
    remarks = [node.text for node in verdict.all("span", **{"class": "remark"})]
    assert remarks[:3] == [
        f"95% interval {found['low']:.0%} to {found['high']:.0%}",
        f"permuted labels: {100 * min(null):.0f}% to {100 * max(null):.0f}%",  # of 7 scores no "middle 95%"
        "smallest attainable: .125",
    ]


@pytest.mark.parametrize("conclusion", CONCLUSIONS)
def test_each_conclusion_has_its_colour_and_words(study: dict[str, Any], conclusion: str) -> None:
    study["verdict"]["conclusion"] = conclusion
    html = page_of(study)
    box = read(html).id("verdict")
    label = CONCLUSIONS[conclusion]
    assert box.attrs["class"] == f"verdict {label.color}"
    assert f".{label.color} {{ --outcome" in html
    assert box.all("h2")[0].text == f"Verdict: {label.label}"


def _checks(tree: Node) -> dict[str, tuple[str, str]]:
    """By name: colour, and what came of the comparison."""
    found = {}
    for item in tree.id("verdict").all("ul", **{"class": "checks"})[0].all("li"):
        name, words = item.all("span")
        found[name.text] = (str(item.attrs["class"]), words.text)
    return found


def test_each_comparison_has_its_colour(study: dict[str, Any]) -> None:
    """Green where the network exceeds, amber where a negative control does as well, blue where a reference does."""
    names = [one["name"] for one in study["classifiers"]]
    mask, rocket = (study["classifiers"][names.index(name)]["scores"] for name in ("mask", "rocket"))
    mask["difference"] |= {"estimate": 0.348, "low": 0.141, "high": 0.554}
    rocket["difference"] |= {"estimate": 0.0, "low": -0.16, "high": 0.16}
    study["permutation_test"]["scores"]["test"] |= {"p": 0.25, "reachable": False}
    checks = _checks(read(page_of(study)))
    assert checks["Permuted labels (permutation test)"] == ("grey", "cannot be judged: p = .250")
    exceeded = "exceeded: difference +34.8 points (+14.1 to +55.4)"
    assert checks["Missing-data mask (negative control)"] == ("green", exceeded)
    assert checks["MiniRocket (reference classifier)"][0] == "blue"
    assert list(checks)[1:3] == [
        "Trial length, proportion valid and baseline (negative control)",
        "Missing-data mask (negative control)",
    ]
    mask["difference"] |= {"estimate": 0.0, "low": -0.16, "high": 0.16}
    study["permutation_test"]["scores"]["test"] |= {"p": 0.01, "reachable": True}
    study["classifiers"][0]["scores"] = None
    checks = _checks(read(page_of(study)))
    assert checks["Permuted labels (permutation test)"] == ("green", "exceeded: p = .010")
    alike = "does as well: difference 0.0 points (−16.0 to +16.0)"
    assert checks["Missing-data mask (negative control)"] == ("amber", alike)
    assert checks["Majority class (reference classifier)"] == ("grey", "could not be compared")


def test_green_only_where_the_score_is_attributable() -> None:
    """Above chance alone is amber or blue."""
    assert [name for name, label in CONCLUSIONS.items() if label.color == "green"] == ["attributable"]
    assert CONCLUSIONS["not attributable"].color == "amber"


def test_simulated_data_are_marked_at_the_top(study: dict[str, Any], html: str, tree: Node) -> None:
    banner = tree.all("p", role="note")[0]
    assert "Simulated data." in banner.text
    assert "not measured on participants" in banner.text
    assert html.index("Simulated data.") < html.index("<h1>")
    study["about"]["simulated"] = False
    measured = read(page_of(study))
    assert measured.all("p", role="note") == []
    assert "Simulated data" not in measured.text


def test_what_is_missing_is_said_once(study: dict[str, Any]) -> None:
    tree = read(page_of(VARIANTS["bare"](study)))
    assert sections(tree) == ["verdict", "data", "scores", "settings", "left-out"]
    said = tree.id("left-out").text
    for words in (
        "Cleaning, step by step: no cleaning step changed",
        "Training: curves of training were not saved.",
        "Permutation test: No permutation was requested.",
        "ROC curve: it takes out-of-fold predictions",
        "Attribution: attribution was not requested",
        "Repeat this study: the command was not saved",
    ):
        assert said.count(words) == 1, words
    assert "stimuli were not recorded" in tree.id("data").text
    assert "No reference classifier and no negative control was run." in tree.id("scores").text
    assert texts(tree.id("data").all("table")[1]) == [["too short", "1", "0", "1"]]


def test_without_a_temperature_the_reason_is_given(study: dict[str, Any]) -> None:
    study["calibration"] |= {"why_not": "no fold has validation trials to spare", "scaled": None, "temperature": None}
    said = read(page_of(study)).id("calibration").text
    assert "No temperature was fitted: No fold has validation trials to spare." in said


def test_protocols_and_classifiers_that_were_not_possible(study: dict[str, Any]) -> None:
    tree = read(page_of(VARIANTS["one_protocol"](study)))
    said = tree.id("scores").text
    assert said.count("Not possible: Splitting by stimulus needs the stimulus of every trial.") == 2
    assert "Not possible: No trial has a baseline." in said
    assert [row[0] for row in rows(tree, "forest")] == [
        "New participants, known stimuli",
        "Shuffled trials (leaks)",
        "Majority class",
        "Pupil features, logistic regression",
        "MiniRocket",
        "Missing-data mask",
        "Chance level",
    ]


def test_all_runs_diverged(study: dict[str, Any]) -> None:
    tree = read(page_of(diverged(study)))
    assert "there are no scores: every run diverged" in tree.id("scores").text
    assert "Training: every run diverged." in tree.id("left-out").text
    assert "No permutation has a score" in tree.id("test").text
    assert [node.text for node in tree.id("verdict").all("span", **{"class": "value"})] == ["–", "50%", "1", "0"]
    figures = {str(figure.attrs["id"]) for figure in tree.all("figure")}
    assert {one for one in figures if not one.startswith("step-")} == {"dilation-classes", "dilation-difference"}


def test_hyperparameters(study: dict[str, Any]) -> None:
    tree = read(page_of(VARIANTS["chosen"](study)))
    assert texts(tree.id("hyperparameters").all("table")[0]) == [
        ["learning_rate 0.001", "75.0%", "4", "the first", "–", "–"],
        ["learning_rate 0.003", "78.0%", "12", "+3.1", "−1.2 to +7.5", ".300"],
        ["learning_rate 10", "–", "0", "–", "–", "–"],
    ]


def test_one_permutation_has_no_mean_and_no_spread(study: dict[str, Any]) -> None:
    tree = read(page_of(VARIANTS["one_permutation"](study)))
    quantities = dict(texts(tree.id("test").all("table")[-1]))
    assert "mean of the permuted scores" not in quantities
    assert quantities["the permuted score"] == "46.0%"
    assert "average" not in tree.id("test").text
    assert "permuted labels: 46%" in tree.id("verdict").text


def test_a_test_that_stopped_says_how_many_permutations_it_needed_and_why(study: dict[str, Any]) -> None:
    tree = read(page_of(VARIANTS["stopped_early"](study)))
    remarks = [node.text for node in tree.id("verdict").all("span", **{"class": "remark"})]
    assert remarks[2] == "stopped after 23 of 99 permutations; smallest attainable: .010"
    words = tree.id("test").text
    assert (
        "p is the proportion of permuted scores that are as high as the study's or higher. The test stopped after 23 of 99 "
        "permutations, as soon as 10 had scored as high: p = 10 / 23, which is as exact as with all (Besag & Clifford 1991)."
    ) in words
    assert "23 permuted scores" in words
    quantities = dict(texts(tree.id("test").all("table")[-1]))
    assert quantities["permutations used"] == "23"
    assert quantities["permutations at most"] == "99"
    assert quantities["permutations scoring as high at which the test stops"] == "10"
    assert quantities["smallest attainable p of this test (with the permutations at most)"] == ".010"
    all_ = "Tests of other classifiers use all 99 permutations; the network's stopped after 23."
    assert all_ in tree.id("scores").text
    assert all_ not in read(page_of(fresh())).id("scores").text


def test_many_permutations_have_a_middle(study: dict[str, Any]) -> None:
    scores = study["permutation_test"]["scores"]
    scores["null"] = [0.4 + at / 200 for at in range(40)]
    scores["test"] |= {"count": 40, "null_low": 0.405, "null_high": 0.585, "null_mean": 0.495}
    quantities = dict(texts(read(page_of(study)).id("test").all("table")[-1]))
    assert quantities["middle 95% of permuted scores"] == "40.5% to 58.5%"
    assert quantities["mean of the permuted scores"] == "49.5%"


def test_one_seed_has_no_bands(study: dict[str, Any]) -> None:
    tree = read(page_of(VARIANTS["one_seed"](study)))
    for figure in ("training-loss", "training-accuracy", "gradients"):
        assert all("fill" not in trace for trace in drawn(tree, figure)["data"]), figure
        assert "band" not in tree.id(figure).all("figcaption")[0].text
        assert not tree.id(figure).all("ul")[0].all("rect")
    assert "error_y" not in drawn(tree, "occlusion")["data"][0]
    assert "no spread between seeds" in tree.id("training").text
    assert [cell.text for cell in tree.id("occlusion").all("thead")[0].all("th")] == ["window", "rise"]


def test_bands_are_those_of_the_seeds(tree: Node) -> None:
    assert sum("fill" in trace for trace in drawn(tree, "training-loss")["data"]) == 2
    assert sum("fill" in trace for trace in drawn(tree, "gradients")["data"]) == 4


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
            study["training_curves"][f"{who}_{what}"][part]
            for who in ("train", "test")
            for part in ("mean", "low", "high")
        ]
        for at, column in enumerate(columns):
            _close([row[1 + at] for row in table], column, digits)
        lines = {trace["name"]: trace for trace in drawn(tree, f"training-{what}")["data"] if "name" in trace}
        assert lines["held-out trials"]["y"] == study["training_curves"][f"test_{what}"]["mean"]
        assert lines["training trials"]["y"] == study["training_curves"][f"train_{what}"]["mean"]
        assert lines["held-out trials"]["x"] == list(range(1, 26))


def test_scores_are_the_studys(study: dict[str, Any], tree: Node) -> None:
    table = rows(tree, "forest")
    parts = [*study["protocols"], *study["classifiers"]]
    assert table[-1] == ["Chance level", "50.0%", "–", "–"]
    for row, one in zip(table[:-1], parts, strict=True):
        assert row[0] == one["label"]
        _close(row[1:], [one["scores"]["interval"][part] for part in ("estimate", "low", "high")], 3)
    marks = [trace for trace in drawn(tree, "forest")["data"] if trace["mode"] == "markers"]
    placed = {y: x for trace in marks for x, y in zip(trace["x"], trace["y"], strict=True)}
    assert [placed[at] for at in range(len(parts))] == [one["scores"]["interval"]["estimate"] for one in parts]


def test_differences_have_their_intervals(study: dict[str, Any], tree: Node) -> None:
    table = next(one for one in tree.id("scores").all("table") if "Reference classifiers" in one.all("caption")[0].text)
    head = [cell.text for cell in table.all("thead")[0].all("th")]
    assert head[:5] == [
        "classifier",
        "balanced accuracy",
        "interval",
        "difference, points",
        "interval of the difference",
    ]
    for row, one in zip(texts(table), study["classifiers"], strict=True):
        difference = one["scores"]["difference"]
        _close([row[3]], [100 * difference["estimate"]], 1)
        low, high = (None, None) if row[4] == "–" else row[4].split(" to ")
        _close(
            [low or "–", high or "–"],
            [None if one is None else 100 * one for one in (difference["low"], difference["high"])],
            1,
        )


def test_the_scores_of_one_network_are_explained(study: dict[str, Any], tree: Node) -> None:
    table = next(one for one in tree.id("scores").all("table") if "One network" in one.all("caption")[0].text)
    scores = study["protocols"][0]["scores"]
    wanted = [
        scores["interval"]["estimate"],
        study["permutation_test"]["scores"]["test"]["observed"],
        scores["ensemble"]["balanced_accuracy"],
    ]
    assert [row[0] for row in texts(table)] == ["Mean over seeds", "Permutation test", "Ensemble"]
    _close([row[1] for row in texts(table)], wanted, 3)


def test_permutations_are_the_studys(study: dict[str, Any], tree: Node) -> None:
    null = study["permutation_test"]["scores"]["null"]
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
    assert study["permutation_test"]["scores"]["test"]["observed"] in [
        shape["x0"] for shape in figure["layout"]["shapes"]
    ]


def test_roc_calibration_and_voting_are_the_studys(study: dict[str, Any], tree: Node) -> None:
    roc = study["roc"]
    _close([row[1] for row in rows(tree, "roc-curve")], roc["false_positive_rate"], 3)
    _close([row[2] for row in rows(tree, "roc-curve")], roc["true_positive_rate"], 3)
    assert drawn(tree, "roc-curve")["data"][0]["x"] == roc["false_positive_rate"]
    assert drawn(tree, "roc-curve")["layout"]["shapes"][0]["x1"] == 1  # the diagonal
    for table, name in enumerate(("as_trained", "scaled")):
        bins = study["calibration"][name]["bins"]
        found = rows(tree, "reliability", table)
        for column, part in ((1, "count"), (2, "mean_probability"), (3, "proportion")):
            _close([row[column] for row in found], [one[part] for one in bins], 3)
        names = ("error", "null_median", "null_low", "null_high", "log_loss", "brier")
        _close(rows(tree, "calibration-error")[table][1:], [study["calibration"][name][part] for part in names], 3)
    observers = rows(tree, "observers-curve")
    _close([row[1] for row in observers], [one["balanced_accuracy"] for one in study["several_observers"]], 3)
    first = study["several_observers"][0]
    assert observers[0][2] == f"{first['low']:.1%} to {first['high']:.1%}"
    most = study["several_observers"][-1]
    assert most["low"] is None
    assert observers[-1][2] == f"none: all {most['stimuli']} stimuli correct, no variation"
    assert "the data allow no interval" in tree.id("observers-curve").all("figcaption")[0].text


def test_calibration_is_compared_with_a_perfect_model(study: dict[str, Any]) -> None:
    """With its median and its range: .088 is not "as small as can be" only because it lies below the upper end."""
    perfect = {"null_median": 0.083, "null_low": 0.037, "null_high": 0.147}
    study["calibration"]["as_trained"] |= {"error": 0.088, **perfect}
    study["calibration"]["scaled"] |= {"error": 0.249, **perfect}
    study["calibration"]["temperature"] |= {"helps": False, "final": 1.0, "median": 2.08}
    tree = read(page_of(study))
    caption = tree.id("calibration-error").all("figcaption")[0].text
    assert "As trained: 0.088; a perfectly calibrated model shows 0.083 at the median (0.037 to 0.147)" in caption
    assert "within its middle 95%. After temperature scaling: 0.249;" in caption
    assert "above its middle 95%." in caption
    assert (
        "so that the final model is not scaled: its temperature is 1 (median of the folds: 2.08)"
        in tree.id("calibration").text
    )
    study["calibration"]["temperature"] |= {"helps": True, "final": 2.08}
    assert "so that the final model uses the median temperature, 2.08" in read(page_of(study)).id("calibration").text


def test_attribution_is_the_studys(study: dict[str, Any], tree: Node) -> None:
    attribution = study["attribution"]
    for table, channel in enumerate(("fused", "mask")):
        found = rows(tree, "gradients", table)
        step = -(-40 // 26)
        assert "Every other of 40 steps; the figure shows all of them." in tree.id("gradients").text
        for at, name in enumerate(("posed", "genuine")):
            for place, part in enumerate(("mean", "sd")):
                _close(
                    [row[1 + 2 * at + place] for row in found], attribution["channels"][channel][name][part][::step], 4
                )
    _close([row[1] for row in rows(tree, "occlusion")], [one["loss_rise"] for one in attribution["occlusion"]], 3)
    assert drawn(tree, "occlusion")["data"][0]["y"] == [one["loss_rise"] for one in attribution["occlusion"]]


def shown_steps(study: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    return [(at, step) for at, step in enumerate(study["cleaning"]["steps"], start=1) if step["changed"] != 0]


def test_each_step_that_changed_something_has_a_panel(study: dict[str, Any], tree: Node) -> None:
    panels = [str(figure.attrs["id"]) for figure in tree.id("cleaning").all("figure")]
    assert panels == [f"step-{at}" for at, _ in shown_steps(study)]
    assert 0 < len(panels) < len(study["cleaning"]["steps"])
    for at, step in shown_steps(study):
        figure = tree.id(f"step-{at}")
        assert figure.all("h3")[0].text.lower() == f"{at}. {step['name']}"
        lines = drawn(tree, f"step-{at}")["data"]
        sides = [one[side]["value"] for one in step["lines"] for side in ("before", "after") if one[side] is not None]
        assert sorted(map(str, sides)) == sorted(str(line["y"]) for line in lines)  # gaps too
    table = texts(tree.id("cleaning").all("table")[0])
    assert [row[1] for row in table] == [
        "–" if step["changed"] is None else f"{step['changed']}" for step in study["cleaning"]["steps"]
    ]


def test_steps_that_changed_nothing_are_named_in_a_sentence(study: dict[str, Any], tree: Node) -> None:
    *most, last = [step["name"] for step in study["cleaning"]["steps"] if step["changed"] == 0]
    wanted = f"These steps changed nothing in this trial and have no panel: {', '.join(most)} and {last}."
    assert wanted in tree.id("cleaning").text


def _axes(tree: Node, figure: str) -> list[list[float]]:
    layout = drawn(tree, figure)["layout"]
    return [axis["range"] for name, axis in layout.items() if name.startswith("yaxis") and "range" in axis]


def test_panels_have_one_axis_until_the_scale_changes(study: dict[str, Any], tree: Node) -> None:
    steps = shown_steps(study)
    ranges = [_axes(tree, f"step-{at}") for at, _ in steps]
    common = ranges[0][0]
    assert steps[-1][1]["name"] == "baseline"
    assert ranges[-1] == []
    assert "This panel has its own axis." in tree.id(f"step-{steps[-1][0]}").text
    assert all(own and set(map(tuple, own)) == {tuple(common)} for own in ranges[:-1])
    values = [v for line in steps[0][1]["lines"] for v in line["after"]["value"] if v is not None]
    assert common[0] < min(values) < max(values) < common[1]


def test_a_spike_does_not_flatten_the_panels(study: dict[str, Any]) -> None:
    (spiked, step), (other, _) = shown_steps(study)[:2]
    step["lines"][0]["before"]["value"][30] = 40.0
    tree = read(page_of(study))
    assert _axes(tree, f"step-{spiked}")[0][1] < 6
    assert "Values beyond the axis are not shown." in tree.id(f"step-{spiked}").text
    assert "Values beyond" not in tree.id(f"step-{other}").text


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


def test_participants_and_stimuli_in_their_order(study: dict[str, Any]) -> None:
    """By the numbers in their names: 10 comes after 9."""
    for at, one in enumerate(study["stimuli"]):
        one["name"] = f"video {10 - at}"
    participants, stimuli = (texts(table) for table in read(page_of(study)).id("groups").all("table"))
    assert [row[0] for row in participants] == [f"p0{at}" for at in range(1, 9)]
    assert [row[0] for row in stimuli] == [f"video {at}" for at in range(3, 11)]
    _close([row[1] for row in participants], [one["accuracy"] for one in study["participants"]], 3)
    _close([row[2] for row in participants], [one["balanced_accuracy"] for one in study["participants"]], 3)
    # Stimuli have one class each, so that there is no balanced accuracy and no column for it.
    genuine = [str(one["scored_by_class"]["genuine"]) for one in reversed(study["stimuli"])]
    assert [row[4] for row in stimuli] == genuine
    assert [len(row) for row in stimuli] == [8] * 8


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
    path = write_report(record_of(study), tmp_path / "new" / "report.html")
    assert path.read_text(encoding="utf-8") == page_of(study)
    assert [one.name for one in path.parent.iterdir()] == ["report.html"]


def test_a_place_that_cannot_be_written(study: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="what would be its folder is a file"):
        write_report(record_of(study), tmp_path / "file" / "report.html")


def test_a_line_is_at_the_onset_of_trials_that_begin_before_it(study: dict[str, Any], html: str) -> None:
    """The study of the fixture is older than the field, and begins with its trials."""
    study["about"]["start_ms"] = -500.0
    earlier = page_of(study)
    at_zero = '"x0":0.0,"x1":0.0'
    assert html.count(at_zero) == 0
    panels = sum(1 for step in study["cleaning"]["steps"] if step["changed"] != 0 and step["lines"])
    assert earlier.count(at_zero) == 4 + panels
    assert "first sample, ms from onset" in earlier


def test_the_class_difference_is_beside_the_verdict(study: dict[str, Any]) -> None:
    study["class_difference"]["interval"] |= {"estimate": 0.066, "low": -0.017, "high": 0.149}
    tree = read(page_of(study))
    difference = "genuine minus posed 0.066 mm (95% interval −0.017 to 0.149, over 8 participants and 8 stimuli)"
    course = "Time course: whether the classes differ anywhere between 200 and 4000 ms cannot be judged"
    for section in ("verdict", "dilation"):
        assert difference in tree.id(section).text
        assert course in tree.id(section).text
    assert (
        "with t over 8 stimuli of 4 smilers at each step and all 7 permutations that exist" in tree.id("dilation").text
    )
    older = read(page_of(study | {"class_difference": None}))
    assert "Class difference" not in older.text
    assert not [shape for shape in drawn(older, "dilation-difference")["layout"]["shapes"] if shape["type"] == "rect"]


def test_clusters_are_shaded_with_their_p_and_their_edges_claim_nothing(study: dict[str, Any]) -> None:
    tree = read(page_of(VARIANTS["attributable"](study)))
    layout = drawn(tree, "dilation-difference")["layout"]
    spans = [(shape["x0"], shape["x1"]) for shape in layout["shapes"] if shape["type"] == "rect"]
    assert spans == [(0.5, 0.6), (1.75, 3.4)]
    assert [(label["text"], label["x"]) for label in layout["annotations"]] == [("p = .002", 2.575)]
    figure = tree.id("dilation-difference")
    assert "It does not say that they begin or end to differ where a cluster does." in figure.text
    assert "The test does not show at which times." in tree.id("verdict").text
    table = texts(figure.all("table")[1])
    assert ["1.75", "3.40", "genuine above posed", "151.2", ".002"] in table
    assert ["0.50", "0.60", "genuine above posed", "6.8", ".500"] in table


def test_a_stimulus_table_is_shown_by_class() -> None:
    """Numbers with their spread, words with their counts, and names from a file as they are."""
    study = fresh()
    first, second = study["class_names"]
    nothing = {"mean": None, "sd": None, "low": None, "high": None}
    size = {"stimuli": 6, "mean": 70.25, "sd": 2.5, "low": 66.0, "high": 74.5, "words": {}}
    words = {"stimuli": 6, **nothing, "words": {NASTY[0]: 4, "AFEW": 2}}
    shared = {"constant": False, "permutations": 924, "exact": True}
    study["covariates"] = [
        {
            **{
                "name": "size",
                "kind": "numbers",
                "classes": {first: size, second: size | {"mean": 66.0, "sd": 0.0, "high": 66.0}},
            },
            **{"separated": False, "standardised_difference": -0.5, "cramers_v": None, "p": 0.25, **shared},
        },
        {
            **{"name": NASTY[1], "kind": "words", "classes": {first: words, second: words | {"words": {"x": 6}}}},
            **{"separated": True, "standardised_difference": None, "cramers_v": 1.0, "p": 2 / 924, **shared},
        },
    ]
    covariates = [
        {"name": "size", "numbers": [1.5, 2], "words": None},
        {"name": NASTY[1], "numbers": None, "words": ["x", "y"]},
    ]
    notes = ["1 row was left out, of stimuli without labelled trials: 'b'."]
    table = {"name": "stimuli.csv", "stimuli": ["v0", "v1"], "covariates": covariates, "sha256": None, "notes": notes}
    study["about"]["stimulus_table"] = table
    tree = read(page_of(study))
    shown = next(one for one in tree.id("data").all("table") if "Covariates of the stimuli" in one.text)
    assert [cell.text for cell in shown.all("thead")[0].all("th")] == [
        *("covariate", f"{first} (6 stimuli)", f"{second} (6 stimuli)", "difference", "p"),
    ]
    assert texts(shown) == [
        ["size", "70.2 ± 2.50 (66.0 to 74.5)", "66.0 (every stimulus)", "−0.50", ".250"],
        [NASTY[1], f"{NASTY[0]}: 4, AFEW: 2", "x: 6", "V = 1.00, separated", ".002"],
    ]
    assert notes[0] in tree.id("data").text
    assert "Covariates of the stimuli" not in page_of(fresh())


def test_sentences_have_minus_signs(study: dict[str, Any]) -> None:
    study["verdict"]["limits"] = ["A score of -9.5 points; see 78-90 and `--draws -5`."]
    assert "A score of −9.5 points; see 78-90 and `--draws -5`." in read(page_of(study)).id("verdict").text


def test_each_area_under_the_curve_says_which_it_is(study: dict[str, Any]) -> None:
    scores = study["protocols"][0]["scores"]
    scores["ensemble"]["auc"], scores["mean_over_seeds"]["auc"]["mean"] = 0.79, 0.77
    caption = read(page_of(study)).id("roc-curve").all("figcaption")[0].text
    assert (
        "of the ensemble: 0.790 (the mean of the areas of single seeds, which text and table of scores give, is 0.770)"
        in caption
    )
    scores["accuracy_spread"]["seeds"] = 1
    assert "single seeds" not in read(page_of(study)).id("roc-curve").all("figcaption")[0].text


def test_the_majority_class_sees_no_pupil_and_its_score_is_explained(study: dict[str, Any]) -> None:
    text = " ".join(read(page_of(study)).id("scores").text.split())
    assert "all of them but the majority class see the pupil's response" in text
    assert "has 49.5%: it predicts the larger class of each fold's training trials" in text


def test_chance_is_drawn_as_its_key_says(tree: Node) -> None:
    """Upright lines without dashes beside the scores; dashes where a figure says so."""
    forest = tree.id("forest")
    assert "Upright grey lines: chance level." in forest.all("figcaption")[0].text
    assert not [one for one in forest.all("line") if "stroke-dasharray" in one.attrs]


def test_p_stands_above_some_clusters_and_in_the_table_for_all(tree: Node) -> None:
    caption = " ".join(tree.id("dilation-difference").all("figcaption")[0].text.split())
    assert "p stands above the largest cluster and above each significant one; the table has p of all." in caption

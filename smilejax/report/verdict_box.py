"""What stands first: the verdict, and the numbers it rests on."""

from dataclasses import dataclass

from smilejax.report.formatting import known, p_value, percent, several, span
from smilejax.report.page_parts import Numbers

TAGS = {
    "found": "Told apart",
    "not found": "Not shown to be told apart",
    "not judged": "Cannot be judged",
}
"""The outcome in the fewest words. Each is a result; none is praise."""


@dataclass(frozen=True)
class Opening:
    """The verdict as the page shows it: a tag, its look, the headline, figures (name, value, remark), and two lists."""

    tag: str
    look: str
    headline: str
    facts: tuple[tuple[str, str, str], ...]
    findings: tuple[str, ...]
    limits: tuple[str, ...]


def opening(numbers: Numbers) -> Opening:
    """The verdict of a study."""
    verdict = numbers["verdict"]
    return Opening(
        TAGS.get(verdict["outcome"], str(verdict["outcome"])),
        str(verdict["outcome"]).replace(" ", "-"),
        verdict["headline"],
        (_score(numbers), _chance(numbers), _p(numbers), _scored(numbers)),
        tuple(verdict["findings"]),
        tuple(verdict["limits"]),
    )


def of_verdict(numbers: Numbers) -> Numbers:
    """The protocol that the verdict is about."""
    found: Numbers = next((one for one in numbers["protocols"] if one["name"] == numbers["verdict_protocol"]), {})
    return found


def _score(numbers: Numbers) -> tuple[str, str, str]:
    interval = of_verdict(numbers).get("interval") or {}
    low, high = interval.get("low"), interval.get("high")
    remark = f"{percent(interval['level'], 0)} interval {span(low, high, 0)}" if known(low) else "no interval"
    return "Balanced accuracy", percent(interval.get("estimate"), 0), remark


def _chance(numbers: Numbers) -> tuple[str, str, str]:
    test = numbers["test"]
    if known(test.get("null_low")):
        return "Chance", "50%", f"permuted studies: {span(test['null_low'], test['null_high'], 0)}"
    return "Chance", "50%", "a coin"


def _p(numbers: Numbers) -> tuple[str, str, str]:
    test = numbers["test"]
    if not test["done"]:
        return "p by permutation", p_value(None), "no test"
    return "p by permutation", p_value(test["p"]), f"the smallest possible: {p_value(test['smallest_p'])}"


def _scored(numbers: Numbers) -> tuple[str, str, str]:
    score, units = of_verdict(numbers), of_verdict(numbers)["interval"]["units"]
    seen = several(units["participants"], "participant")
    if numbers["data"]["stimuli"] is not None:
        seen += f", {several(units['stimuli'], 'stimulus', 'stimuli')}"
    return "Trials scored", f"{score.get('trials_scored', 0):,}", seen

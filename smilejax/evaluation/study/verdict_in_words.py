"""The verdict: a study's numbers in words, no stronger than they are."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from smilejax._util.errors import listed
from smilejax.splits.permutations import MORE, where_permuted

Numbers = dict[str, Any]
Conclusion = Literal["found", "not found", "not judged"]

PUPIL_FREE = ("mask", "baseline")
"""Controls that see nothing of how the pupil answered: where one does as well, the answer need not come from it."""
BIASED = 0.47
"""PermutedLabels studies whose mean is below this are spoken of: their folds' classes do not balance (our choice)."""
FEW = 6
"""Fewer participants or stimuli than this make an interval of little worth, and the verdict says so (our choice)."""
LOPSIDED = 3.0
"""Classes this unequal are spoken of: answering the larger one alone gives 75 % (our choice)."""


@dataclass(frozen=True)
class Verdict:
    """What a study found.

    Arguments:
        outcome: "found" where p is up to alpha; "not judged" where the design or the runs allow no test.
        headline: one sentence with score, interval and p.
        findings: what else the numbers say: chance, controls, smile or video, seeds.
        limits: what could not be judged, or only weakly, and why.
    """

    outcome: Conclusion
    headline: str
    findings: tuple[str, ...]
    limits: tuple[str, ...]


def verdict(numbers: Numbers) -> Verdict:
    """Words for the numbers of a study (`study.json`)."""
    outcome = _outcome(numbers)
    findings = (*_chance(numbers), *_controls(numbers, outcome), *_videos(numbers, outcome), *_training(numbers))
    return Verdict(outcome, _headline(numbers, outcome), findings, tuple(_limits(numbers)))


def _of_verdict(numbers: Numbers) -> Numbers:
    found: Numbers = next(one for one in numbers["protocols"] if one["name"] == numbers["verdict_protocol"])
    return found


def _outcome(numbers: Numbers) -> Conclusion:
    test = numbers["test"]
    if _of_verdict(numbers)["interval"]["estimate"] is None or not _tested(test) or not test["reachable"]:
        return "not judged"
    return "found" if test["p"] <= numbers["alpha"] else "not found"


def _tested(test: Numbers) -> bool:
    """Whether truth and permutations were trained, and not all of either diverged."""
    return bool(test["done"]) and test["observed"] is not None and test["null_mean"] is not None


def _headline(numbers: Numbers, outcome: Conclusion) -> str:
    first, second = numbers["class_names"]
    score, test = _of_verdict(numbers), numbers["test"]
    what = f"pupils tell {second} from {first}"
    if score["interval"]["estimate"] is None:
        return f"Whether {what} cannot be judged: no run gave an answer."
    reached = (
        f"{percent(score['interval']['estimate'])} right ({_interval(score['interval'])}) on {score['scores']}, where a coin "
        "has 50%"
    )
    if outcome == "found" and score["name"] == "shuffled":
        return (
            f"Trials of {second} are told from those of {first}, by the pupil's answer or by who watched what: {reached}; "
            f"p = {test['p']:.2g}."
        )
    if outcome == "found" and score["interval"]["estimate"] <= 0.5:
        return (
            f"The study does better than permuted ones, which reach {percent(test['null_mean'])} on average, but {second} is "
            f"not told from {first}: {reached}; p = {test['p']:.2g}."
        )
    if outcome == "found":
        return f"The {what}: {reached}; p = {test['p']:.2g}."
    if outcome == "not found":
        return f"No evidence that {what}: {reached}; p = {test['p']:.2g}."
    return f"Whether {what} cannot be judged by this study: {reached}, and {_untested(numbers)}."


def _untested(numbers: Numbers) -> str:
    test = numbers["test"]
    if not test["done"]:
        return "there was no test"
    if not _tested(test):
        return "the trainings of its test diverged"
    return f"no p below {test['smallest_p']:.2g} can be reached"


def _chance(numbers: Numbers) -> Iterator[str]:
    test = numbers["test"]
    if not _tested(test):
        return
    seeds = f"{test['seeds']} seed{'s' if test['seeds'] > 1 else ''}"
    reached = (
        f"{test['at_least']} of {test['count']} permuted studies, trained in the same way, did as well as the study itself "
        f"with the same {seeds} ({percent(test['observed'])})"
    )
    where = where_permuted(test["scheme"], test["within_folds"])
    yield (
        f"{reached}; they reach {percent(test['null_mean'])} on average, and most of them {percent(test['null_low'])} to "
        f"{percent(test['null_high'])}. Labels were permuted {where}; the smallest p that they can give is "
        f"{test['smallest_p']:.2g}."
    )


def _controls(numbers: Numbers, outcome: Conclusion) -> Iterator[str]:
    there = [one for one in numbers["controls"] if one["available"] and one["difference"]["estimate"] is not None]
    if outcome != "not found" and (outcome == "found" or (_of_verdict(numbers)["interval"]["estimate"] or 0.0) > 0.5):
        # Where every trial gives the same difference, or a class rests on one person or stimulus, there is no interval.
        unsure = [one for one in there if one["difference"]["low"] is None and one["difference"]["estimate"] > 0]
        equal = [one for one in there if one not in unsure and (one["difference"]["low"] or 0.0) <= 0]
        better = [one for one in equal if one["difference"]["estimate"] <= 0]
        rest = [one for one in equal if one not in better]
        if better:
            yield f"A control does as well: {listed(map(_compared, better))}. The model adds nothing that is shown here."
        if rest:
            yield f"The model is not shown to do better than {listed(map(_compared, rest))}."
        if unsure:
            yield f"The model is above {listed(map(_compared, unsure))}; how sure that is, no interval says."
        if len(there) > len(unsure) and not equal and outcome == "found":
            yield f"The model does better than {_all(numbers['controls'], there, unsure)}."
        # One that is not above chance itself has learnt nothing that the model could have.
        above = [one for one in equal if _above_chance(one["interval"])]
        if blind := [one["title"] for one in above if one["name"] in PUPIL_FREE]:
            yield f"What was learnt may be the recording and not the pupil: {listed(blind)} saw nothing of the pupil's answer."
    if outcome != "found":
        yield from _instead(there, numbers["alpha"])


def _instead(controls: list[Numbers], alpha: float) -> Iterator[str]:
    """Controls that tell the classes apart where the model does not."""
    tested = [one for one in controls if one["test"] is not None and one["name"] != "majority"]
    sure = [one for one in tested if one["test"]["p_corrected"] <= alpha]
    alone = [one for one in tested if one["test"]["p"] <= alpha and one not in sure]
    if sure:
        yield f"Where the model does not tell the classes apart, a control does: {_with_p(sure, len(tested))}."
    if alone:
        yield (
            f"Where the model does not tell the classes apart, a control may: {_with_p(alone, len(tested))}. Corrected for "
            f"{len(tested)}, a p of {alpha:g} takes more permutations or a stronger effect."
        )


def _with_p(controls: list[Numbers], of: int) -> str:
    return listed(
        f"{one['title']} ({percent(one['interval']['estimate'])}, p = {one['test']['p']:.2g}, {one['test']['p_corrected']:.2g} "
        f"corrected for {of} controls)"
        for one in controls
    )


def _all(controls: list[Numbers], there: list[Numbers], unsure: list[Numbers]) -> str:
    """The controls that the model is better than: all, or which are not among them."""
    if len(there) == len(controls):
        return "every other control" if unsure else "every control"
    answered = f"the {len(there) - len(unsure)} controls that gave an answer"
    missing = [one["title"] for one in controls if one not in there]
    return f"{answered}{' and an interval' if unsure else ''}; nothing came of {listed(missing)}"


def _compared(control: Numbers) -> str:
    difference = control["difference"]
    lead = f"{points(difference['estimate'])} points"
    between = "" if difference["low"] is None else f", {points(difference['low'])} to {points(difference['high'])}"
    return f"{control['title']} ({percent(control['interval']['estimate'])}; the model's lead is {lead}{between})"


def _videos(numbers: Numbers, outcome: Conclusion) -> Iterator[str]:
    """Whether it is the smile or the video that was learnt."""
    by = {one["name"]: one for one in numbers["protocols"] if one["available"]}
    name, strongest = numbers["verdict_protocol"], _of_verdict(numbers)
    if strongest["interval"]["estimate"] is None:
        return
    if name == "participant-and-stimulus" and "participant" in by:
        seen, new = by["participant"]["interval"], strongest["interval"]
        both = (
            f"on stimuli that it was trained on {percent(seen['estimate'])} ({_interval(seen)}), on new ones "
            f"{percent(new['estimate'])}"
        )
        if outcome == "found":
            yield f"It is not the videos alone that were learnt: the model reaches {both}."
        elif outcome == "not judged":
            without = "by a test that could find nothing" if _tested(numbers["test"]) else "without a test"
            yield f"The model reaches {both}; whether that is the smile or the video is not settled {without}."
        elif _leans(numbers) is None and (numbers["videos"]["low"] or 0) > 0 and _above_chance(seen):
            more = f"{points(numbers['videos']['low'])} to {points(numbers['videos']['high'])} points more"
            yield f"It is the videos that were learnt, as far as this study shows: the model reaches {both}; {more}."
        else:
            yield f"Nor is it shown that the videos were learnt: the model reaches {both}."
    if name != "shuffled" and "shuffled" in by and by["shuffled"]["interval"]["estimate"] is not None:
        yield (
            "By shuffled trials, the protocol of many reports, the same model reaches "
            f"{percent(by['shuffled']['interval']['estimate'])}; that number says nothing about new people."
        )


def _training(numbers: Numbers) -> Iterator[str]:
    seeds, folds = sd_of_seeds(_of_verdict(numbers)), _of_verdict(numbers)["score_spread"]["sd_folds"]
    if seeds is not None:
        yield f"The seed alone moves this score by {points(seeds)} points (sd)" + (
            "." if folds is None else f", and the accuracy of folds differs by {points(folds)}."
        )
    calibration = numbers["calibration"]
    after = calibration.get("calibrated")
    if after is not None and after["error"] is not None:
        inside = after["error"] <= after["null_high"]
        words = "as small as a perfect model's can be" if inside else "more than a perfect model's"
        yield f"The calibration error of its probabilities is {after['error']:.2f}, {words} ({after['null_high']:.2f})."


def _limits(numbers: Numbers) -> Iterator[str]:
    yield from _weaker(numbers)
    test, data = numbers["test"], numbers["data"]
    if not test["done"]:
        yield f"There was no test by permutation: {test['why_not']}"
    elif not test["reachable"]:
        few = test["design_smallest_p"] <= numbers["alpha"] and test["count"] >= test["asked"]
        most = "more permutations (--permutations)" if few else f"more {MORE[test['scheme']]}"
        yield (
            f"No outcome of this study could be significant at {numbers['alpha']:g}: the smallest p it can give is "
            f"{test['smallest_p']:.2g}. It takes {most}."
        )
    interval = _of_verdict(numbers)["interval"]
    if _outcome(numbers) == "found" and interval["low"] is not None and interval["low"] <= 0.5:
        holds = "holds 50%" if interval["high"] >= 0.5 else "lies below 50%"
        yield f"The interval {holds}: that other people or stimuli would be told apart is not shown by it."
    if (leans := _leans(numbers)) is not None:
        yield (
            f"{leans} and not 50%: where folds leave out more of one class, the other is trained on more. Compare the score "
            "with that."
        )
    if data["confounded"]:
        yield (
            "Each participant has one label, and so has each stimulus: the classes differ in people and in stimuli at once, "
            "and no test of these data can tell which of them made the difference."
        )
    yield from _small(data, interval["units"])
    for one in numbers["protocols"]:
        if one["available"] and one["diverged"]:
            runs = f"{one['diverged']} of {one['runs']} runs by {one['name']}"
            yield f"{runs} diverged and answer nothing; lower the learning rate."
    for control in numbers["controls"]:
        if control["available"] and control["interval"]["estimate"] is None:
            yield f"A control gave no answer, since its runs diverged: {control['title']}."
    if test["done"] and test["diverged_runs"]:
        yield f"{test['diverged_runs']} of {test['runs']} runs of the test diverged."
    if test["done"] and test["diverged"]:
        yield f"{test['diverged']} permuted studies diverged; each counts as one that did as well."
    if not numbers["calibration"]["done"]:
        yield f"Probabilities are not calibrated: {numbers['calibration']['why_not']}"
    for control in numbers["controls"]:
        if not control["available"]:
            yield f"A control could not be run, {control['title']}: {control['why_not']}"


def _leans(numbers: Numbers) -> str | None:
    """That what learns nothing scores below a coin on these folds, if it does."""
    test = numbers["test"]
    if _tested(test):
        low = test["null_mean"] < BIASED
        return f"PermutedLabels studies reach {percent(test['null_mean'])} on average" if low else None
    of_shares = next((one for one in numbers["controls"] if one["name"] == "majority" and one["available"]), None)
    share = None if of_shares is None else of_shares["interval"]["estimate"]
    if share is None or share >= BIASED:
        return None
    return f"To answer with the class that was trained on most is right in {percent(share)} on these folds"


def _weaker(numbers: Numbers) -> Iterator[str]:
    """Why the verdict is not by new people and new stimuli at once."""
    if numbers["verdict_protocol"] == "participant-and-stimulus":
        return
    both = next(one for one in numbers["protocols"] if one["name"] == "participant-and-stimulus")
    strongest = _of_verdict(numbers)
    yield (
        f"The verdict is about {strongest['scores']}, and no others: {both['why_not']}"
        + (f" {_leak(strongest)}" if strongest["leaky"] else "")
    )
    if numbers["data"]["stimuli"] is None:
        yield "Stimuli were not recorded, so that it cannot be told whether the smile or the video was learnt."


def _leak(protocol: Numbers) -> str:
    why = protocol["why_leaky"]
    return f"It can be too high: {why}."


def _small(data: Numbers, scored: Numbers) -> Iterator[str]:
    for what in ("participants", "stimuli"):
        if data[what] is not None and 0 < (n := scored[what]) < FEW:
            words = {"participants": "participant", "stimuli": "stimulus"}[what] if n == 1 else what
            yield f"{n} {words} cannot stand for others: the interval is of little worth beyond them."
    if data["smilers"] == 1:
        yield "All stimuli are of one smiler: of other smilers nothing is known."
    counts = list(data["kept_classes"].values())
    if min(counts) and max(counts) / min(counts) >= LOPSIDED:
        larger = max(data["kept_classes"], key=lambda name: data["kept_classes"][name])
        yield (
            f"Classes are unequal ({listed(f'{n} {name}' for name, n in data['kept_classes'].items())}): always answering "
            f"{larger} is right in {percent(max(counts) / sum(counts))}. So scores are balanced over the classes."
        )
    if data["single"]:
        yield (
            "Each participant gave one trial of a class at most: how a person's own trials vary cannot be told from how "
            "people differ."
        )


def sd_of_seeds(protocol: Numbers) -> float | None:
    """What the seed alone does to a protocol's score, the balanced accuracy."""
    sd: float | None = protocol["metrics"]["balanced_accuracy"]["sd"]
    return sd


def percent(share: float | None) -> str:
    """A share as people read it: whole percents."""
    return "-" if share is None else f"{100 * share:.0f}%"


def points(difference: float | None) -> str:
    """A difference of shares, in percentage points."""
    return "-" if difference is None else f"{round(100 * difference, 1) + 0.0:.1f}"  # and not -0.0


def _above_chance(interval: Numbers) -> bool:
    """Whether an interval lies above 50 %; where every trial is right there is none."""
    return bool(interval["estimate"] == 1.0 if interval["low"] is None else interval["low"] > 0.5)


def _interval(interval: Numbers) -> str:
    if interval["low"] is None:
        return "no interval"
    return f"{100 * interval['level']:g}% interval {percent(interval['low'])} to {percent(interval['high'])}"

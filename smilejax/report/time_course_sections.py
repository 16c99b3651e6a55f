"""Along a trial and along training: the pupil by class, and loss and accuracy after each epoch."""

from typing import Any

from smilejax.report.formatting import channel_words, known, number, percent, seconds, significant, unit_words
from smilejax.report.page_parts import Block, Figure, Numbers, Section, Table, Words, thinned
from smilejax.report.plotly_figures import CLASSES, ONE, OTHER, SHARES, Style, axis, band, level, line, spec

LINES = (("train", "trained on", OTHER), ("test", "held out", ONE))
"""Name in the numbers, in words, and look."""


def dilation_section(numbers: Numbers) -> Section:
    """Mean course of each class, and the difference."""
    dilation = numbers.get("dilation")
    if not dilation or not any(known(v) for one in dilation["classes"].values() for v in one["mean"]):
        why = "There is no step of the trials at which both classes could be averaged, so there is no course to show."
        return Section("dilation", "Mean dilation", "Dilation", (Words(why),))
    first, second = numbers["class_names"]
    blocks: list[Block] = [
        Words(
            f"The channel shown: {channel_words(dilation['channel'])}. Means are over {dilation['over']}, each counting once. "
            f"Bands are {percent(numbers['level'], 0)} t intervals at each step on its own: over a whole trial, a few of "
            "many steps lie outside by chance. The test of the study is in another section; these figures only describe."
        ),
        _classes(dilation, first, second),
        _difference(dilation, first, second),
    ]
    return Section("dilation", "Mean dilation by class", "Dilation", tuple(blocks))


def _classes(dilation: Numbers, first: str, second: str) -> Figure:
    times = [time / 1000 for time in dilation["time_ms"]]
    unit = unit_words(dilation["unit"])
    courses = [dilation["classes"][name] for name in (first, second)]
    traces = [band(times, one["low"], one["high"], style) for one, style in zip(courses, CLASSES, strict=True)]
    traces += [
        line(times, one["mean"], style, name)
        for one, style, name in zip(courses, CLASSES, (first, second), strict=True)
    ]
    return Figure(
        "dilation-classes",
        "Mean of each class",
        f"Mean dilation while {first} and {second} are watched. Lines: means over {dilation['over']}; bands: their intervals.",
        _said(dilation, first, second, unit),
        spec(traces, hovermode="x unified", xaxis=axis("time, s"), yaxis=axis(f"dilation, {unit}", nticks=7)),
        (
            _course_table(
                f"Mean dilation in {unit}", dilation["time_ms"], dict(zip((first, second), courses, strict=True))
            ),
        ),
        tuple(style.key(name, band=True) for style, name in zip(CLASSES, (first, second), strict=True)),
        height=360,
    )


def _difference(dilation: Numbers, first: str, second: str) -> Figure:
    times = [time / 1000 for time in dilation["time_ms"]]
    unit, course = unit_words(dilation["unit"]), dilation["difference"]
    paired = f"within each of the {dilation['over']} with both, then averaged"
    how = paired if dilation["paired"] else f"of the means over {dilation['over']}"
    return Figure(
        "dilation-difference",
        "The difference",
        f"The difference {second} less {first}, {how}. Above zero the pupil is larger for {second}. Where the band holds "
        "zero, the step on its own shows no difference.",
        f"Difference {second} less {first} along the trial. {_largest(dilation, first, second, unit)}",
        spec(
            [band(times, course["low"], course["high"], ONE), line(times, course["mean"], ONE, "difference")],
            hovermode="x unified",
            xaxis=axis("time, s"),
            yaxis=axis(f"difference, {unit}", nticks=7),
            shapes=[level(0.0)],
        ),
        (_course_table(f"Difference of the means in {unit}", dilation["time_ms"], {f"{second} less {first}": course}),),
        (ONE.key(f"{second} less {first}", band=True),),
        height=280,
    )


def _said(dilation: Numbers, first: str, second: str, unit: str) -> str:
    return f"Mean dilation of {first} and of {second} along the trial. {_largest(dilation, first, second, unit)}"


def _largest(dilation: Numbers, first: str, second: str, unit: str) -> str:
    course = dilation["difference"]
    there = [at for at, value in enumerate(course["mean"]) if known(value)]
    if not there:
        return "No difference could be averaged."
    at = max(there, key=lambda i: abs(course["mean"][i]))
    value, low, high = course["mean"][at], course["low"][at], course["high"][at]
    interval = f", interval {significant(low)} to {significant(high)}" if known(low) and known(high) else ""
    above = "above" if value > 0 else "below"
    return (
        f"They are furthest apart at {seconds(dilation['time_ms'][at])} s, where {second} is {significant(abs(value))} {unit} "
        f"{above} {first} (difference {significant(value)}{interval})."
    )


def _course_table(caption: str, time_ms: list[float], courses: dict[str, Numbers]) -> Table:
    rows, note = thinned(len(time_ms), "steps")
    head = ["time, s"]
    for name in courses:
        head += [f"{name}: mean", "low", "high"]
    return Table(
        caption,
        tuple(head),
        tuple(
            (
                seconds(time_ms[i]),
                *(number(one[part][i], 4) for one in courses.values() for part in ("mean", "low", "high")),
            )
            for i in rows
        ),
        (),
        note,
    )


def training_section(numbers: Numbers) -> Section:
    """Loss and accuracy against epoch, of trials trained on and held out."""
    title = "Training"
    curves = numbers.get("curves")
    if not curves:
        return Section("training", title, title, (Words("Curves of training were not kept."),))
    if not any(known(v) for name in ("train_loss", "test_loss") for v in curves[name]["mean"]):
        return Section("training", title, title, (Words("Every run diverged, so there is no curve to show."),))
    words = (
        f"After each of {curves['epochs']} epochs, on the trials trained on and on those held out, which no part of training "
        "saw. Of each seed the mean over folds was taken; the line is the mean over seeds and the band goes from the least to "
        "the greatest seed. Where the lines part, the model goes on learning its own trials and no more about others."
    )
    blocks = (
        Words(words),
        _curve("loss", curves, "Loss against epoch", "cross-entropy, nats", {}),
        _curve("accuracy", curves, "Accuracy against epoch", "accuracy", {**SHARES, "range": [0, 1.02]}),
    )
    return Section("training", title, title, blocks)


def _curve(what: str, curves: Numbers, title: str, unit: str, look: dict[str, Any]) -> Figure:
    epochs = [float(at + 1) for at in range(curves["epochs"])]
    form = percent if what == "accuracy" else number
    chance = level(0.5) if what == "accuracy" else None
    parts = [(curves[f"{name}_{what}"], words, style) for name, words, style in LINES]
    last = "; ".join(f"{words}: {form(one['mean'][-1])}" for one, words, _ in parts)
    rows, note = thinned(len(epochs), "epochs")
    head = ["epoch"]
    for _, words, _ in parts:
        head += [f"{words}: mean", "least", "greatest"]
    return Figure(
        f"training-{what}",
        title,
        f"Mean {what} over seeds, least to greatest as a band." + (" The dashed line is a coin's." if chance else ""),
        f"{title}, at the end {last}.",
        spec(
            [trace for one, words, style in parts for trace in _traces(epochs, one, words, style, what)],
            hovermode="x unified",
            xaxis=axis("epoch", rangemode="tozero"),
            yaxis=axis(unit, nticks=7, **look),
            shapes=[chance] if chance else [],
        ),
        (
            Table(
                title,
                tuple(head),
                tuple(
                    (f"{i + 1}", *(form(one[part][i]) for one, _, _ in parts for part in ("mean", "low", "high")))
                    for i in rows
                ),
                (),
                note,
            ),
        ),
        tuple(style.key(words, band=True) for _, words, style in parts),
        height=300,
    )


def _traces(epochs: list[float], one: Numbers, words: str, style: Style, what: str) -> list[dict[str, Any]]:
    hover = "%{y:.1%}" if what == "accuracy" else "%{y:.3f}"
    drawn = line(epochs, one["mean"], style, words, hover)
    if len(epochs) < 3:
        drawn["mode"] = "lines+markers"  # a line of one point is none
    return [band(epochs, one["low"], one["high"], style), drawn]

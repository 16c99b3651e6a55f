"""What was recorded, what was left out, and what cleaning did to one trial."""

from dataclasses import replace
from typing import Any

from smilejax.report.formatting import (
    DASH,
    channel_words,
    count,
    known,
    number,
    percent,
    seconds,
    sentence,
    several,
    unit_words,
)
from smilejax.report.page_parts import Block, Figure, Grid, Key, Numbers, Points, Section, Table, Words, thinned
from smilejax.report.plotly_figures import Style, axis, line, spec

BEFORE = Style("var(--before)", "var(--before)")
AFTER = Style("var(--after)", "var(--after)")
SIDES = ("before", "after")
MOST_SAMPLES = 20
"""Rows of a panel's table: there are many panels."""
KEYS = (Key("before the step", BEFORE.color, wide=6.0), Key("after it", AFTER.color, wide=1.6))


def data_section(numbers: Numbers) -> Section:
    """Counts, classes, and what was left out for which reason."""
    data = numbers["data"]
    blocks: list[Block] = [Words(_counts(numbers)), _classes(numbers)]
    if data["excluded"]:
        blocks.append(_excluded(numbers))
    else:
        blocks.append(Words("No trial was left out."))
    notes = [
        *data.get("notes", ()),
        *(note for note in numbers["about"].get("notes", ()) if note not in data.get("notes", ())),
    ]
    if notes:
        blocks.append(Points(tuple(sentence(str(note)) for note in notes)))
    return Section("data", "Data and exclusions", "Data", tuple(blocks))


def _counts(numbers: Numbers) -> str:
    data, about = numbers["data"], numbers["about"]
    who = several(data["participants"], "participant")
    if data["stimuli"] is None:
        what = "; stimuli were not recorded"
    else:
        what = f" watching {several(data['stimuli'], 'stimulus', 'stimuli')}"
        what += f" of {several(data['smilers'], 'smiler')}" if data["smilers"] is not None else ""
    channels = "; ".join(channel_words(name) for name in data["channels"])
    return (
        f"{several(data['trials'], 'trial')} of {who}{what}. {several(data['kept'], 'trial was', 'trials were')} kept. On "
        f"average over trials, {percent(data['proportion_valid'])} of a trial was measured; the rest was missing or taken out. The "
        f"recording has {about['recorded_hz']:g} samples a second; the model sees {several(data['steps'], 'step')} a trial, "
        f"{about['model_hz']:g} a second, of {several(len(data['channels']), 'channel')} ({channels})."
    )


def _classes(numbers: Numbers) -> Table:
    data = numbers["data"]
    rows = [
        (name, count(trials), count(data["kept_classes"][name]), count(trials - data["kept_classes"][name]))
        for name, trials in data["classes"].items()
    ]
    if data["unlabelled"]:
        rows.append(("no class given", count(data["unlabelled"]), "", ""))
    rows.append(("all", count(data["trials"]), count(data["kept"]), count(data["trials"] - data["kept"])))
    return Table("Trials by class", ("class", "recorded", "kept", "left out"), tuple(rows))


def _excluded(numbers: Numbers) -> Table:
    names = numbers["class_names"]
    rows = tuple(
        (one["verdict"], *(count(one[name]) for name in names), count(sum(one[name] for name in names)))
        for one in numbers["data"]["excluded"]
    )
    return Table("Trials left out, by reason", ("reason", *names, "both classes"), rows)


def cleaning_section(numbers: Numbers) -> Section:
    """One panel for each step, before and after."""
    cleaning = numbers.get("cleaning")
    if not cleaning or not cleaning["steps"]:
        why = "No step of cleaning changed the trial that would be shown." if cleaning else "The cleaning was not kept."
        return Section("cleaning", "Cleaning", "Cleaning", (Words(why),))
    steps = tuple(_panel(at, step, cleaning["unit"]) for at, step in enumerate(cleaning["steps"]))
    words = (
        f"One trial, step by step: trial {cleaning['trial']} of participant {cleaning['participant']}, chosen because it has "
        "the median share measured of the kept trials with a blink. The broad pale line is what stood before the step, the "
        "thin one what stood after it. Where only the broad line is seen, the step took samples away; where only the thin one "
        f"is seen, it filled or moved them. Vertical: pupil in {unit_words(cleaning['unit'])}; horizontal: time in seconds."
    )
    summary = Table(
        "What each step did to this trial",
        ("step", "what it does", "source", "samples changed"),
        tuple(
            (one["name"], one["does"], one.get("source") or DASH, count(one["changed"])) for one in cleaning["steps"]
        ),
        (0, 1, 2),
    )
    return Section("cleaning", "Cleaning, step by step", "Cleaning", (Words(words), summary, Grid(steps)))


def _panel(at: int, step: Numbers, unit: str) -> Figure:
    lines = step["lines"]
    name = step["name"]
    joined = any(one[side] is None for one in lines for side in SIDES)
    present = "; ".join(_present(one) for one in lines)
    return Figure(
        f"step-{at + 1}",
        f"{at + 1}. {sentence(name).removesuffix('.')}",
        f"{sentence(step['does'])} {_changed(step)}",
        f"Pupil along the trial before and after the step {name}. {_changed(step)} {sentence(present)}",
        _drawn([lines] if joined else [[one] for one in lines]),
        (_joined_table(step, unit),) if joined else tuple(_table(step, one, unit) for one in lines),
        KEYS,
        height=230,
    )


def _changed(step: Numbers) -> str:
    if step["changed"] is None:
        return "Other lines stand after it than before, so that no samples are counted."
    return f"{several(step['changed'], 'sample')} changed." if step["changed"] else "It changed nothing in this trial."


def _present(one: Numbers) -> str:
    told = [
        f"{sum(map(known, one[side]['value']))} of {len(one[side]['value'])} samples {side}"
        for side in SIDES
        if one[side]
    ]
    return f"{one['name']}: {', '.join(told)}"


def _drawn(plots: list[list[Numbers]]) -> str:
    """Plots one above the other on one time axis, each with one line or, where lines were joined, with all."""
    traces: list[dict[str, Any]] = []
    layout: dict[str, Any] = {"hovermode": "x unified", "margin": {"l": 8, "r": 6, "t": 6, "b": 4}}
    height = 1 / max(len(plots), 1)
    for at, lines in enumerate(plots):
        own, top = "" if at == 0 else str(at + 1), 1 - at * height
        traces += [
            _trace(one, side, f"y{own}", alone=len(lines) == 1)
            for side in SIDES
            for one in lines
            if one[side] is not None
        ]
        title = lines[0]["name"].removesuffix(" eye") if len(plots) > 1 else ""
        bottom = max(top - height + (0.08 if at < len(plots) - 1 else 0), 0)
        layout[f"yaxis{own}"] = axis(title, domain=[bottom, top], nticks=5)
    last = "" if len(plots) < 2 else str(len(plots))
    return spec(traces, xaxis=axis("", nticks=6, anchor=f"y{last}"), **layout)


def _trace(one: Numbers, side: str, yaxis: str, *, alone: bool) -> dict[str, Any]:
    style, width = (BEFORE, 5.0) if side == "before" else (AFTER, 1.3)
    if one["name"].startswith("right") and not alone:
        style = replace(style, dash="dot")
    times = [time / 1000 for time in one[side]["time_ms"]]
    drawn = line(times, one[side]["value"], style, side if alone else f"{side}, {one['name']}", yaxis=yaxis)
    drawn["line"]["width"] = width
    return drawn


def _table(step: Numbers, one: Numbers, unit: str) -> Table:
    """The samples that a step changed; those it left as they were are the same in both lines. A few where it changed none."""
    earlier = dict(zip(one["before"]["time_ms"], one["before"]["value"], strict=True))
    every = [
        (time, earlier.get(time), value)
        for time, value in zip(one["after"]["time_ms"], one["after"]["value"], strict=True)
    ]
    rows = [row for row in every if row[0] not in earlier or row[1] != row[2]]
    if rows:
        what = "samples with another value than before"
        kept, note = thinned(len(rows), what, MOST_SAMPLES)
    else:
        what, rows = "no sample has another value than before", every
        kept, note = thinned(len(rows), "samples", MOST_SAMPLES // 2)
    return Table(
        f"{sentence(step['name']).removesuffix('.')}, {one['name']}: {what}",
        ("time, s", f"before, {unit}", f"after, {unit}"),
        tuple((seconds(rows[i][0]), number(rows[i][1]), number(rows[i][2])) for i in kept),
        (),
        note,
    )


def _joined_table(step: Numbers, unit: str) -> Table:
    """All lines side by side, at the times of the first."""
    columns = [
        (f"{one['name']} {side}, {unit}", dict(zip(one[side]["time_ms"], one[side]["value"], strict=True)))
        for one in step["lines"]
        for side in SIDES
        if one[side] is not None
    ]
    times = list(columns[0][1])
    kept, note = thinned(len(times), "samples", MOST_SAMPLES)
    return Table(
        f"{sentence(step['name']).removesuffix('.')}: every line",
        ("time, s", *(name for name, _ in columns)),
        tuple((seconds(times[i]), *(number(values.get(times[i])) for _, values in columns)) for i in kept),
        (),
        note,
    )

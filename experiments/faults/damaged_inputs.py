"""What becomes of damaged files? Files of every format from known pupils, damaged in one place each, and read.

    python experiments/faults/damaged_inputs.py                     # 10,000 files over all formats
    python experiments/faults/damaged_inputs.py --files 300         # a quick look
    python experiments/faults/damaged_inputs.py --format tidy --seed 4711 --files 1   # one file again

It is a row of the campaign too (`python experiments/faults damaged-inputs`), with a hundred files for each repetition.

An undamaged file of each format must first be read as the plain readings (`damaged/plain.py`) read it: a few lines of plain
Python for each format, which share nothing with the readers. Then every damaged file has one of these outcomes:

    right            what the damaged file holds, or for damaged rows what the whole file held
    said             other trials, and a warning or finding says so
    refused          an error that names the file
    cut, unknowable  a cut file is read as far as it goes: nothing in it shows that more was there
    silently wrong   anything else
    traceback        another exception than the package's own

A changed digit inside a number cannot be known: there right is the number that the file now holds.
"""

import re
import sys
import tempfile
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "tests")]  # the tests write files of every tracker

from campaign import Case, Place, Row  # noqa: E402
from damaged.damages import Damage, damages_of  # noqa: E402
from damaged.formats import FORMATS, Format, can_be_read  # noqa: E402
from damaged.plain import Held, HeldTrial, held_by  # noqa: E402

from smilejax._util.errors import ReadError, SettingsError, TrialsError  # noqa: E402
from smilejax.readers import read  # noqa: E402
from smilejax.recordings.trials import Trials  # noqa: E402

OUTCOMES = ("right", "said", "refused", "cut, unknowable", "silently wrong", "traceback", "file not named")
BAD = OUTCOMES[4:]


@dataclass(frozen=True)
class Arguments:
    """What this script takes."""

    files: int = 10_000
    """Damaged files in all."""
    seed: int = 0
    """Seed of the first file; the others follow."""
    format: str | None = None
    """Only this format."""
    processes: int = 2
    """Files are read in so many processes."""
    examples: int = 3
    """Examples shown of each bad outcome of a format."""


@dataclass(frozen=True)
class Outcome:
    """What became of one file."""

    format: str
    seed: int
    damage: str
    kind: str
    detail: str


def main(args: Arguments) -> None:
    """Read the files, and print the outcomes by format and by damage, with examples of the bad ones."""
    formats = [f for f in FORMATS if args.format in (None, f.name) and can_be_read(f)]
    if left_out := [f.name for f in FORMATS if not can_be_read(f)]:
        print(f"Not tried, for lack of the package that reads it: {', '.join(left_out)}\n")
    for form in formats:
        whole_of(form)
    jobs = [(formats[i % len(formats)].name, args.seed + i) for i in range(args.files)]
    blocks = [jobs[i : i + 100] for i in range(0, len(jobs), 100)]
    if args.processes == 1:
        found = [outcome for block in blocks for outcome in tried_all(block)]
    else:
        with ProcessPoolExecutor(args.processes) as pool:
            found = [outcome for part in pool.map(tried_all, blocks) for outcome in part]
    print(table("format", found, [f.name for f in formats], lambda o: o.format))
    print(table("damage", found, sorted({o.damage for o in found}), lambda o: o.damage))
    for kind in BAD:
        shown: Counter[str] = Counter()
        for o in found:
            shown[o.format] += o.kind == kind
            if o.kind == kind and shown[o.format] <= args.examples:
                print(f"\n{kind}: --format {o.format} --seed {o.seed} --files 1   ({o.damage})\n  {o.detail}")


def table(head: str, found: Sequence[Outcome], names: Sequence[str], key) -> str:  # type: ignore[no-untyped-def]
    """Counts of the outcomes as text."""
    counts = Counter((key(o), o.kind) for o in found)
    rows = [(name, *(str(counts[name, kind]) for kind in OUTCOMES)) for name in names]
    rows.append(("all", *(str(sum(counts[name, kind] for name in names)) for kind in OUTCOMES)))
    heads = (head, *OUTCOMES)
    widths = [max(len(row[k]) for row in (heads, *rows)) for k in range(len(heads))]
    lines = [
        "  ".join(f"{c:<{w}}" if k == 0 else f"{c:>{w}}" for k, (c, w) in enumerate(zip(row, widths, strict=True)))
        for row in (heads, *rows)
    ]
    return "\n".join(lines) + "\n"


def tried_all(jobs: Sequence[tuple[str, int]]) -> list[Outcome]:
    """The outcomes of some files."""
    warnings.simplefilter("ignore")
    return [tried(next(f for f in FORMATS if f.name == name), seed) for name, seed in jobs]


_WHOLE: dict[str, tuple[Held, dict[str, str]]] = {}


def whole_of(form: Format) -> tuple[Held, dict[str, str]]:
    """What the undamaged file holds, and the findings on it. The readers and the plain readings must agree on it."""
    if form.name not in _WHOLE:
        with tempfile.TemporaryDirectory() as folder:
            path = form.write(Path(folder))
            trials, plain = read(path, form.settings), held_by(form, path)
            assert plain is not None, f"{form.name}: the plain reading cannot read the undamaged file"
            assert not (wrong := differs(plain, held_in(trials))), f"{form.name}: undamaged, {wrong}"
            _WHOLE[form.name] = plain, findings_of(trials)
    return _WHOLE[form.name]


def tried(form: Format, seed: int) -> Outcome:
    """Damage one file as the seed says, and read it."""
    whole, before = whole_of(form)
    rng = np.random.default_rng(seed)
    possible = damages_of(form)
    damage = possible[int(rng.integers(len(possible)))]
    with tempfile.TemporaryDirectory() as folder:
        path = form.write(Path(folder))
        what = damage.apply(form.file_of(path), rng)
        kind, detail = outcome_of(form, path, damage, whole, before)
    return Outcome(form.name, seed, damage.name, kind, f"{what}: {detail}")


def outcome_of(form: Format, path: Path, damage: Damage, whole: Held, before: dict[str, str]) -> tuple[str, str]:
    """The kind of outcome, and what it was."""
    try:
        trials = read(path, form.settings)
    except (ReadError, TrialsError, SettingsError) as error:
        names = (path.name, form.file_of(path).name, (form.damaged or path.name).split("/")[0])
        named = any(name in str(error) for name in names)
        return ("refused" if named else "file not named"), str(error)
    except Exception:
        return "traceback", traceback.format_exc(limit=-3)
    held, plain = held_in(trials), held_by(form, path)
    if not differs(whole, held):
        return "right", ""
    if said := news(before, findings_of(trials)):
        return "said", said
    wrong = "it cannot be read by plain means" if plain is None else differs(plain, held)
    if wrong:
        return "silently wrong", f"{wrong}; from the whole file: {differs(whole, held)}"
    return ("cut, unknowable" if damage.is_cut else "right"), ""


def held_in(trials: Trials) -> Held:
    """What the trials hold, samples without any pupil left out."""
    inside, step = trials.inside(), 1000 / trials.rate_hz
    found: dict[tuple[str, str], HeldTrial] = {}
    for n, key in enumerate(zip(trials.participant, trials.trial, strict=True)):
        pupil = np.asarray(trials.pupil[n], np.float64)
        there = np.flatnonzero(inside[n] & np.isfinite(pupil).any(axis=1))
        label = trials.class_names[trials.label[n]]
        found[key] = HeldTrial(label, pupil[there], trials.start_ms + step * there)
    return Held(found, step)


SAME_RATE = 0.01
"""Rates are the same up to this proportion: clocks that count whole milliseconds do not say them better."""
SAME_TIME = 0.6
"""Times are the same up to this many samples: onsets between two samples are moved to the nearer one, and clocks jitter."""


def differs(expected: Held, held: Held) -> str:
    """In what they differ, empty where they do not."""
    if expected.trials.keys() != held.trials.keys():
        lacking, new = (sorted(a.keys() - b.keys()) for a, b in ((expected[0], held[0]), (held[0], expected[0])))
        return f"other trials: {lacking} lacking, {new} new"
    for key, (label, pupil, ms) in expected.trials.items():
        there = held.trials[key]
        if there.label != label:
            return f"{key} is {there.label}, not {label}"
        if pupil.shape != there.pupil.shape:
            return f"{key} has {len(there.pupil)} samples, not {len(pupil)}"
        if not (same := np.isclose(pupil, there.pupil, rtol=1e-5, equal_nan=True)).all():
            n = int(np.argmin(same.all(axis=1)))
            return f"sample {n} of {key} is {there.pupil[n]}, not {pupil[n]} ({int((~same).sum())} differ)"
        if (late := np.abs(ms - there.ms) > SAME_TIME * expected.step_ms).any():
            n = int(np.argmax(late))
            return f"sample {n} of {key} is at {there.ms[n]:.6g} ms, not {ms[n]:.6g} ({int(late.sum())} differ)"
    if abs(held.step_ms / expected.step_ms - 1) > SAME_RATE:
        return f"the rate is {1000 / held.step_ms:.6g} Hz, not {1000 / expected.step_ms:.6g}"
    return ""


TELLING = ("pupil unit", "eyes", "columns not used", "time unit", "time")
"""Findings that say what was made of a file: where their words (not a number among them) are others than of the whole file,
`check` shows it."""


def findings_of(trials: Trials) -> dict[str, str]:
    """Findings, warnings marked."""
    return {f.what: ("!" if f.how == "warning" else "") + f.value for f in trials.source.findings}


def news(before: dict[str, str], now: dict[str, str]) -> str:
    """What is said of a damaged file and was not said of the whole one: warnings, and findings of a new kind."""

    def words(text: str) -> str:
        return re.sub(r"\d+([.]\d+)?", "#", text)

    said = []
    for what, value in now.items():
        new = what not in before or words(value) != words(before[what])
        if new and (value.startswith("!") or what not in before or what in TELLING or what.startswith("column:")):
            said.append(f"{what}: {value}")
    return "; ".join(said)


FILES = 100
"""Damaged files of each repetition of the row."""


def cases(place: Place, count: int) -> Iterator[Case]:
    """One case for each format: all files of it must have come out well."""
    formats = [form for form in FORMATS if can_be_read(form)]
    for number, form in enumerate(formats):
        seeds = range(place.seed + number, place.seed + FILES * count, len(formats))
        found = tried_all([(form.name, seed) for seed in seeds])
        bad = [one for one in found if one.kind in BAD]
        said = "; ".join(f"--format {one.format} --seed {one.seed}: {one.kind}, {one.detail[-300:]}" for one in bad[:3])
        yield Case(f"{len(found)} files of {form.name}", not bad, said)


ROW = Row(
    name="damaged-inputs",
    done=f"{FILES} files over all formats, damaged in one place each, for each repetition",
    must="what the file holds, or exit code 2 naming the file; nothing silently wrong",
    cases=cases,
    full=100,
)

if __name__ == "__main__":
    main(tyro.cli(Arguments, description=__doc__))

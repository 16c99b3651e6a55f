"""SIGKILL at random instants, inside saves too, then the same command again: the same bytes as an uninterrupted run."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

from campaign import COMMANDS, ENDED, OUT, Case, Place, Row, after, contents, differ, remove

RESUMED = {"train-many": ("--resume",), "evaluate": ("--resume",), "track": (), "train": ()}
"""What goes on with a command that was killed; `train` begins anew, and the old model must be whole until the new one is."""
SAVING = {"train-many": "parts/*", "evaluate": "runs/*/parts/*", "track": "*", "train": "arrays-*"}
"""What is there, below the output, once something has been saved."""


def cases(place: Place, count: int) -> Iterator[Case]:
    """Every second kill is aimed at a save: it comes shortly after a file of one has appeared."""
    for command in place.commands:
        place.needs(command)
        seconds = place.seconds(command)
        for number in range(count):
            case = _killed(place, command, seconds, inside_a_save=bool(number % 2))
            if ENDED in case.what:  # the machine is less busy than it was
                seconds = place.seconds(command)
            yield case


def _killed(place: Place, command: str, seconds: float, *, inside_a_save: bool) -> Case:
    whole = place.whole(command)
    out = place.folder / "killed" / OUT[command]
    out.parent.mkdir(exist_ok=True)
    remove(out)
    words = (*COMMANDS[command], "--out", str(out.relative_to(place.folder)))
    if command == "train":
        place.must(*COMMANDS["train"], "--seed", "7", "--out", str(out.relative_to(place.folder)))
    old = contents(out) if command == "train" else {}
    later = float(place.random.uniform(0, 0.3 if inside_a_save else seconds))
    ended = place.killed(*words, when=_in_a_save(command, out, later) if inside_a_save else after(later))
    what = f"{command}, {'in a save' if inside_a_save else f'after {later:.1f} s'}"
    if command == "train" and ended.code != 0 and (wrong := _neither(place, out, old)):
        return Case(what, False, wrong)
    if ended.code == 0:
        what += f" {ENDED}"
    elif (command == "train-many" and not (out / "plan.json").exists()) or (command == "evaluate" and not out.exists()):
        place.must(*words)  # nothing had begun
    else:
        again = place.run(*words, *RESUMED[command]) if not _finished(command, out) else None
        if again is not None and (again.code != 0 or not again.clean):
            return Case(what, False, f"going on ended with {again.code}: {again.said[-800:]}")
    return _compared(place, what, command, whole, out)


def _finished(command: str, out: Path) -> bool:
    """Whether all was written before the kill: the same command again is refused then, as it should be."""
    return (command == "evaluate" and (out / "study.json").exists()) or (command == "track" and out.exists())


def _in_a_save(command: str, out: Path, later: float) -> Callable[[], bool]:
    """Whether something new has been saved, and a moment has passed."""
    place = out.with_name(f".{out.name}.tracked") if command == "track" else out
    before = set(place.glob(SAVING[command]))
    reached: list[Callable[[], bool]] = []

    def now() -> bool:
        if not reached and set(place.glob(SAVING[command])) - before:
            reached.append(after(later if command != "train" else later / 10))
        return bool(reached) and reached[0]()

    return now


def _neither(place: Place, out: Path, old: dict[str, str]) -> str:
    """What is wrong where the model is neither the old one nor the new one, whole."""
    there = contents(out)
    if any(there.get(name) != digest for name, digest in old.items()) and (out / "model.json").exists():
        named = json.loads((out / "model.json").read_text())["folder"]
        if old.keys() & {name for name in there if name.startswith(named)}:
            return "the old model is no longer whole"
    answered = place.run("predict", str(out.relative_to(place.folder)), "recording.csv")
    return "" if answered.code == 0 else f"the model cannot be used: {answered.said[-500:]}"


def _compared(place: Place, what: str, command: str, whole: Path, out: Path) -> Case:
    if differing := differ(place, command, whole, out):
        return Case(what, False, differing)
    left = [str(path) for path in out.parent.rglob("*") if ".partial" in path.name or "checkpoint-tmp" in path.name]
    return Case(what, not left, f"left behind: {left}")


ROW = Row(
    name="kills",
    done="SIGKILL at random instants of train-many, evaluate, track and train, every second one inside a save; then again",
    must="the same bytes as an uninterrupted run; of train, until then the old model whole; nothing left behind",
    cases=cases,
    full=50,
)

"""How `compare_times.py` counts trainings, and what it makes of two shortened runs of the old version."""

import runpy
import stat
import sys
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "experiments" / "compare_times.py"

ANNOUNCES = f"""#!{sys.executable}
import sys, time
given = sys.argv[sys.argv.index("--relabellings") + 1]
print("137 trials kept", flush=True)
print(f"{{100 + 16 * int(given)}} trainings. The verdict will be about new people.", flush=True)
if given == "99":
    time.sleep(600)  # it is to be stopped
print("runs: 7 of 9 (78%)\\nrunning controls", flush=True)
"""


@pytest.fixture(scope="module")
def script() -> dict[str, Any]:
    return runpy.run_path(str(SCRIPT))


def test_the_last_count_of_progress_is_what_was_trained(script: dict[str, Any]) -> None:
    announced = script["announced"]
    new = "At most 1981 trainings.\ntraining: 793 of 1,981 (40%)\ntraining negative controls: 957 of 957 (100%), 8 a second"
    assert announced(new) == 957
    assert announced("137 trainings. runs: 3 of 137 (2%)\nruns: 137 of 137 (100%)") == 137
    assert announced("At most 1,981 trainings.") == 1981
    assert announced("nothing of the kind: 3 of 4") == 0


def test_the_old_version_is_stopped_when_it_has_said_how_many(script: dict[str, Any], tmp_path: Path) -> None:
    old = tmp_path / "smilejax"
    old.write_text(ANNOUNCES)
    old.chmod(old.stat().st_mode | stat.S_IXUSR)
    assert script["trainings_of_old"]([old, "evaluate", "--relabellings", "99"]) == 1684


def test_a_whole_evaluation_follows_from_two_shortened_ones(script: dict[str, Any], tmp_path: Path) -> None:
    timed_run, whole = script["Timed"], script["old_evaluation"]
    # 10 s and 20 s of processor time besides the trainings, .5 s and .75 s for each of them.
    trainings = {"2": 132, "12": 292}

    def evaluated(smilejax: Path, study: Path, options: tuple[str, ...], folder: Path) -> Any:
        n = trainings[options[options.index("--relabellings") + 1]]
        return timed_run(10 + 0.5 * n, 20 + 0.75 * n, n)

    assert isinstance(whole, FunctionType)
    whole.__globals__.update(evaluated=evaluated, trainings_of_old=lambda command: 3268)
    arguments = script["Arguments"](old=Path("old"), new=Path("new"), study=Path("study.csv"))
    assert whole(arguments, Path("study.csv"), tmp_path) == timed_run(10 + 0.5 * 3268, 20 + 0.75 * 3268, 3268)


def test_a_command_that_fails_says_its_last_words(script: dict[str, Any]) -> None:
    with pytest.raises(SystemExit, match=r"(?s)ended with 3.*no such file"):
        script["timed"]([sys.executable, "-c", "print('no such file'); raise SystemExit(3)"])

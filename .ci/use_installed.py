"""Use smilejax as it is installed, from files to predictions: what a package must do that is tested outside of its checkout.

python .ci/use_installed.py                 # says whether the native kernel is there
python .ci/use_installed.py --kernel yes    # fails where it is not
"""

import argparse
import subprocess
import sys
import tempfile
from importlib.metadata import files
from pathlib import Path

COMMANDS = (
    "--version",
    "simulate --participants 4 --smilers 3 --out trials.csv",
    "check trials.csv",
    "evaluate trials.csv --seeds 1 --permutations 3 --epochs 4 --out study",
    "train trials.csv --epochs 4 --out model",
    "predict model trials.csv --out predictions.csv",
    "simulate --faces --smilers 4 --out faces.csv",
    "check faces.csv",
)
LICENCES = ("LICENSE", "NOTICE", "LICENSE-APACHE-2.0.txt", "NOTICE.txt")


def main() -> None:
    """Every command from a folder of its own, then what cannot be seen from the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kernel", choices=("yes", "no"))
    expected = parser.parse_args().kernel
    with tempfile.TemporaryDirectory() as folder:
        for command in COMMANDS:
            done = subprocess.run(
                [sys.executable, "-m", "smilejax", *command.split()], cwd=folder, capture_output=True, text=True
            )
            if done.returncode:
                sys.exit(
                    f"smilejax {command} ended with {done.returncode}:\n{done.stdout[-1500:]}{done.stderr[-1500:]}"
                )
            print(f"smilejax {command}: {(done.stdout or done.stderr).strip().splitlines()[-1]}")
        table = (Path(folder) / "predictions.csv").read_text(encoding="utf-8").splitlines()
        assert len(table) == 25, f"24 trials and a header were expected, {len(table)} lines were written"

    import smilejax
    from smilejax import faces
    from smilejax.models.native import lstm_kernel

    checkout = Path(__file__).resolve().parents[1]
    assert checkout not in Path(smilejax.__file__).resolve().parents, f"{smilejax.__file__} is not the installed one"
    carried = {file.name for file in files("smilejax") or ()}
    missing = [name for name in LICENCES if name not in carried]
    assert not missing, f"licences that are not in the package: {missing}"
    assert callable(faces.track_frames)
    found = "yes" if lstm_kernel.usable(warn=False) else "no"
    print(f"Python {sys.version.split()[0]}, native kernel: {found}")
    if expected is not None and found != expected:
        sys.exit(f"the native kernel was expected: {expected}; found: {found}")


if __name__ == "__main__":
    main()

"""How well the cleaning does, and how fast: simulated recordings with known truth, other implementations, the clock.

python experiments/benchmark_cleaning.py                      # all sections
python experiments/benchmark_cleaning.py accuracy rates       # some
python experiments/benchmark_cleaning.py --trials 100         # sooner, with wider errors
"""

import argparse
import sys

from cleaning import accuracy, independent, rates, recipes, speed
from cleaning.tables import made_by

SECTIONS = {
    "recipes": recipes.run,
    "accuracy": accuracy.run,
    "rates": rates.run,
    "independent": independent.run,
    "speed": speed.run,
}


def main(argv: list[str]) -> None:
    """Run the sections named, or all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", metavar="section", help=f"any of {', '.join(SECTIONS)}; all if none")
    parser.add_argument("--trials", type=int, default=1000, help="simulated trials of each table of accuracy (1000)")
    parser.add_argument("--seed", type=int, default=0, help="everything random follows from it (0)")
    given = parser.parse_args(argv)
    if unknown := set(given.sections) - set(SECTIONS):
        parser.error(f"there is no section {', '.join(sorted(unknown))}; there are {', '.join(SECTIONS)}")
    made_by("experiments/benchmark_cleaning.py", argv)
    for name, run in SECTIONS.items():
        if not given.sections or name in given.sections:
            run(given.trials, given.seed)


if __name__ == "__main__":
    main(sys.argv[1:])

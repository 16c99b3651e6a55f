"""The network against other classifiers: simulated studies, real recordings, series of other kinds; every difference.

    python experiments/benchmark_classifiers.py --out scores.csv
    python experiments/benchmark_classifiers.py --out scores.csv --smiles smiles --pupillometryr pupil_data.csv \\
        --aeon-python aeon-environment/bin/python
    python experiments/benchmark_classifiers.py --out scores.csv --draws 1       # 27 simulated studies in place of 81

Simulated: effects of .1, .15 and .3 mm; 8 participants x 6 smilers, 12 x 8 and 20 x 10; phasic, sustained and late responses;
folds hold out blocks of participants and of stimuli together, three of each. Recordings: the project report's (a folder with
LEPD.xlsx and REPD.xlsx) and PupillometryR's sample, by every protocol that they allow. Series: three data sets that aeon brings
with it, one class against the rest, trained and tested as published. What is not given is left out, and that is said.

Networks are trained with three seeds: "single" is the mean balanced accuracy of one training, "together" that of the mean
probability. "combined" is `--classifier combined`. Pupil features and MiniRocket are given the default recipe and that of 0.1.0
(20 Hz, fused pupil and mask); the better one counts, study by study. "MiniRocket of velocities" is given what the network is
given, and no classifier of the package. aeon's classifiers are given the default recipe, gaps filled; InceptionTime has two
networks and 100 epochs (the paper: five and 1500), only six problems, and is computed where --aeon-classifiers names it.

aeon needs an environment of its own: python -m venv aeon-environment && aeon-environment/bin/pip install aeon torch tensorflow

What is in the file of scores is not computed again. The default network was chosen on other simulated draws, never on these;
both recordings were known when its design was found.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import tyro
from classifier_benchmark import aeon_scores, problems, scores, scores_file, tables
from classifier_benchmark.problems import Problem

SIX = (
    "phasic, 0.15 mm, 8 x 6",
    "late, 0.15 mm, 8 x 6",
    "PupillometryR: New participants",
    *problems.SERIES,
)
"""The problems that InceptionTime is given: names, or how they begin."""


@dataclass(frozen=True)
class Arguments:
    """What this script takes."""

    out: Path
    """CSV of scores, continued where it exists; aeon's trials and predictions are in a folder beside it."""
    draws: int = 3
    """Simulated studies of each of 27 kinds."""
    combined_draws: int = 1
    """Draws, from the first, for which the combined classifier is computed."""
    aeon_draws: int = 1
    """Draws, from the first, for which aeon's classifiers are computed."""
    aeon_most_trials: int = 96
    """Trials of a simulated study up to which aeon's classifiers are computed: 96, 192 or 400 of the three sizes."""
    smiles: Path | None = None
    """Folder with the two workbooks of the project report's recordings."""
    pupillometryr: Path | None = None
    """PupillometryR's sample data."""
    aeon_classifiers: tuple[aeon_scores.AeonName, ...] = ("QUANT", "MultiRocket-Hydra")
    """Which of aeon's classifiers, one after another; rows are kept when each ends. InceptionTime may take an hour."""
    aeon_python: Path | None = None
    """Python of the environment with aeon."""


def main(args: Arguments) -> None:
    """Compute what is missing, and print the tables."""
    folder = args.out.with_name(args.out.stem + "-aeon")
    every = list(problems_of(args, folder))
    for problem in every:
        recorded = {
            (row.classifier, row.recipe) for row in scores_file.read(args.out) if row.study == study_of(problem)
        }
        combined = problem.kind != "simulated" or problem.draw < args.combined_draws
        scores_file.add(
            args.out, [row for row in scores.package_rows(problem, recorded, combined) if of(row) not in recorded]
        )
    if args.aeon_python is not None:
        done = {(row.study, row.classifier) for row in scores_file.read(args.out)}
        for name in args.aeon_classifiers:
            jobs = [(one, name) for one in aeon_problems(every, name, args) if (study_of(one), name) not in done]
            scores_file.add(args.out, aeon_scores.aeon_rows(args.aeon_python, folder, jobs))
    tables.show(scores_file.read(args.out))


def study_of(problem: Problem) -> tuple[str, int]:
    """As `Row.study`."""
    return problem.name, problem.draw


def of(row: scores_file.Row) -> tuple[str, str]:
    """Classifier and recipe."""
    return row.classifier, row.recipe


def problems_of(args: Arguments, folder: Path) -> Iterator[Problem]:
    """Every problem that was given; what is left out is said."""
    if args.smiles is None:
        print("The project report's recordings are left out: name their folder with --smiles.")
    else:
        yield from problems.smiles(args.smiles)
    if args.pupillometryr is None:
        print("PupillometryR's sample is left out: name the file with --pupillometryr.")
    else:
        yield from problems.pupillometryr(args.pupillometryr)
    if args.aeon_python is None:
        print("aeon's series and classifiers are left out: name the Python of its environment with --aeon-python.")
    else:
        folder.mkdir(parents=True, exist_ok=True)
        aeon_scores.fetch_series(args.aeon_python, folder)
        yield from problems.series(folder)
    yield from problems.simulated_studies(args.draws)


def aeon_problems(every: list[Problem], name: str, args: Arguments) -> Iterator[Problem]:
    """What one of aeon's classifiers is fitted to."""
    for problem in every:
        if isinstance(problem, problems.Simulated):
            participants, smilers = problem.size
            if problem.draw >= args.aeon_draws or 2 * participants * smilers > args.aeon_most_trials:
                continue
        if name != "InceptionTime" or (problem.name.startswith(SIX) and problem.draw == 0):
            yield problem


if __name__ == "__main__":
    main(tyro.cli(Arguments, description=__doc__))

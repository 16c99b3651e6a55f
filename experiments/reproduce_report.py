"""How likely is 62.8571%? The project report's protocol, many times over: on its recordings, or on simulated studies.

    python experiments/reproduce_report.py smiles/ --plot report.png        # LEPD.xlsx and REPD.xlsx
    python experiments/reproduce_report.py smiles/ --stimulus-table stimuli.csv
    python experiments/reproduce_report.py                        # simulated: the report's model, split, epochs and rate
    python experiments/reproduce_report.py --preset default       # the same split, with settings that learn

Recordings: each eye is a sequence of its own, 408 in all. They are shuffled; 300 are trained on and 70 tested, and 44 of 70
are 62.8571%, as are 22 of the first 35. Printed are how often the report's settings reach this, how often they give one
answer only, what that gives by chance, other learning rates, and what settings that learn reach when the other eye of a
test sequence, its participant or its video are not in training. The workbooks are in the public repository
gcyBruce/Using-LSTM-Neural-Network-to-predict-the-real-or-fake-smile-based-on-Observers-Pupil-Dataset-and-ap (commit
6447f16f), which states no licence.

Simulated: 14 participants watch 10 stimuli, 140 trials, of which 35 are held out one by one, so that participants and
stimuli are the same in training and test. Each simulated study is split several times, whatever the classes, and trained
once on each split. The number of training trials of the report is not known; 105 are assumed.
"""

import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tyro
from report_study import simulated
from report_study.chance import chance_table
from report_study.figures import draw
from report_study.sequences import SETTINGS, each_eye_alone
from report_study.stimuli import write_stimulus_table
from report_study.tables import (
    exclusions_table,
    inflation_in_words,
    markdown,
    number_table,
    predictions_table,
    rates_table,
)
from report_study.trainings import train_all
from tyro.conf import Positional

import smilejax


@dataclass(frozen=True)
class Arguments:
    """What this script takes."""

    data: Positional[Path | None] = None
    """Folder with the report's two workbooks; simulated studies where not given."""
    splits: int | None = None
    """Times that the data are divided: by default 200 of the recordings, and 10 of each simulated study."""
    fewer_splits: int = 50
    """Of the recordings: divisions by which learning rates, and participants and videos not in training, are compared."""
    runs: Path | None = None
    """Of the recordings: a folder that keeps the trainings, and from which they go on after an interruption."""
    stimulus_table: Path | None = None
    """Of the recordings: write what is known of the videos (for `smilejax evaluate --stimulus-table`), and end."""
    preset: simulated.Preset = "report"
    """Simulated: report is SGD at .001, 10 epochs, one trial at a time, nothing cleaned; default learns, and cleans."""
    effects: tuple[float, ...] = (0.0, 0.1, 0.3, 0.6)
    """Simulated: peak of the extra dilation in mm; 0 is no effect."""
    studies: int = 10
    """Simulated: studies for each effect."""
    seed: int = 0
    """Settles everything drawn."""
    plot: Path | None = None
    """Figure: .png, .svg or .pdf."""


def main(args: Arguments) -> None:
    """The recordings where they are given, simulated studies otherwise."""
    if args.data is None:
        of_each = 10 if args.splits is None else args.splits
        simulated.run(simulated.Simulated(args.preset, args.effects, args.studies, of_each, args.seed), args.plot)
        return
    trials = smilejax.read(args.data, SETTINGS)
    if args.stimulus_table is not None:
        write_stimulus_table(trials, args.stimulus_table)
        print(f"wrote {args.stimulus_table}")
        return
    report_on(trials, args)


def report_on(trials: smilejax.Trials, args: Arguments) -> None:
    """Train on the recordings, and print and draw what that gave."""
    began = time.perf_counter()
    sequences = each_eye_alone(trials)
    names = trials.class_names
    counts = tuple(np.bincount(sequences.trials.label, minlength=2).tolist())
    print(f"{len(trials)} trials, {len(sequences.trials)} sequences: {counts[0]} {names[0]}, {counts[1]} {names[1]}.")
    splits = 200 if args.splits is None else args.splits
    fewer = min(args.fewer_splits, splits)
    study = train_all(sequences, splits=splits, fewer_splits=fewer, seed=args.seed, folder=args.runs)
    for title, table in (
        (f"The report's protocol, {splits} splits", number_table(study)),
        ("What these networks predicted", predictions_table(study)),
        ("The exact chance of 62.8571% or more", chance_table((counts[0], counts[1]), names)),
        (f"Learning rates, {fewer} splits", rates_table(study)),
        ("Settings that learn (default recipe and training)", exclusions_table(study)),
    ):
        print(f"\n**{title}**\n\n{markdown(table)}")
    print(f"\n{inflation_in_words(study, sequences)}")
    if args.plot is not None:
        draw(study, args.plot)
        print(f"wrote {args.plot}")
    print(f"{(time.perf_counter() - began) / 60:.0f} minutes.")


if __name__ == "__main__":
    main(tyro.cli(Arguments, description=__doc__))

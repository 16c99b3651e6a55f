"""What is known of the videos besides the smile: their source, and the mean luminance of each class.

The table goes to `smilejax evaluate --stimulus-table FILE`: can the classes be distinguished by the videos' own properties?
Here they can be, always, since both properties are the class's own: the genuine smiles are all from one collection and the
acted ones all from another, and of the luminances only the two means were published.
"""

from pathlib import Path

import pandas as pd

import smilejax

SOURCE = {"real": "MAHNOB", "fake": "AFEW"}
"""Collections that the videos are from (Hossain et al. 2016)."""
LUMINANCE = {"real": 75.8, "fake": 70.2}
"""Mean luminance of a class's videos, 0 to 255 (Hossain et al. 2016); not of the single video."""


def stimulus_table(trials: smilejax.Trials) -> pd.DataFrame:
    """One row for each video: `stimulus`, `source`, `class_luminance`."""
    assert trials.stimulus is not None, "one sheet is one video"
    label_of = dict(zip(trials.stimulus, trials.label.tolist(), strict=True))
    words = {stimulus: trials.class_names[label] for stimulus, label in label_of.items()}
    rows = [(stimulus, SOURCE[word], LUMINANCE[word]) for stimulus, word in words.items()]
    return pd.DataFrame(rows, columns=["stimulus", "source", "class_luminance"])


def write_stimulus_table(trials: smilejax.Trials, path: Path) -> None:
    """Write the table as CSV."""
    stimulus_table(trials).to_csv(path, index=False)

"""The same pupils twice are said, in one file as in two."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from smilejax import read
from smilejax._util.errors import DataWarning


def _table(who: str, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = [(who, trial, label, 20 * at) for trial, label in (("a", "posed"), ("b", "genuine")) for at in range(30)]
    frame = pd.DataFrame(rows, columns=["participant", "trial", "label", "time_ms"])
    return frame.assign(left_mm=rng.uniform(2, 4, len(rows)))


def test_a_person_pasted_twice_into_one_file_is_said() -> None:
    with pytest.warns(DataWarning, match=r"the file holds the same pupils in 2 trials, .*leave one of each out"):
        read(pd.concat([_table("p"), _table("q")]))
    read(pd.concat([_table("p"), _table("q", 1)]))  # nothing to say


def test_two_files_are_named(tmp_path: Path) -> None:
    _table("p").to_csv(tmp_path / "1.csv", index=False)
    _table("q").to_csv(tmp_path / "2.csv", index=False)
    with pytest.warns(DataWarning, match=r"1.* and .*2.* hold the same pupils in 2 trials, .*leave one file out"):
        read(tmp_path)

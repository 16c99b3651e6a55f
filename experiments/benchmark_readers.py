"""How fast recordings are read, and in how much memory: beside the general readers of tables on the same columns.

python experiments/benchmark_readers.py                        # files of about 100 MB
python experiments/benchmark_readers.py --megabytes 1000 tidy  # one format, a recording of 1 GB

The general readers are pyarrow, pandas with either parser and, where it is installed, Polars.
"""

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd

HEADS = {
    "tidy": ["participant", "trial", "label", "time_ms", "left_mm", "right_mm"],
    "tobii": [
        "Participant name",
        "Presented Stimulus name",
        "Sensor",
        "Recording timestamp [\u03bcs]",
        "Pupil diameter left [mm]",
        "Pupil diameter right [mm]",
    ],
    "studio": [
        "ParticipantName",
        "MediaName",
        "RecordingTimestamp",
        "EyeTrackerTimestamp",
        "StudioEvent",
        "PupilLeft",
        "PupilRight",
        "ValidityLeft",
        "ValidityRight",
        "GazePointX (ADCSpx)",
        "GazePointY (ADCSpx)",
        "EyePosLeftX (ADCSmm)",
        "EyePosLeftY (ADCSmm)",
    ],
}
"""Columns that are used of each format of text with headings; the general readers are given the same."""
TRIAL = 2_000
"""Samples of a trial; a participant has 20 trials."""
PART = 100_000
"""Rows that are written at a time."""


def rows(start: int, format_name: str) -> pd.DataFrame:
    """`PART` rows of a recording at 500 Hz from a row on, with eight columns of gaze that no reader needs."""
    rng = np.random.default_rng(start)
    row = np.arange(start, start + PART)
    trial, person = row // TRIAL, row // (20 * TRIAL)
    table = pd.DataFrame({"participant": "P" + pd.Series(person).astype(str)})
    table["trial"] = "clip" + pd.Series(trial % 20).astype(str)
    table["label"] = np.where(trial % 2, "Genuine", "Posed") if format_name != "tobii" else "Eye Tracker"
    step = 2_000 if format_name == "tobii" else 2
    table["time"] = (row if format_name == "tobii" else row % TRIAL) * step
    for eye in ("left", "right"):
        table[eye] = rng.normal(3.4, 0.2, PART).round(4)
    table.columns = HEADS.get(format_name, HEADS["tidy"])
    for i in range(8):
        table[f"Gaze point {i}"] = rng.normal(500, 80, PART).round(2)
    return table


def parts(format_name: str, megabytes: float, written: Callable[[], int]) -> Iterator[pd.DataFrame]:
    """Rows until the file has its size."""
    start = 0
    while start == 0 or written() < megabytes * 1e6:
        yield rows(start, format_name)
        start += PART


def write_text(path: Path, format_name: str, megabytes: float) -> None:
    """CSV, or TSV of Tobii Pro Lab."""
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.csv as arrow_csv  # type: ignore[import-untyped]

    delimiter = "\t" if format_name == "tobii" else ","
    with path.open("wb") as file:
        for i, part in enumerate(parts(format_name, megabytes, file.tell)):
            options = arrow_csv.WriteOptions(include_header=i == 0, delimiter=delimiter, quoting_style="needed")
            arrow_csv.write_csv(pa.Table.from_pandas(part, preserve_index=False), file, options)


def write_studio(path: Path, format_name: str, megabytes: float) -> None:
    """TSV of Tobii Studio, without any event."""
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.csv as arrow_csv  # type: ignore[import-untyped]

    with path.open("wb") as file:
        for i, part in enumerate(parts("tobii", megabytes, file.tell)):
            names = part.iloc[:, :2].set_axis(HEADS["studio"][:2], axis=1)
            clock, eyes, gaze = part.iloc[:, 3], part.iloc[:, 4:6], part.iloc[:, 6:]
            values = [clock // 1000, clock, "", eyes.iloc[:, 0], eyes.iloc[:, 1], 0, 0]
            values += [gaze.iloc[:, column] for column in range(4)]
            table = names.assign(**dict(zip(HEADS["studio"][2:], values, strict=True)))
            table = table.assign(**{f"Camera {column}": gaze.iloc[:, column] for column in range(4, 8)})
            options = arrow_csv.WriteOptions(include_header=i == 0, delimiter="\t", quoting_style="none")
            arrow_csv.write_csv(pa.Table.from_pandas(table, preserve_index=False), file, options)


def write_asc(path: Path, format_name: str, megabytes: float) -> None:
    """EyeLink ASC, binocular, a block for each trial."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("** CONVERTED FROM made.edf using edfapi\n** VERSION: EYELINK II 1\n**\n")
        for part in parts(format_name, megabytes, file.tell):
            for first in range(0, PART, TRIAL):
                block = part.iloc[first : first + TRIAL]
                stamp = (np.arange(TRIAL) * 2 + (file.tell() // 10)).tolist()
                file.write(
                    f"MSG\t{stamp[0]} TRIALID {block['trial'].iloc[0]}\nSTART\t{stamp[0]} \tLEFT\tRIGHT\tSAMPLES\tEVENTS\n"
                )
                file.write("PUPIL\tDIAMETER\nSAMPLES\tGAZE\tLEFT\tRIGHT\tRATE\t 500.00\tTRACKING\tCR\n")
                gaze = [block[f"Gaze point {i}"].tolist() for i in range(4)]
                size = [(block[f"{eye}_mm"] * 1000).round().tolist() for eye in ("left", "right")]
                lines = zip(stamp, gaze[0], gaze[1], size[0], gaze[2], gaze[3], size[1], strict=True)
                file.writelines("{}\t{}\t{}\t{}\t{}\t{}\t{}\t.....\n".format(*line) for line in lines)
                file.write(f"END\t{stamp[-1] + 2} \tSAMPLES\tEVENTS\tRES\t 30.0\t 30.0\n")


def write_parquet(path: Path, format_name: str, megabytes: float) -> None:
    """Parquet with the rows that a CSV of this size has."""
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    first = pa.Table.from_pandas(rows(0, format_name))
    bytes_per_part = len(rows(0, format_name).head(1000).to_csv(index=False)) * PART // 1000
    with pq.ParquetWriter(path, first.schema) as file:
        for i in range(max(1, round(megabytes * 1e6 / bytes_per_part))):
            file.write_table(pa.Table.from_pandas(rows(i * PART, format_name), schema=first.schema))


def write_workbook(path: Path, format_name: str, megabytes: float) -> None:
    """A workbook of 20 000 rows, whatever the size: larger ones are rare, since writing takes minutes."""
    rows(0, format_name).head(20_000).to_excel(path, index=False)


FORMATS: dict[str, tuple[str, Callable[[Path, str, float], None]]] = {
    "tidy": ("tidy.csv", write_text),
    "tobii": ("tobii.tsv", write_text),
    "studio": ("studio.tsv", write_studio),
    "eyelink": ("eyelink.asc", write_asc),
    "parquet": ("tidy.parquet", write_parquet),
    "xlsx": ("tidy.xlsx", write_workbook),
}

CHILD = """
import json, resource, sys, time
path, how, names = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
sep = "\\t" if path.endswith(".tsv") else ","
if how.startswith("smilejax"):
    from pathlib import Path
    from smilejax.readers import all_readers, read_recordings
    from smilejax.readers.files import raw_table
    from smilejax.readers.given import Given
    from smilejax.settings import ReadSettings
elif how == "pyarrow":
    import pyarrow.csv as pc, pyarrow.parquet as pq
elif how == "polars":
    import polars as pl
else:
    import pandas as pd
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start, cpu = time.perf_counter(), time.process_time()
if how == "smilejax":
    given, settings = Given(Path(path)), ReadSettings()
    reader = next(r for r in all_readers.READERS if r.recognises(given, settings))
    made = reader.read(given, settings)
elif how == "smilejax, trials":
    made = read_recordings.read(path, labels="optional")
elif how == "pyarrow" and path.endswith(".parquet"):
    made = pq.read_table(path, columns=names)
elif how == "pyarrow":
    only = pc.ConvertOptions(include_columns=names)
    made = pc.read_csv(path, parse_options=pc.ParseOptions(delimiter=sep), convert_options=only)
elif how == "polars" and path.endswith(".parquet"):
    made = pl.read_parquet(path, columns=names)
elif how == "polars":
    made = pl.read_csv(path, separator=sep, columns=names)
elif path.endswith(".parquet"):
    made = pd.read_parquet(path, columns=names)
elif path.endswith(".xlsx"):
    made = pd.read_excel(path, usecols=names)
else:
    made = pd.read_csv(path, sep=sep, usecols=names, engine="pyarrow" if how.endswith("pyarrow") else "c")
times = time.perf_counter() - start, time.process_time() - cpu
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps([*times, peak / 1e6, before / 1e6]))
"""
"""What is timed, in a process of its own, so that its highest memory is its own: seconds, of processors too, and GB."""


def measured(path: Path, how: str, names: list[str]) -> tuple[float, float, float, float]:
    """Seconds, seconds of processors, highest memory in GB, and what the program takes before it reads."""
    command = [sys.executable, "-W", "ignore", "-c", CHILD, str(path), how, json.dumps(names)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, processors, peak, before = json.loads(done.stdout.splitlines()[-1])
    return seconds, processors, peak, before


def compared(format_name: str, path: Path, repeats: int) -> Iterator[list[str]]:
    """Rows of the table of one format. Programs take turns, so that what else the machine does falls on all alike."""
    others = {"eyelink": [], "xlsx": ["pandas"], "parquet": ["pyarrow", "pandas"]}.get(
        format_name, ["pyarrow", "pandas, C parser", "pandas, pyarrow"]
    )
    if importlib.util.find_spec("polars") and format_name not in ("eyelink", "xlsx"):
        others = [*others, "polars"]
    hows = ["smilejax", "smilejax, trials", *others]
    taken: dict[str, list[tuple[float, float, float, float]]] = {how: [] for how in hows}
    for _ in range(repeats):
        for how in hows:
            taken[how].append(measured(path, how, HEADS.get(format_name, HEADS["tidy"])))
    best = {
        what: [min((taken[how][i][what] for how in others), default=np.nan) for i in range(repeats)] for what in (0, 1)
    }
    for how in hows:
        seconds = [t[0] for t in taken[how]]
        median = statistics.median(seconds)
        speeds = [[fastest / t[what] for fastest, t in zip(best[what], taken[how], strict=True)] for what in (0, 1)]
        yield [
            f"{path.name}, {path.stat().st_size / 1e6:.0f} MB",
            how,
            spread(seconds),
            f"{statistics.median(t[1] for t in taken[how]):.2f}",
            f"{path.stat().st_size / 1e6 / median:.0f}",
            *("\u2013" if not others else spread(speed) for speed in speeds),
            f"{max(t[2] for t in taken[how]):.2f} ({max(t[3] for t in taken[how]):.2f})",
        ]


def spread(values: list[float]) -> str:
    """Least, median and most."""
    return " / ".join(f"{value:.2f}" for value in (min(values), statistics.median(values), max(values)))


def main(argv: list[str]) -> None:
    """Write the files, read them, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("formats", nargs="*", metavar="format", help=f"any of {', '.join(FORMATS)}; all if none")
    parser.add_argument("--megabytes", type=float, default=100, help="size of each text file (100)")
    parser.add_argument("--repeats", type=int, default=5, help="times that each is read (5)")
    given = parser.parse_args(argv)
    if unknown := set(given.formats) - set(FORMATS):
        parser.error(f"there is no format {', '.join(sorted(unknown))}; there are {', '.join(FORMATS)}")
    print(
        "Seconds and speed: least / median / most. A speed of 1 is that of the fastest other reader of the same columns in"
    )
    print(
        "the same turn; by processors, it compares the seconds that all processors worked, which other work disturbs less."
    )
    print(
        "'smilejax' gives samples as recorded; 'smilejax, trials' also cuts and checks trials. Memory: most (before).\n"
    )
    print("| file | reader | s | s of processors | MB/s | speed | speed by processors | memory, GB |")
    print("|---|---|---:|---:|---:|---:|---:|---:|", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for name in given.formats or FORMATS:
            file, write = FORMATS[name]
            path = Path(folder) / file
            started = time.perf_counter()
            write(path, name, given.megabytes)
            print(f"{path.name}: written in {time.perf_counter() - started:.0f} s", file=sys.stderr)
            for row in compared(name, path, given.repeats):
                print(f"| {' | '.join(row)} |", flush=True)
            path.unlink()


if __name__ == "__main__":
    main(sys.argv[1:])

"""`smilejax simulate`: a study with known truth."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, cast

from smilejax.cli import simulate_faces_command
from smilejax.cli.command import Command
from smilejax.cli.options import Arg, OptionGroup, SettingsGroup
from smilejax.cli.shared_arguments import File
from smilejax.settings import SimulationSettings, check_seed, to_json

Simulation = Annotated[
    SimulationSettings,
    SettingsGroup(
        OptionGroup("Pupils, blinks and noise", "What the simulated pupils are like, and what spoils the recording."),
        common=("participants", "smilers", "rate_hz", "duration_ms", "effect_mm"),
    ),
]


@dataclass(frozen=True)
class SimulateArguments:
    """Simulate a study with known truth and write it as a table with one row per sample."""

    out: Annotated[Path, Arg(metavar="FILE")]
    """File to write: .csv, .tsv, .txt, .parquet, .pq, .xlsx or .xlsm. Its settings and seed are written to FILE.json."""
    truth: File = None
    """File for the truth, in the same formats: the clean pupil, and what destroyed each sample."""
    seed: int = 0
    """Seed of the study, 0 to 2**32 - 1."""
    overwrite: bool = False
    """Replace existing files."""
    faces: bool = False
    """Render videos of smiling faces into a folder instead; `smilejax simulate --faces --help` shows its options."""
    settings: Simulation = field(default_factory=SimulationSettings)


def run(arguments: SimulateArguments) -> None:
    """Write a simulated study, its settings, and its truth where asked for."""
    from smilejax import readers
    from smilejax._util.files import claim
    from smilejax._util.json_files import write_json
    from smilejax.cli import terminal
    from smilejax.cli.outputs import claim_files, print_written
    from smilejax.cli.simulated import note_late_effect, simulated
    from smilejax.prediction.predictor import versions
    from smilejax.simulate import truth_table

    check_seed(arguments.seed)
    outputs = claim_files({"--out": arguments.out, "--truth": arguments.truth}, overwrite=arguments.overwrite)
    out, truth = outputs["--out"], outputs.get("--truth")
    about = claim(out.with_name(out.name + ".json"), overwrite=arguments.overwrite, what="file")
    note_late_effect(arguments.settings)
    with terminal.working("simulating"):
        study = simulated(arguments.settings, arguments.seed)
    with terminal.working("writing"):
        readers.write_tidy(study.trials, out, missing=arguments.settings.sentinel)
        if truth is not None:
            readers.write_table(truth_table(study), truth)
    write_json(about, {"settings": to_json(arguments.settings), "seed": arguments.seed, "versions": versions()})
    print_written([p for p in (out, truth, about) if p is not None])


COMMAND = Command(
    "simulate",
    SimulateArguments,
    run,
    examples=(
        "smilejax simulate --out recording.csv",
        "smilejax simulate --out null.csv --truth truth.csv --effect-mm 0 --seed 1",
        "smilejax simulate --faces --out videos/",
    ),
    forms={"--faces": cast("Command[object]", simulate_faces_command.COMMAND)},
)

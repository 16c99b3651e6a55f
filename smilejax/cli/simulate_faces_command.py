"""`smilejax simulate --faces`: videos of smiling faces with known truth."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from smilejax._util.errors import OutputError
from smilejax.cli.command import Command
from smilejax.cli.options import Arg, OptionGroup, SettingsGroup
from smilejax.settings import check_seed, to_json
from smilejax.settings.face_simulation_settings import FaceSimulationSettings

RENDERED = FaceSimulationSettings(smilers=12, videos_per_class=2, rate_hz=25.0, duration_ms=3000.0)
"""What is rendered unless asked otherwise: 48 videos, a few minutes of work, 7 MB."""

FaceSimulation = Annotated[
    FaceSimulationSettings,
    SettingsGroup(
        OptionGroup(
            "Smiles, heads and lost frames", "What the simulated smiles are like, and what the camera sees of them."
        ),
        base=lambda given: RENDERED,
        common=("smilers", "videos_per_class", "rate_hz", "duration_ms", "effect"),
    ),
]


@dataclass(frozen=True)
class SimulateFacesArguments:
    """Render videos of smiling faces with known truth into a folder, named as UvA-NEMO's: 001_deliberate_smile_1.mp4.

    All smilers are one photograph (Grace Hopper, in the public domain, shipped by matplotlib) in other shapes and colours. The
    videos try whether programs work, and say nothing of smiles. Needs the extra `video`.
    """

    out: Annotated[Path, Arg(metavar="FOLDER")]
    """Folder to make: the videos, truth.csv with what is true of each frame, smiles.csv of each smile, settings.json."""
    seed: int = 0
    """Seed of the study, 0 to 2**32 - 1."""
    settings: FaceSimulation = field(default_factory=lambda: RENDERED)


def run(arguments: SimulateFacesArguments) -> None:
    """Render a simulated study of faces, with its truth and its settings."""
    import jax
    import numpy as np

    from smilejax import readers
    from smilejax._util.files import claim
    from smilejax._util.json_files import write_json
    from smilejax.cli import terminal
    from smilejax.cli.outputs import print_written
    from smilejax.prediction.predictor import versions
    from smilejax.simulate.face_videos import frames_truth_table, render_videos, smiles_truth_table

    check_seed(arguments.seed)
    folder = claim(arguments.out, overwrite=True, what="folder")
    if folder.is_file() or (folder.exists() and any(folder.iterdir())):
        raise OutputError(f"{arguments.out} holds something already.", hint="Name another folder.")
    key = jax.random.key(np.uint32(arguments.seed))
    with terminal.counting(arguments.settings.n_videos, "videos") as progress:
        courses = render_videos(arguments.settings, folder, key=key, each=lambda: progress.ended(1))
    readers.write_table(frames_truth_table(courses), folder / "truth.csv")
    readers.write_table(smiles_truth_table(courses), folder / "smiles.csv")
    write_json(
        folder / "settings.json",
        {"settings": to_json(arguments.settings), "seed": arguments.seed, "versions": versions()},
    )
    print_written([folder])


COMMAND = Command(
    "simulate --faces",
    SimulateFacesArguments,
    run,
    examples=(
        "smilejax simulate --faces --out videos/",
        "smilejax simulate --faces --out null/ --effect 0 --seed 1",
    ),
    stopped=lambda arguments: "stopped; videos that were rendered are in the folder.",
)

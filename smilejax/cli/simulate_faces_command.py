"""`smilejax simulate --faces`: videos of smiling faces with known truth, or a table of simulated measures."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from smilejax._util.errors import OutputError
from smilejax.cli.command import Command
from smilejax.cli.options import Arg, OptionGroup, SettingsGroup
from smilejax.settings import check_seed, to_json
from smilejax.settings.face_simulation_settings import FaceSimulationSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from jaxtyping import Array, Key

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

    Where a table is named instead (faces.csv), no video is rendered: it holds measures as an idealised face tracker would give
    them, one row per frame, as `smilejax.simulate_faces` draws them.
    """

    out: Annotated[Path, Arg(metavar="FOLDER")]
    """Folder to make: the videos, truth.csv with what is true of each frame, smiles.csv of each smile, settings.json. Or a
    table to write: .csv, .tsv, .txt, .parquet, .pq, .xlsx or .xlsm; its settings and seed are written to FILE.json."""
    seed: int = 0
    """Seed of the study, 0 to 2**32 - 1."""
    overwrite: bool = False
    """Replace an existing table. A folder must be empty or absent."""
    settings: FaceSimulation = field(default_factory=lambda: RENDERED)


def run(arguments: SimulateFacesArguments) -> None:
    """Simulate a study of faces, as a table where one is named and as rendered videos otherwise."""
    from smilejax.readers.given import SUFFIXES

    check_seed(arguments.seed)
    (_write_table if arguments.out.suffix.lower() in SUFFIXES else _render)(arguments)


def _write_table(arguments: SimulateFacesArguments) -> None:
    from smilejax import readers
    from smilejax._util.files import claim
    from smilejax._util.json_files import write_json
    from smilejax.cli import terminal
    from smilejax.cli.outputs import claim_files, print_written
    from smilejax.readers.faces.tidy_faces import tidy_faces
    from smilejax.simulate import simulate_faces

    out = claim_files({"--out": arguments.out}, overwrite=arguments.overwrite)["--out"]
    about = claim(out.with_name(out.name + ".json"), overwrite=arguments.overwrite, what="file")
    with terminal.working("simulating"):
        faces = simulate_faces(arguments.settings, key=_key(arguments)).faces
    with terminal.working("writing"):
        readers.write_table(tidy_faces(faces), out)
    write_json(about, _about(arguments))
    print_written([out, about])


def _render(arguments: SimulateFacesArguments) -> None:
    from smilejax import readers
    from smilejax._util.files import claim
    from smilejax._util.json_files import write_json
    from smilejax.cli import terminal
    from smilejax.cli.outputs import print_written
    from smilejax.simulate.face_videos import frames_truth_table, render_videos, smiles_truth_table

    folder = claim(arguments.out, overwrite=True, what="folder")
    if folder.is_file() or (folder.exists() and any(folder.iterdir())):
        raise OutputError(f"{arguments.out} holds something already.", hint="Name another folder.")
    with terminal.counting(arguments.settings.n_videos, "videos") as progress:
        courses = render_videos(arguments.settings, folder, key=_key(arguments), each=lambda: progress.ended(1))
    readers.write_table(frames_truth_table(courses), folder / "truth.csv")
    readers.write_table(smiles_truth_table(courses), folder / "smiles.csv")
    write_json(folder / "settings.json", _about(arguments))
    print_written([folder])


def _key(arguments: SimulateFacesArguments) -> "Key[Array, '']":
    import jax
    import numpy as np

    return jax.random.key(np.uint32(arguments.seed))


def _about(arguments: SimulateFacesArguments) -> "Mapping[str, object]":
    from smilejax.prediction.predictor import versions

    return {"settings": to_json(arguments.settings), "seed": arguments.seed, "versions": versions()}


COMMAND = Command(
    "simulate --faces",
    SimulateFacesArguments,
    run,
    examples=(
        "smilejax simulate --faces --out videos/",
        "smilejax simulate --faces --out null/ --effect 0 --seed 1",
        "smilejax simulate --faces --out faces.csv",
    ),
    stopped=lambda arguments: "stopped; videos that were rendered, if any, are in the folder.",
)

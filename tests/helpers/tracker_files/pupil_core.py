"""Pupil Player's raw data export, written from known pupils."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from helpers.tracker_files.simulated_pupils import Simulated

HEADS = (
    "pupil_timestamp,world_index,eye_id,confidence,norm_pos_x,norm_pos_y,diameter,method,ellipse_center_x,ellipse_center_y,"
    "ellipse_axis_a,ellipse_axis_b,ellipse_angle,diameter_3d,model_confidence,model_id,sphere_center_x,sphere_center_y,"
    "sphere_center_z,sphere_radius,circle_3d_center_x,circle_3d_center_y,circle_3d_center_z,circle_3d_normal_x,"
    "circle_3d_normal_y,circle_3d_normal_z,circle_3d_radius,theta,phi,projected_sphere_center_x,projected_sphere_center_y,"
    "projected_sphere_axis_a,projected_sphere_axis_b,projected_sphere_angle"
)
EMPTY_3D = "," * 20


def row(time: float, eye: int, confidence: float, px: float, mm: float | None, method: str) -> str:
    """One row; without `mm` one of the 2D method, whose columns of the 3D model are empty."""
    start = f"{time:.6f},0,{eye},{confidence},0.5,0.5,{px},{method},80.1,90.2,30.0,{px},12.5,"
    if mm is None:
        return start + EMPTY_3D
    return start + f"{mm},1.0,,1,2,35,10.39,0.1,0.2,33,0,0,-1,{mm / 2},1.6,-1.6,100,100,160,160,0"


def export(
    folder: Path,
    pupils: Simulated,
    *,
    start: float = -323801.6,
    methods: Sequence[str] = ("2d c++", "pye3d 0.3.0 real-time"),
    lag_s: float = 0.0,
    confidence: npt.NDArray[np.float64] | None = None,
) -> Path:
    """Write `pupil_positions.csv`: per frame and method a row of the right eye (0), then of the left one (1).

    Arguments:
        lag_s: by how much the left eye's frames are later.
        confidence: `f64[S]` of both eyes; 1, and 0.2 in blinks, by default.
    """
    sure = np.where(pupils.blink, 0.2, 1.0) if confidence is None else confidence
    lines = [HEADS]
    for i, seconds in enumerate(pupils.seconds.tolist()):
        for eye in (0, 1):
            time, mm = start + seconds + lag_s * eye, float(pupils.pupil[i, 1 - eye])
            for method in methods:
                lines.append(row(time, eye, float(sure[i]), 10 * mm, None if method.startswith("2d") else mm, method))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pupil_positions.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def annotations(folder: Path, rows: Sequence[tuple[float, str, str]]) -> None:
    """Write `annotations.csv`: time, label, and a key of the user's own."""
    lines = ["index,timestamp,label,duration,face"]
    lines += [f"{i},{time:.6f},{label},0.0,{face}" for i, (time, label, face) in enumerate(rows)]
    (folder / "annotations.csv").write_text("\n".join(lines) + "\n")


def blinks(folder: Path, spans: Sequence[tuple[float, float]]) -> None:
    """Write `blinks.csv`: begin and end of each."""
    lines = [
        "id,start_timestamp,duration,end_timestamp,start_frame_index,index,end_frame_index,confidence,filter_response,base_data"
    ]
    lines += [f"{i},{a:.6f},{b - a:.6f},{b:.6f},0,1,2,0.9,0.1 0.2,{a:.6f} {b:.6f}" for i, (a, b) in enumerate(spans, 1)]
    (folder / "blinks.csv").write_text("\n".join(lines) + "\n")

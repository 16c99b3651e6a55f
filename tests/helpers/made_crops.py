"""Crops of faces made up on the spot: pictures with a stripe that shows the class, and the table that names them."""

from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

SIDE = 16


def write_crops(folder: Path, *, smilers: int = 8, frames: int = 1, seed: int = 0, side: int = SIDE) -> Path:
    """Two videos of each smiler, posed and genuine, of noise with a bright stripe: above in posed, below in genuine ones.

    Returns:
        the table; crops are in `folder / "crops"`.
    """
    rng = np.random.default_rng(seed)
    rows = []
    for smiler in range(smilers):
        for label in ("posed", "genuine"):
            video = f"{smiler:02d}_{label}.mp4"
            (folder / "crops" / video).mkdir(parents=True)
            for frame in range(frames):
                picture = rng.integers(0, 120, (side, side, 3)).astype(np.uint8)
                half = slice(0, side // 2) if label == "posed" else slice(side // 2, None)
                picture[half] += 100
                name = f"{video}/frame_{frame + 1:06d}.png"
                Image.fromarray(picture).save(folder / "crops" / name)
                rows.append(
                    {
                        "video": video,
                        "smiler": f"s{smiler}",
                        "label": label,
                        "time_ms": 100.0 * frame,
                        "confidence": 0.9,
                        "crop": name,
                        "lip_corner_left": rng.normal() + frame,
                        "lip_corner_right": rng.normal() + frame,
                        "mean_brightness": float(picture.mean()),
                    }
                )
    pd.DataFrame(rows).to_csv(folder / "faces.csv", index=False)
    return folder / "faces.csv"

"""Tables of drawn faces, in the form that is read."""

import numpy as np
import pandas as pd

from smilejax import Faces


def face_frame(faces: Faces) -> pd.DataFrame:
    """One row per frame of every video."""
    video, frame = np.nonzero(faces.inside())
    rows: dict[str, object] = {
        "video": [f"{faces.participant[i]}_{faces.trial[i]}.mp4" for i in video],
        "smiler": np.array(faces.participant)[video],
        "label": [faces.class_names[k] for k in faces.label[video]],
        "time_ms": np.round(frame * 1000 / faces.rate_hz, 1),
    }
    if faces.confidence is not None:
        rows["confidence"] = faces.confidence[video, frame]
    rows |= {name: faces.values[video, frame, at] for at, name in enumerate(faces.channels)}
    rows |= {one.name: np.array(one.values)[video] for one in faces.covariates}
    return pd.DataFrame(rows)

"""The face tracker: landmarks and blendshapes of a face in frames, and measures of its movements.

Measures are in `smilejax.faces.measures`. The networks are those of MediaPipe's Face Landmarker (Google, Apache
License 2.0; see `weights/`), written in JAX.
"""

from typing import TYPE_CHECKING

from smilejax._util.lazy import lazy_names

if TYPE_CHECKING:
    from smilejax.faces.landmarker import FaceLandmarker as FaceLandmarker
    from smilejax.faces.landmarker import face_landmarker as face_landmarker
    from smilejax.faces.track import Tracked as Tracked
    from smilejax.faces.track import TrackState as TrackState
    from smilejax.faces.track import track_frames as track_frames

__all__, __getattr__, __dir__ = lazy_names(
    __name__,
    {
        "FaceLandmarker": "faces.landmarker",
        "TrackState": "faces.track",
        "Tracked": "faces.track",
        "face_landmarker": "faces.landmarker",
        "track_frames": "faces.track",
    },
)

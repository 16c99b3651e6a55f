"""From files of videos and photos to a table of faces: which files, whose smiles, decoding, tracking and measuring."""

from typing import TYPE_CHECKING

from smilejax._util.lazy import lazy_names

if TYPE_CHECKING:
    from smilejax.tracking.one_video import TrackedVideo as TrackedVideo
    from smilejax.tracking.one_video import track_video as track_video

__all__, __getattr__, __dir__ = lazy_names(
    __name__, {"TrackedVideo": "tracking.one_video", "track_video": "tracking.one_video"}
)

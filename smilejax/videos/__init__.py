"""Frames of videos and photos, upright, with their times: the edge at which files are decoded. No JAX in here."""

from smilejax.videos.open_video import open_video
from smilejax.videos.pictures import FrameChunk, OpenedVideo

__all__ = ["FrameChunk", "OpenedVideo", "open_video"]

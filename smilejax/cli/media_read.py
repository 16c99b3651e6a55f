"""Videos and photos as a command reads recordings: tracked at once, without a table in between."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from smilejax._util.errors import SETTING, DataError, DataWarning, ReadError, SmilejaxError
from smilejax.cli import terminal
from smilejax.videos.file_kind import holds_media

if TYPE_CHECKING:
    from smilejax.prediction.predictor import Predictor
    from smilejax.recordings.any_recording import AnyRecording
    from smilejax.recordings.faces import Faces


def are_media(paths: Sequence[Path]) -> bool:
    """Whether paths lead to videos or photos, and not to tables.

    Raises:
        DataError: to some of both.
    """
    media = [holds_media(path) for path in paths]
    if any(media) and not all(media):
        one, other = paths[media.index(True)], paths[media.index(False)]
        raise DataError(f"{one} is a video or photo, and {other} is not. Give them one after the other.")
    return bool(media) and media[0]


@dataclass(frozen=True)
class NotRead:
    """A file that could not be read: what it is called in the table of predictions, and why."""

    name: str
    error: SmilejaxError


def faces_for(predictor: "Predictor", paths: Sequence[Path]) -> tuple["Faces", list[str], list[NotRead]]:
    """Track videos or photos for a model of faces.

    Returns:
        the faces, what should be said of them, as clauses, and the files that could not be read while others could.

    Raises:
        DataError: the model is of pupils, or of videos where all of these are photos; or no face is found.
        ReadError: none of the files can be read.
    """
    from smilejax import readers
    from smilejax.preprocess.any_recipe import kind_of_recipe
    from smilejax.recordings.face_crops import with_crops
    from smilejax.recordings.faces import Faces
    from smilejax.recordings.kinds import FACE
    from smilejax.settings import ReadSettings
    from smilejax.tracking.face_crop import crop_name
    from smilejax.tracking.faces_table import faces_table
    from smilejax.tracking.find_videos import find_videos
    from smilejax.tracking.name_videos import names_by_pattern
    from smilejax.tracking.one_video import track_video

    kind = kind_of_recipe(predictor.recipe)
    if kind is not FACE:
        raise DataError(f"the model was trained on {kind.signal}, and {paths[0]} is a video or photo of a face.")
    videos = find_videos(paths)
    named = names_by_pattern(videos, None)
    done, notes, broken = [], [], []
    side = predictor.crop_side
    with terminal.counting(len(videos), "videos") as progress:
        for video, names in zip(videos, named.names, strict=True):
            try:
                if not predictor.stills and _is_still(video.path):
                    raise DataError(
                        f"{video.path} is a single picture, and the model was trained on videos, by how smiles unfold in time.",
                        hint="A photo is answered by a model of single frames: `smilejax train --stills`.",
                    )
                tracked = track_video(video.path, crop_side=side)
            except SmilejaxError as error:
                broken.append(NotRead(video.name, error))
                continue
            finally:
                progress.ended(1)
            notes += [f"{video.name}: {words}" for words in tracked.in_words()]
            done.append((video, names, tracked))
    if not done:
        raise broken[0].error
    if not any(tracked.found.any() for _, _, tracked in done):
        raise DataError(f"no face was found in {' or in '.join(str(video.path) for video, _, _ in done[:3])}.")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", DataWarning)
        table = faces_table(done, crops=side is not None)
        faces = readers.read(table, ReadSettings(classes=predictor.class_names), labels="optional")
    notes += [str(one.message) for one in caught]
    assert isinstance(faces, Faces)
    if side is not None:
        pictures = {
            crop_name(video.name, at): crop
            for video, _, tracked in done
            if tracked.crops is not None
            for at, crop in enumerate(tracked.crops)
        }
        faces = with_crops(_of_which_faces(faces), pictures.__getitem__, side)
    return faces, notes, broken


def _is_still(path: Path) -> bool:
    """Whether a file is a single picture; one that cannot be read is not."""
    from smilejax.videos.open_video import is_still

    try:
        return is_still(path)
    except ReadError:
        return False


def _of_which_faces(faces: "Faces") -> "Faces":
    """Without videos in which no face was found, of which there is no crop."""
    assert faces.crop is not None
    return faces.take([row for row, names in enumerate(faces.crop) if any(names)])


def as_the_model_sees(predictor: "Predictor", recording: "AnyRecording") -> tuple["AnyRecording", list[str]]:
    """A recording, or the apex of each of its videos where the model is of single frames; and what was done, as clauses."""
    from smilejax.recordings.apex_frames import apex_frames
    from smilejax.recordings.faces import Faces

    if not isinstance(recording, Faces) or recording.stills or not predictor.stills:
        return recording, []
    said = "the model is of single frames: of each video the apex of its smile is taken, and nothing in time is used"
    return apex_frames(recording), [said]


def with_the_models_crops(predictor: "Predictor", recording: "AnyRecording", folder: Path | None) -> "AnyRecording":
    """A recording with the crops that the model needs, from their folder where they did not come with it.

    Raises:
        DataError: the model needs crops and has none, or needs none.
    """
    from smilejax.cli.by_kind import cropped
    from smilejax.recordings.face_crops import FaceCrops

    side = predictor.crop_side
    if folder is not None and (side is None or isinstance(recording, FaceCrops)):
        why = "the model is not of crops" if side is None else "crops are made of the videos or photos themselves"
        raise DataError(f"{SETTING.crops} names a folder, and {why}. Leave it out.")
    return recording if folder is None else cropped(recording, folder, side)

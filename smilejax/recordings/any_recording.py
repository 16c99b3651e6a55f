"""`AnyRecording`: recordings that a recipe cleans, of pupils or of faces."""

from smilejax.recordings.faces import Faces
from smilejax.recordings.trials import Trials

AnyRecording = Trials | Faces

"""Simulated recordings with known truth: a study of smiles, recorded by an idealised eye tracker; and the faces of smilers.

Every physical signal is a function of continuous time, so one key gives one physical study at any sampling rate; only
measurement noise is drawn sample by sample. Every draw belongs to a participant, a stimulus or a trial by its number, so
that participant 3 is the same whether 3 or 300 participants are simulated.

The tracker fails in two ways. It finds no pupil: the eyelid covers it, or the tracker loses it. Or it finds a wrong one: a
pupil half covered by the eyelid, a false value at one instant (a spike), or another object taken for the pupil within a gap
(an island). The truth states for each sample which of these applies.

Not simulated: the pupil's response to a blink, changes across a session (fatigue, learning), gaze, and any difference
between the eyes except a constant one.
"""

from typing import TYPE_CHECKING

from smilejax._util.lazy import lazy_names

if TYPE_CHECKING:
    from smilejax.simulate.face_courses import SmileCourses as SmileCourses
    from smilejax.simulate.face_courses import SmileTruth as SmileTruth
    from smilejax.simulate.face_courses import smile_courses as smile_courses
    from smilejax.simulate.simulated_faces import FaceSimulation as FaceSimulation
    from smilejax.simulate.simulated_faces import face_truth_table as face_truth_table
    from smilejax.simulate.simulated_faces import simulate_faces as simulate_faces
    from smilejax.simulate.simulated_study import simulate_study as simulate_study
    from smilejax.simulate.truth import Destruction as Destruction
    from smilejax.simulate.truth import Simulation as Simulation
    from smilejax.simulate.truth import Truth as Truth
    from smilejax.simulate.truth import truth_table as truth_table

__all__, __getattr__, __dir__ = lazy_names(
    __name__,
    {
        "Destruction": "simulate.truth",
        "FaceSimulation": "simulate.simulated_faces",
        "Simulation": "simulate.truth",
        "SmileCourses": "simulate.face_courses",
        "SmileTruth": "simulate.face_courses",
        "Truth": "simulate.truth",
        "face_truth_table": "simulate.simulated_faces",
        "simulate_faces": "simulate.simulated_faces",
        "simulate_study": "simulate.simulated_study",
        "smile_courses": "simulate.face_courses",
        "truth_table": "simulate.truth",
    },
)

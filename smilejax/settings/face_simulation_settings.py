"""Settings of a simulated study of faces."""

from dataclasses import dataclass

from smilejax._util.errors import SETTING
from smilejax.settings.checks import require, require_count, require_number, samples_in


@dataclass(frozen=True)
class FaceSimulationSettings:
    """Videos of smiling faces with known truth; see `smilejax.simulate.smile_courses`.

    The directions in which posed and genuine smiles differ are published (see `effect`). All sizes are ours: chosen to be
    plausible, and fitted to no data. Eye distances are those between the outer corners of the eyes.
    """

    smilers: int = 24
    """Number of people who smile."""
    videos_per_class: int = 3
    """Videos of each smiler with a posed smile, and as many with a genuine one."""
    rate_hz: float = 50.0
    """Frames per second (UvA-NEMO: 50)."""
    duration_ms: float = 4000.0
    """Length of a video in ms (UvA-NEMO: about 4 s on average, as we remember it)."""
    effect: float = 1.0
    """Size of the difference between posed and genuine smiles; 0 draws both from one distribution. At 1 a posed smile has 1.25
    times the amplitude, 1.5 times the onset speed and 1.1 times the offset duration, hence 1.14 times the offset speed, of
    a genuine one, and the eyelids close by .1 less. Asymmetry does not differ. Directions are those of Schmidt et al. (2006),
    read in the abstract only; that of the eyelids is Duchenne's marker. Sizes are ours."""
    amplitude_eye_distances: float = 0.13
    """Typical (median) way of a lip corner from the neutral face to the apex, in eye distances."""
    smiler_log_sd: float = 0.25
    """Standard deviation between smilers of the logarithm of the amplitude: some people smile more widely."""
    amplitude_log_sd: float = 0.25
    """The same between videos of one smiler."""
    first_onset_ms: float = 600.0
    """Mean time at which the smile begins, in ms from the start of the video; drawn evenly between half and 1.5 times that."""
    onset_ms: float = 450.0
    """Typical (median) duration of the onset in ms."""
    apex_ms: float = 900.0
    """Typical duration of the apex in ms."""
    offset_ms: float = 700.0
    """Typical duration of the offset in ms. A smile may last longer than its video; the truth then has its whole length."""
    phase_log_sd: float = 0.3
    """Standard deviation between videos of the logarithm of each of these durations."""
    eyelid_closing: float = 0.2
    """Mean proportion by which a smile narrows the eyes at its apex."""
    eyelid_sd: float = 0.08
    """Standard deviation of this proportion between videos."""
    asymmetry_sd: float = 0.06
    """Standard deviation between smilers of the asymmetry, (left - right) / (left + right) of the corners' amplitudes."""
    asymmetry_video_sd: float = 0.04
    """The same between videos of one smiler."""
    head_shift_eye_distances: float = 0.1
    """Standard deviation of slow movements of the head in each direction of the picture, in eye distances."""
    head_roll_deg: float = 2.0
    """Standard deviation of the head's slow rotation in the plane of the picture, in degrees."""
    head_scale: float = 0.02
    """Standard deviation of the slow change of the face's size in the picture, as a proportion."""
    blinks_per_minute: float = 15.0
    """Mean rate of blinks, which close both eyes."""
    blink_ms: float = 60.0
    """Mean time for which a blink keeps the eyes closed in ms, without closing (60 ms) and opening (90 ms)."""
    losses_per_minute: float = 3.0
    """Mean rate at which the tracker loses the face."""
    loss_ms: float = 200.0
    """Mean duration of a loss in ms."""
    wrong_share: float = 0.5
    """Proportion of losses in which the tracker goes on with wrong values and a low confidence; in others it gives none."""
    noise_eye_distances: float = 0.004
    """Standard deviation of the measurement noise of one frame in eye distances."""

    def __post_init__(self) -> None:
        require_count(self, "smilers", 1)
        require_count(self, "videos_per_class", 1)
        # The upper ends are far outside any study; they keep simulated numbers finite in 32 bits.
        require_number(self, "rate_hz", 0, 1000, open_low=True)
        require_number(self, "duration_ms", 0, 3_600_000, open_low=True)
        require_number(self, "effect", -5, 5)
        require_number(self, "amplitude_eye_distances", 0, 1, open_low=True)
        for name in ("first_onset_ms", "apex_ms"):
            require_number(self, name, 0, 3_600_000)
        for name in ("onset_ms", "offset_ms", "blink_ms", "loss_ms"):
            require_number(self, name, 0, 60_000, open_low=True)
        for name in ("smiler_log_sd", "amplitude_log_sd", "phase_log_sd"):
            require_number(self, name, 0, 2)
        for name in ("eyelid_closing", "eyelid_sd", "asymmetry_sd", "asymmetry_video_sd", "wrong_share"):
            require_number(self, name, 0, 1)
        for name in ("head_shift_eye_distances", "noise_eye_distances"):
            require_number(self, name, 0, 10)
        require_number(self, "head_roll_deg", 0, 45)
        require_number(self, "head_scale", 0, 0.2)
        for name in ("blinks_per_minute", "losses_per_minute"):
            require_number(self, name, 0, 120)
        require(self.n_frames >= 1, "duration_ms", f"at least a frame long at {SETTING.rate_hz}", self.duration_ms)

    @property
    def n_frames(self) -> int:
        """Frames in a video."""
        return samples_in(self.duration_ms, self.rate_hz)

    @property
    def n_videos(self) -> int:
        """Videos of the study."""
        return 2 * self.smilers * self.videos_per_class

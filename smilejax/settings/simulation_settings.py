"""Settings of a simulated study."""

from dataclasses import dataclass
from typing import Literal

from smilejax._util.errors import SETTING
from smilejax.settings.checks import require, require_choice, require_count, require_number, samples_in

Sentinel = Literal["nan", "0", "-1"]
"""What a simulated tracker writes for a missing sample."""


@dataclass(frozen=True)
class SimulationSettings:
    """A study with known truth. Defaults are plausible for a 60 Hz desk-mounted tracker; see `smilejax.simulate`."""

    participants: int = 24
    """Number of participants, who watch the stimuli."""
    smilers: int = 8
    """Number of people shown; each gives a genuine and a posed smile, which makes twice as many stimuli."""
    rate_hz: float = 60.0
    """Samples per second."""
    duration_ms: float = 10_000.0
    """Length of a trial in ms."""
    effect_mm: float = 0.3
    """Peak of the additional dilation to a genuine smile, in mm; 0 simulates no effect."""
    effect_onset_ms: float = 1500.0
    """When the smile begins, in ms from the start of the trial."""
    effect_t_max_ms: float = 930.0
    """Time to peak of the response in ms (Hoeks & Levelt 1993)."""
    baseline_mm: float = 3.5
    """Mean resting pupil in mm."""
    baseline_sd_mm: float = 0.5
    """Standard deviation of resting pupils between participants in mm."""
    gain_sd: float = 0.25
    """Standard deviation of the logarithm of participants' responsiveness, which scales reflex and effect."""
    reflex_mm: float = 0.4
    """Mean peak constriction to the onset of a stimulus in mm."""
    reflex_sd_mm: float = 0.1
    """Standard deviation of the constriction between stimuli in mm."""
    drift_mm: float = 0.08
    """Standard deviation of slow drift (below 0.1 Hz) within a trial in mm."""
    hippus_mm: float = 0.06
    """Standard deviation of spontaneous fluctuation (0.1 to 2 Hz) in mm."""
    eye_offset_sd_mm: float = 0.15
    """Standard deviation between participants of the constant left-right difference in mm."""
    noise_mm: float = 0.015
    """Standard deviation of measurement noise of one sample in mm."""
    blinks_per_minute: float = 12.0
    """Mean rate of blinks, which hide both eyes at once."""
    blink_ms: float = 150.0
    """Mean time for which a blink hides the pupil, in ms, without its edges."""
    losses_per_minute: float = 2.0
    """Mean rate of tracker losses of a single eye."""
    loss_ms: float = 400.0
    """Mean duration of a tracker loss in ms."""
    spikes_per_minute: float = 2.0
    """Mean rate of spikes of each eye: false values at one instant, too high or too low."""
    spike_mm: float = 0.5
    """Typical height of a spike in mm; each has 0.5 to 1.5 times that, up or down."""
    spike_ms: float = 20.0
    """Duration of a spike in ms: a little more than a frame at 60 Hz; a shorter one can fall between two samples."""
    island_share: float = 0.3
    """Proportion of blinks and losses, of those long enough, in which the tracker briefly finds a false pupil."""
    island_ms: float = 30.0
    """Duration of the false pupil in ms; below 50, the length up to which Kret & Sjak-Shie (2019) remove it."""
    sentinel: Sentinel = "nan"
    """What is written for a missing sample."""

    def __post_init__(self) -> None:
        require_count(self, "participants", 1)
        require_count(self, "smilers", 1)
        # The upper ends are far outside any study; they keep simulated numbers finite in 32 bits.
        require_number(self, "rate_hz", 0, 20_000, open_low=True)
        require_number(self, "duration_ms", 0, 3_600_000, open_low=True)
        require_number(self, "effect_mm", -10, 10)
        require_number(self, "effect_onset_ms", 0, 3_600_000)
        require_number(self, "effect_t_max_ms", 10, 60_000)
        require_number(self, "baseline_mm", 2, 7)
        require_number(self, "gain_sd", 0, 2)
        for name in (
            "baseline_sd_mm",
            "eye_offset_sd_mm",
            "reflex_mm",
            "reflex_sd_mm",
            "drift_mm",
            "hippus_mm",
            "noise_mm",
        ):
            require_number(self, name, 0, 10)
        for name in ("blinks_per_minute", "losses_per_minute", "spikes_per_minute"):
            require_number(self, name, 0, 120)
        for name in ("blink_ms", "loss_ms", "spike_ms"):
            require_number(self, name, 0, 60_000, open_low=True)
        require_number(self, "spike_mm", 0, 10, open_low=True)
        require_number(self, "island_share", 0, 1)
        require_number(self, "island_ms", 0, open_low=True)
        rule = "below 50, the length in ms from which Kret & Sjak-Shie (2019) keep a run of samples"
        require(self.island_ms < 50, "island_ms", rule, self.island_ms)
        require_choice(self, "sentinel", ("nan", "0", "-1"))
        require(self.n_samples >= 4, "duration_ms", f"at least 4 samples long at {SETTING.rate_hz}", self.duration_ms)

    @property
    def n_samples(self) -> int:
        """Samples in a trial."""
        return samples_in(self.duration_ms, self.rate_hz)

"""Progress: how many have ended, how fast, how long the rest takes, and that it goes forwards only."""

from smilejax.cli.terminal import Counting


class Shown:
    """What was shown, and a clock that is set by hand."""

    def __init__(self, total: int, *, at_most: bool) -> None:
        self.now = 100.0
        self.lines: list[tuple[int, int, str]] = []
        self.stages: list[str] = []
        self.counting = Counting(
            total,
            "runs",
            lambda *line: self.lines.append(line),
            self.stages.append,
            at_most=at_most,
            clock=lambda: self.now,
        )

    def ended(self, at: float, count: int) -> str:
        """The words after so many more have ended."""
        self.now = at
        self.counting.ended(count)
        return self.lines[-1][2]


def test_time_left_is_told_by_how_fast_things_ended() -> None:
    shown = Shown(1000, at_most=True)
    shown.counting.stage("training")
    assert shown.stages == ["training"]
    assert shown.ended(100, 40) == "training"  # found on disk
    assert shown.ended(100.5, 1) == "training"
    assert shown.ended(110, 19) == "training, 2 a second, at most about 8 minutes left"
    for second in range(111, 200):
        words = shown.ended(second, 4)
    # Of the last minute, in which four ended each second.
    assert words == "training, 4 a second, at most about 2 minutes left"


def test_what_is_spared_lowers_the_total_and_nothing_goes_back() -> None:
    shown = Shown(1000, at_most=True)
    shown.ended(100, 0)
    shown.ended(200, 300)
    shown.counting.spared(500)
    assert shown.lines[-1] == (300, 500, "runs, 3 a second, about 67 seconds left")
    assert shown.ended(210, 200) == "runs, 4.55 a second"
    assert shown.lines[-1][:2] == (500, 500)
    proportions = [done / of for done, of, _ in shown.lines]
    assert proportions == sorted(proportions)


def test_a_stage_without_trainings_has_no_count_and_a_later_one_no_rate_of_an_earlier() -> None:
    shown = Shown(100, at_most=False)
    shown.ended(100, 40)
    shown.ended(110, 40)
    before = len(shown.lines)
    shown.counting.stage("training reference classifiers and negative controls")
    assert len(shown.lines) == before  # its words alone
    shown.now = 500  # which took long
    shown.counting.stage("training on the missing-data mask alone")
    assert shown.ended(501, 20) == "training on the missing-data mask alone"

"""Gazepoint's exports, written from known pupils."""

from collections.abc import Callable, Sequence
from pathlib import Path

from helpers.tracker_files.simulated_pupils import Simulated

HEADS = (
    "MEDIA_ID,MEDIA_NAME,CNT,TIME(2020/01/31 10:00:00.123),TIMETICK(f=10000000),FPOGX,FPOGY,FPOGS,FPOGD,FPOGID,FPOGV,BPOGX,"
    "BPOGY,BPOGV,CX,CY,CS,KB,KBS,USER,LPCX,LPCY,LPD,LPS,LPV,RPCX,RPCY,RPD,RPS,RPV,BKID,BKDUR,BKPMIN,LPMM,LPMMV,RPMM,RPMMV"
)
FIRST_TICK = 6_962_163_888_780


def medium(sample: int) -> str:
    """The first two thirds show one film, the rest another."""
    return "0,H1.avi" if sample < 160 else "1,A1.avi"


def all_gaze(
    path: Path,
    pupils: Simulated,
    *,
    heads: str = HEADS,
    media: Callable[[int], str] = medium,
    user: Callable[[int], str] = lambda sample: "",
    anew: Sequence[int] = (),
    trailing: bool = True,
    measured: bool = True,
) -> Path:
    """Write an all_gaze table: in blinks the flags are 0, and numbers stand behind them.

    Arguments:
        user: the marker of a row.
        anew: samples at which TIME starts at 0 again.
        trailing: whether lines end with a comma.
        measured: whether LPMM and RPMM hold anything but 0.
    """
    lines = [heads]
    for i, seconds in enumerate(pupils.seconds.tolist()):
        begin = max([0, *(at for at in anew if at <= i)])
        time = f"{seconds - float(pupils.seconds[begin]):.5f}"
        ok, blink = (0, 1) if pupils.blink[i] else (1, 0)
        left, right = pupils.pupil[i].tolist()
        mm = f"{left:.4f},{ok},{right:.4f},{ok}" if measured else "0.0,0,0.0,0"
        lines.append(
            f"{media(i)},{i},{time},{FIRST_TICK + round(seconds * 10_000_000)},.5,.5,0,0.1,1,1,.5,.5,1,.5,.5,0,0,0,{user(i)},"
            f".4,.5,{5 * left:.4f},1.05,{ok},.6,.5,{5 * right:.4f},1.05,{ok},{blink},0.0,12,{mm}"
        )
    path.write_text("\n".join(line + ("," if trailing else "") for line in lines) + "\n", "utf-8")
    return path


def open_gaze(path: Path, pupils: Simulated) -> Path:
    """Write records of the Open Gaze API, as PyGaze keeps them: pupils in metres, a marker in USER."""
    lines = [
        "CNT\tTIME\tTIME_TICK\tFPOGX\tFPOGY\tFPOGV\tLPCX\tLPD\tLPV\tRPCX\tRPD\tRPV\tLPUPILD\tLPUPILV\tRPUPILD\tRPUPILV\tUSER"
    ]
    for i, seconds in enumerate(pupils.seconds.tolist()):
        ok, (left, right) = int(not pupils.blink[i]), pupils.pupil[i].tolist()
        marker = "0" if i < 30 else "ONSET_H1"
        sizes = f"{left / 1000:.7f}\t{ok}\t{right / 1000:.7f}\t{ok}"
        lines.append(
            f"{i}\t{seconds:.5f}\t{i}\t.5\t.5\t1\t.4\t{5 * left:.4f}\t{ok}\t.6\t{5 * right:.4f}\t{ok}\t{sizes}\t{marker}"
        )
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path

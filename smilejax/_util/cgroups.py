"""Which groups of processes (cgroups) this one belongs to, by which Linux limits containers and jobs."""

from pathlib import Path

CGROUPS, OWN_CGROUP = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
"""Where Linux says what share of the machine a container or job has, and which one this process is in."""


def folders(controller: str) -> list[Path]:
    """Folders of this process's group and of those around it, of version 2 and of one controller of version 1.

    Arguments:
        controller: as Linux calls it: `cpu`, `memory`.
    """
    try:
        lines = OWN_CGROUP.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return []
    found: list[Path] = []
    for line in lines:
        _, controllers, path = (*line.split(":", 2), "", "")[:3]
        if controllers and controller not in controllers.split(","):
            continue
        root = CGROUPS / controllers if controllers else CGROUPS
        place = root / path.lstrip("/")
        # Within a container its own cgroup may be mounted as the root, while the path is that of the machine.
        found += [folder for folder in (place, *place.parents) if folder.is_relative_to(root)]
    return found

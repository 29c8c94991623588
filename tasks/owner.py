"""Who holds a claim: host, process and its start time, so that a reused process number is nobody's twin."""

import os
import socket
from pathlib import Path


def me() -> str:
    """This process, as it stands in claims, leases and the audit trail."""
    return f"{socket.gethostname()}:{os.getpid()}:{_started(os.getpid())}"


def alive(owner: str) -> bool:
    """Whether the owner still runs. True for another machine's, which cannot be seen from here."""
    host, _, rest = owner.rpartition(":")[0].partition(":")
    pid, started = rest, owner.rpartition(":")[2]
    if host != socket.gethostname() or not pid.isdigit():
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return _started(int(pid)) == started


def _started(pid: int) -> str:
    """The start time that Linux keeps for a process; empty elsewhere, and then the number alone must do."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[19]

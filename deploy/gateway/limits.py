"""How much the gateway takes from whom, and for how long. Parameters, so that tests need not wait."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes. A stranger is anybody whose call names no live ticket."""

    request_seconds: float = 15.0
    """For a whole request to arrive, and for an answer to be read."""
    large_request_seconds: float = 300.0
    """The same for the large answer of a live session: 40 MB at 1 Mbit/s."""
    idle_seconds: int = 120
    """Between two requests. Longer than the 100 s after which .NET gives an idle connection up (ServicePoint,
    MaxServicePointIdleTime): who closes first while the other begins to write loses a message."""
    head_bytes: int = 64 << 10
    stranger_bytes: int = 1 << 20
    session_bytes: int = 40 << 20
    waiting_bytes: int = 16 << 20
    """What all strangers together may have sent of requests that are not complete."""
    connections: int = 500


LIMITS = Limits()

"""Intuit's limits, measured by the server over a true sliding window, and the counters of what was called.

500 requests and 40 batches a minute, 10 at the same time (Intuit, "Limits and throttles" page). A refused call
does not count towards the window.
"""

import threading
import time
from collections import deque

REQUESTS, BATCHES, CONCURRENT = 500, 40, 10


class Meter:
    """Counts calls; `enter` says whether one more is allowed. `minute_seconds` shortens the minute in tests."""

    def __init__(self, minute_seconds: float = 60.0) -> None:
        self.minute_seconds = minute_seconds
        self.calls = self.batches = self.reads = self.writes = self.tokens = 0
        self.violations = 0
        self.concurrent = self.most_concurrent = 0
        self._requests: deque[float] = deque()
        self._batches: deque[float] = deque()
        self._lock = threading.Lock()

    def enter(self, *, batch: bool) -> bool:
        """Counts a call in; False, and a violation, when a limit is exceeded. Every True needs a `leave`."""
        now = time.monotonic()
        with self._lock:
            self.calls += 1
            for log in (self._requests, self._batches):
                while log and log[0] <= now - self.minute_seconds:
                    log.popleft()
            full = len(self._requests) >= REQUESTS or (batch and len(self._batches) >= BATCHES)
            if full or self.concurrent >= CONCURRENT:
                self.violations += 1
                return False
            self._requests.append(now)
            if batch:
                self.batches += 1
                self._batches.append(now)
            self.concurrent += 1
            self.most_concurrent = max(self.most_concurrent, self.concurrent)
            return True

    def leave(self) -> None:
        """Counts a call out."""
        with self._lock:
            self.concurrent -= 1

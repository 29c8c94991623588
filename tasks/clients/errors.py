"""How a call to Magento or QuickBooks can fail, sorted by what has to happen next.

    CallFailed
    ├── TryLater      timeout, 429, 5xx, a page that is not the API's: the same call may succeed later
    │   └── TooLong   it asks for more patience than a run has: the run ends, and a later one may succeed
    ├── NeedsPerson   a login or permission is refused: someone has to reconnect or grant access
    ├── Refused       the other side understood and said no: this request will stay wrong
    └── Unknown       a write was sent and no answer came: it may have been carried out

`str(error)` is a sentence for a person. It never holds secrets, personal data or QuickBooks data: callers pass a
`detail` that names codes, fields and permissions only.
"""

from typing import Literal

Side = Literal["Magento", "QuickBooks"]


class CallFailed(Exception):
    """A call failed. `side` is who was called, `status` the HTTP status (None without an answer), `request_id`
    what support asks for (`intuit_tid`, Magento's report id; empty when unknown), `detail` the reason in words."""

    def __init__(self, side: Side, detail: str, *, status: int | None = None, request_id: str = "") -> None:
        super().__init__(detail)
        self.side: Side = side
        self.status = status
        self.request_id = request_id
        self.detail = detail

    def __str__(self) -> str:
        status = f" (HTTP {self.status})" if self.status else ""
        reference = f" Reference: {self.request_id}." if self.request_id else ""
        return f"{self.side}{status}: {self.detail.rstrip('.')}.{reference}"


class TryLater(CallFailed):
    """The same call may succeed later. `retry_after` is the wait in seconds that the other side asked for."""

    def __init__(
        self,
        side: Side,
        detail: str,
        *,
        status: int | None = None,
        request_id: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(side, detail, status=status, request_id=request_id)
        self.retry_after = retry_after


class TooLong(TryLater):
    """The other side asked to wait for longer than a run does (an hour in all): the run ends and loses nothing."""


class NeedsPerson(CallFailed):
    """Credentials or permissions are refused: no retry helps, a person has to reconnect or grant access."""


class Refused(CallFailed):
    """The request was understood and refused: sent again, it would be refused again."""


class Unknown(CallFailed):
    """A write was sent and its answer was lost: it may have been carried out. Settle it by the same request id."""

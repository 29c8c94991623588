"""`record`: a dataclass that nothing changes once it is made."""

from typing import TYPE_CHECKING, Any

__all__ = ["record"]

if TYPE_CHECKING:
    from dataclasses import dataclass as record
else:
    from dataclasses import dataclass

    def record(**options: Any) -> Any:
        """A frozen dataclass, of which mypy alone sees to it that nothing changes it.

        At run time dataclasses would set each field of each new object through `object.__setattr__` for that: one
        tenth of the time that it takes to map an order.
        """
        return dataclass(**options | {"frozen": False, "unsafe_hash": options.get("eq", True)})

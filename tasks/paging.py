"""Working through many pages without waiting: the next one is read ahead, and the garbage collector stays away."""

import gc
from collections.abc import Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


def ahead(pages: Iterator[T]) -> Generator[T]:
    """The same pages, each of them read in a thread while the one before is worked on."""
    with ThreadPoolExecutor(1) as reader:
        coming = reader.submit(next, pages, None)
        while (page := coming.result()) is not None:
            coming = reader.submit(next, pages, None)
            yield page


@contextmanager
def uncollected() -> Iterator[None]:
    """Pause the garbage collector for the work on a page, as a decorator.

    A page makes hundreds of thousands of objects that hold no cycles; looking for some takes a fifth of the time.
    Around the function, because they are gone when it has returned: resumed inside, it would walk over them once more.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()

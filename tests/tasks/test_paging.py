"""Reading ahead: in order, one page at a time, and never silent about what went wrong."""

import gc
import threading
from collections.abc import Iterator

import pytest

from tasks.paging import ahead, uncollected


def test_pages_come_in_their_order_and_the_next_one_is_read_meanwhile() -> None:
    read = [threading.Event() for _ in range(4)]

    def pages() -> Iterator[int]:
        for number, event in enumerate(read):
            event.set()
            yield number

    came = []
    for page in ahead(pages()):
        came.append(page)
        assert all(event.wait(5) for event in read[: page + 2])
        assert not any(event.is_set() for event in read[page + 2 :])
    assert came == [0, 1, 2, 3]


def test_a_page_that_cannot_be_read_ends_the_reading_with_its_reason() -> None:
    def pages() -> Iterator[int]:
        yield 1
        raise OSError("the file is gone")

    came = []
    with pytest.raises(OSError, match="the file is gone"):
        for page in ahead(pages()):
            came.append(page)
    assert came == [1]


def test_the_garbage_collector_is_as_it_was_after_the_work_even_when_the_work_fails() -> None:
    @uncollected()
    def work() -> bool:
        return gc.isenabled()

    @uncollected()
    def fail() -> None:
        raise ValueError

    assert gc.isenabled()
    assert not work()
    with pytest.raises(ValueError):
        fail()
    assert gc.isenabled()

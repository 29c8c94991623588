"""The one retry policy. Clients never retry, flows never retry: a task does, and only where a repeat can help."""

from datetime import timedelta
from typing import Any, TypedDict

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import exponential_backoff

from tasks.breaking import NotNow
from tasks.clients.errors import TooLong, TryLater, Unknown


def may_succeed_later(task: Task[..., Any], run: TaskRun, state: State[Any]) -> bool:
    """Retry what the other side could not do now, and what it may have done already.

    An `Unknown` outcome is safe to repeat because the task sends the same request id and the same bytes.
    Waiting as long as `Retry-After` asks is the limiter's and the breaker's part: the next attempt takes its turn
    there. An open breaker is no reason to wait here, for it stays open for longer than the policy tries, and neither
    is a pause longer than a run waits.
    """
    return isinstance(state.data, TryLater | Unknown) and not isinstance(state.data, NotNow | TooLong)


class Policy(TypedDict):
    """The keyword arguments of `@task` that make the policy."""

    retries: int
    retry_delay_seconds: Any
    retry_jitter_factor: float
    retry_condition_fn: Any
    persist_result: bool
    cache_policy: Any
    cache_expiration: timedelta | None


POLICY: Policy = {
    "retries": 4,
    "retry_delay_seconds": exponential_backoff(1),
    "retry_jitter_factor": 0.5,
    "retry_condition_fn": may_succeed_later,
    "persist_result": False,
    "cache_policy": NO_CACHE,
    "cache_expiration": None,
}

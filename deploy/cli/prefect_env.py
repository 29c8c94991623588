"""Prefect's environment for a run started by hand: quiet, at home, no telemetry. Called before Prefect is imported.

Whatever the user has set already wins, so a run reports to their own Prefect server when PREFECT_API_URL names one.
"""

from collections.abc import Mapping, MutableMapping
from pathlib import Path


def prepare(environ: MutableMapping[str, str], home: Path, *, debug: bool = False) -> None:
    """Set what is not set. Without an API URL the run starts a temporary server, kept inside `home`."""
    for name, value in _settings(environ, home, debug).items():
        environ.setdefault(name, value)


def _settings(environ: Mapping[str, str], home: Path, debug: bool) -> Mapping[str, str]:
    level = "DEBUG" if debug else "CRITICAL"
    settings = {
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_LOGGING_LEVEL": level,
        "PREFECT_LOGGING_SERVER_LEVEL": level,
        "PREFECT_SERVER_LOGGING_LEVEL": level,
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
    }
    if environ.get("PREFECT_API_URL"):
        return settings
    services = {f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in _IDLE_SERVICES}
    return (
        settings
        | services
        | {
            "PREFECT_HOME": str(home / "prefect"),
            "PREFECT_SERVER_ALLOW_EPHEMERAL_MODE": "true",
            # The temporary server ends with the command: nobody would read the log lines sent to it.
            "PREFECT_LOGGING_TO_API_ENABLED": "false",
            # A first start migrates the server's database: about ten seconds here, more on a busy machine.
            "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "90",
        }
    )


# What serves schedules, automations and the UI's history: of no use to a server that lives for one run, and the
# recorder prints tracebacks when it is stopped in the middle of its work.
_IDLE_SERVICES = (
    "SCHEDULER",
    "LATE_RUNS",
    "FOREMAN",
    "TRIGGERS",
    "TASK_RUN_RECORDER",
    "EVENT_PERSISTER",
    "CANCELLATION_CLEANUP",
    "PAUSE_EXPIRATIONS",
    "REPOSSESSOR",
)

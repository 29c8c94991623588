"""Any exception -> `Failure`: a sentence, what to do, an exit status. The only place that decides it."""

import re

from cyclopts import CycloptsError

from deploy.cli.session import Exit, Failure

_OURS = {
    "SettingsError": ("settings", "See: magebooks help environment"),
    "VaultError": ("vault", "See: magebooks help files"),
    "LedgerError": ("ledger", "See: magebooks help files"),
    "OtherBooks": ("target", "See: magebooks doctor"),
}
_LATER_FIX = "Nothing is lost. Run the same command again later."
_LATER = ("StagingBusy", "BadPage")


def from_usage(error: CycloptsError) -> Failure:
    """A call that does not fit the command's options."""
    words = " ".join(str(error).split())
    words = re.sub(r"^Invalid value for (--\S+): (.*)$", r"\1: \2", words)
    return Failure("usage", words, "See: magebooks --help", Exit.USAGE)


def from_exception(error: Exception) -> Failure:
    """What a person should read about `error`; an unforeseen one becomes `unexpected` and names its class only,
    because its text may hold personal data."""
    if isinstance(error, Failure):
        return error

    from mappings.rules import RulesError
    from mappings.settlement import SettlementError
    from tasks.clients.errors import CallFailed

    if isinstance(error, CallFailed):
        return _call(error)
    if isinstance(error, SettlementError):
        return Failure("settlement-file", str(error), error.fix)
    if isinstance(error, RulesError):
        return Failure("rules", str(error), "Correct the file, then: magebooks rules check")
    return _plain(error)


def _call(error: Exception) -> Failure:
    from tasks.clients.errors import NeedsPerson, TryLater, Unknown

    if isinstance(error, NeedsPerson):
        return Failure("connection", str(error), "See what is missing: magebooks doctor", Exit.CONNECTION)
    if isinstance(error, TryLater | Unknown):
        return Failure("try-later", str(error), _LATER_FIX, Exit.LATER)
    return Failure("refused", str(error), "See what is wrong: magebooks doctor", Exit.CONNECTION)


def _plain(error: Exception) -> Failure:
    # By name, so that nothing heavy is imported for a mistyped option.
    name = type(error).__name__
    if name in _OURS:
        code, fix = _OURS[name]
        return Failure(code, str(error), str(getattr(error, "fix", fix)))
    if name in _LATER:
        return Failure("try-later", str(error), _LATER_FIX, Exit.LATER)
    if isinstance(error, FileNotFoundError) and error.filename:
        return Failure("missing-file", f"{error.filename} does not exist.", "Start a home: magebooks init")
    if isinstance(error, PermissionError) and error.filename:
        return Failure("permission", f"{error.filename} may not be read or written.", "Check its owner and mode.")
    return Failure(
        "unexpected",
        f"Something unforeseen happened ({name}). Nothing is lost: what was sent is in the ledger.",
        "Run the same command with --debug and send us its last lines.",
        Exit.LOOK,
    )

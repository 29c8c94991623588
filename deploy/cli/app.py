"""The command line: which commands exist, and how an answer or a failure reaches the terminal.

Commands are named by import path and loaded when called, so `magebooks --help` starts in a fraction of a second.
"""

import json
import traceback
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path
from typing import Annotated

from cyclopts import App, CycloptsError, Group, Parameter

from deploy.cli import commands, errors
from deploy.cli.session import Answer, Exit, Failure, Options, Session, open_session

_HELP = {"--help", "-h", "--version"}
_SWITCHES = Group("Everywhere", sort_key=100)


def _switch(*names: str, text: str) -> Parameter:
    return Parameter(names, negative="", help=text, group=_SWITCHES, show_default=False)


def build(session_box: list[Session]) -> App:
    """The whole command tree. The session made from the global switches is left in `session_box`, so that a
    failure is reported the way the caller asked for."""
    app = App(
        name="magebooks",
        help=commands.SUMMARY,
        usage="Usage: magebooks COMMAND [OPTIONS]",
        version=_version,
        help_format="plaintext",
        help_epilogue=commands.EPILOGUE,
        result_action="return_value",
    )
    commands.register(app)

    @app.meta.default
    def launch(
        *tokens: Annotated[str, Parameter(show=False, allow_leading_hyphen=True)],
        home: Annotated[Path | None, Parameter("--home", help="The company's home directory.", group=_SWITCHES)] = None,
        as_json: Annotated[bool, _switch("--json", text="Exactly one JSON object on stdout.")] = False,
        no_input: Annotated[bool, _switch("--no-input", text="Never ask.")] = False,
        quiet: Annotated[bool, _switch("--quiet", "-q", text="Results and errors only.")] = False,
        verbose: Annotated[bool, _switch("--verbose", "-v", text="Say more.")] = False,
        debug: Annotated[bool, _switch("--debug", text="Show tracebacks.")] = False,
    ) -> object:
        session = open_session(Options(home, as_json, no_input, quiet, verbose, debug))
        session_box[:] = [session]
        if not tokens:
            session.err.print(commands.SHORT_HELP)
            return Exit.USAGE
        command, bound, ignored = app.parse_args(tokens, exit_on_error=False, print_error=False)
        from state import announcing

        with announcing.listening(lambda sentence, _: session.say(sentence)):
            return command(*bound.args, **bound.kwargs, **dict.fromkeys(ignored, session))

    return app


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit status. Never raises, except with `--debug` on an unforeseen error."""
    session_box = [open_session(Options(json="--json" in arguments, debug="--debug" in arguments))]
    try:
        result = build(session_box).meta(
            list(arguments), exit_on_error=False, print_error=False, result_action="return_value"
        )
        return _deliver(session_box[0], result, asked_for_help=bool(_HELP & set(arguments)))
    except CycloptsError as error:
        return _fail(session_box[0], errors.from_usage(error))
    except KeyboardInterrupt:
        stopped = Failure("stopped", "Stopped.", "Nothing is lost. The same command goes on.", Exit.INTERRUPTED)
        return _fail(session_box[0], stopped)
    except BrokenPipeError:
        return Exit.DONE
    except Exception as error:  # noqa: BLE001 - the outermost frame: every error becomes a sentence here
        if session_box[0].options.debug:
            traceback.print_exc()
        return _fail(session_box[0], errors.from_exception(error))


def _deliver(session: Session, result: object, *, asked_for_help: bool) -> int:
    """Print an answer. No answer means that help was printed: asked for, or because a command was missing."""
    if not isinstance(result, Answer):
        missing = Exit.DONE if asked_for_help else Exit.USAGE
        return result if isinstance(result, Exit) else missing
    if session.options.json:
        print(json.dumps(result.data, ensure_ascii=False, default=str))
    else:
        for part in result.text:
            session.out.print(part)
    return result.status


def _fail(session: Session, failure: Failure) -> int:
    if session.options.json:
        error = {"code": failure.code, "message": failure.message, "fix": failure.fix}
        print(json.dumps({"error": error}, ensure_ascii=False))
    else:
        session.err.print(failure.message, style="red" if failure.status is not Exit.LATER else "yellow")
        session.err.print(f"  {failure.fix}")
    return failure.status


def _version() -> str:
    parts = ", ".join(f"{name} {metadata.version(name)}" for name in ("prefect", "duckdb", "sqlalchemy"))
    import platform

    return f"magebooks {metadata.version('magebooks')} (python {platform.python_version()}, {parts})"

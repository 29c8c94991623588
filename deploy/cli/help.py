"""`magebooks help [TOPIC]`: the help pages that come with the program, and the commands' own help."""

from importlib import resources
from typing import Annotated

from cyclopts import Parameter
from rich.console import RenderableType

from deploy.cli.session import Answer, Exit, Failure, Given

PAGES = ("environment", "exit-codes", "json", "rules", "files", "gateway")
TOPICS = (*PAGES, "problems")


def show(
    *topic: Annotated[str, Parameter(help="A topic or a command.")],
    session: Given,
) -> Answer | Exit:
    """Help on a topic (environment, exit-codes, json, rules, files, gateway, problems) or a command."""
    if not topic:
        return _run(["--help"])
    if topic[0] not in TOPICS:
        return _command(topic)
    page = read_page(topic[0])
    return Answer({"topic": topic[0], "markdown": page}, (_rendered(page, session.out.is_terminal),))


def read_page(topic: str) -> str:
    """The Markdown of one topic; `problems` is made from the catalogue that the program itself uses."""
    if topic == "problems":
        return _problems()
    return resources.files("deploy").joinpath("help", f"{topic}.md").read_text(encoding="utf-8")


def _rendered(page: str, terminal: bool) -> RenderableType:
    if not terminal:
        return page.rstrip()
    from rich.markdown import Markdown

    return Markdown(page)


def _command(topic: tuple[str, ...]) -> Exit:
    from deploy.cli import commands

    known = {command.name for command in commands.COMMANDS} | {"rules", "connect"}
    if topic[0] not in known:
        raise Failure("usage", f'There is no help on "{" ".join(topic)}".', f"Topics: {', '.join(TOPICS)}")
    return _run([*topic, "--help"])


def _run(arguments: list[str]) -> Exit:
    from deploy.cli.app import run

    return Exit(run(arguments))


def _problems() -> str:
    from mappings.catalogue import CATALOGUE

    parts = ["# What can need you, and what to do\n"]
    parts += [f"## {code}\n\n**{cause.title}.**\n\n{cause.fix}\n" for code, cause in sorted(CATALOGUE.items())]
    return "\n".join(parts)

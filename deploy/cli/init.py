"""`magebooks init`: the home directory of one company. Never overwrites anything."""

import os
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.text import Text

from deploy.cli import words
from deploy.cli.session import Answer, Given

Template = Literal["us_retail", "eu_vat", "us_desktop", "b2b_invoices", "daily_summary", "deferred_revenue"]


def init(
    *,
    template: Annotated[
        Template,
        Parameter(
            help="Which business the rules start from: a US shop with sales tax, EU VAT, QuickBooks Desktop, a US "
            "shop that sells to businesses on account, or one with a summary for each day."
        ),
    ] = "us_retail",
    session: Given,
) -> Answer:
    """Make a home: rules.toml from a template, an .env to fill in, a vault key."""
    from state.settings import load_settings

    home = load_settings(session.home).home
    made, kept = write_home(home, template)
    text = Text(f"Home: {home}")
    for name in made:
        text.append(f"\n  made  {name}", style="green")
    for name in kept:
        text.append(f"\n  kept  {name} (it was there before)", style="dim")
    data = {"home": str(home), "template": template, "made": made, "kept": kept}
    return Answer(data, (text, "", "What is next:", words.hints(_steps(home, template), session.home)))


def _steps(home: Path, template: Template) -> list[tuple[str, str]]:
    """What comes after; QuickBooks Desktop is not signed in to, its Web Connector calls."""
    doctor = ("magebooks doctor", "check everything; it says what is missing")
    if template == "us_desktop":
        return [
            (f"edit {home / '.env'}", "fill in the shop's credentials and a password for the Web Connector"),
            ("magebooks gateway", "what the Web Connector calls; keep it running"),
            ("magebooks qwc", "introduce the company to the Web Connector"),
            doctor,
        ]
    return [
        (f"edit {home / '.env'}", "fill in the shop's and QuickBooks' credentials"),
        ("magebooks connect quickbooks", "sign in at Intuit"),
        doctor,
    ]


def write_home(home: Path, template: str) -> tuple[list[str], list[str]]:
    """Write what the home lacks. Returns the names made and the names that were there. The vault key and `.env`
    hold secrets: mode 0600, in a directory of mode 0700."""
    from mappings.rules import template as rules_template
    from state.vault import KEY_FILE, create_key

    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    files: tuple[tuple[str, int, Callable[[], str]], ...] = (
        ("rules.toml", 0o644, lambda: rules_template(template)),
        (".env", 0o600, _environment),
    )
    before = {path.name for path in home.iterdir()}
    for name, mode, content in files:
        _write_new(home / name, mode, content)
    create_key(home)
    (home / "reports").mkdir(mode=0o700, exist_ok=True)
    names = ("rules.toml", ".env", KEY_FILE, "reports")
    made = [name for name in names if name not in before]
    kept = [name for name in names if name in before]
    return made, kept


def _write_new(path: Path, mode: int, content: Callable[[], str]) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        return
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(content())


def _environment() -> str:
    return resources.files("deploy.cli").joinpath("env.template").read_text(encoding="utf-8")

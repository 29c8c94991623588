"""A company file's trial balance after a history of all kinds is the one that the entries predict."""

from decimal import Decimal
from pathlib import Path

import pytest

from tests.gateway.desk import Desk, open_desk
from tests.sandbox.history import ALL_KINDS, go_on
from tests.state.balances import by_entries


def agreed(desk: Desk) -> dict[str, Decimal]:
    """The trial balance, which is that of the entries and adds up to zero."""
    with desk.reading() as conn:
        predicted = by_entries(conn)
    shown = desk.file.trial_balance()
    assert shown == predicted
    assert sum(shown.values()) == 0
    return shown


def decide(desk: Desk, **settings: str) -> None:
    """Change settings of [books] in the rules file; each must be there."""
    path = desk.home / "rules.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    for name, value in settings.items():
        [place] = [at for at, line in enumerate(lines) if line.split("=")[0].strip() == name]
        lines[place] = f'{name} = "{value}"'
    path.write_text("\n".join(lines), encoding="utf-8")


@pytest.mark.parametrize("tax_method", ["first_fit", "own_line"])
@pytest.mark.parametrize("post_on", ["order", "invoice"])
def test_the_trial_balance_of_a_company_file_is_that_of_the_entries(
    tmp_path: Path, post_on: str, tax_method: str
) -> None:
    with open_desk(tmp_path / "home", orders=ALL_KINDS) as desk:
        decide(desk, post_on=post_on, tax_method=tax_method)
        desk.update()
        desk.queue()
        desk.update()
        first = agreed(desk)
        assert ("Sales Tax Payable" in first) == (tax_method == "first_fit")
        go_on(desk.shop)
        desk.queue()
        desk.update()
        assert agreed(desk) != first
        assert set(desk.states()) == {"posted"}
        desk.audit()

"""The checks of `magebooks doctor` at QuickBooks: connection, company settings, and all that the rules name."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from deploy.cli import company, words
from deploy.cli.checks import QUICKBOOKS, RULES, Check
from deploy.cli.session import Exit

if TYPE_CHECKING:
    from mappings.rules import Rules
    from mappings.rules_needs import Needs
    from state.ledger import Connection
    from state.settings import Settings
    from tasks.clients.quickbooks import QuickBooks

SOON_DAYS = 14
SHOWN = 6


def sign_in(conn: Connection, settings: Settings, now: datetime) -> Check:
    """How old the connection is and when a person has to sign in again. Looks into the vault, not at Intuit."""
    from state import tokens, vault
    from tasks.clients.quickbooks_auth import Tokens

    try:
        kept = tokens.load_tokens(conn, vault.Vault(vault.load_key(settings)), settings)
    except vault.VaultError as error:
        return Check(QUICKBOOKS, "sign-in", str(error), "Sign in again: magebooks connect quickbooks", Exit.CONNECTION)
    if kept is None:
        return Check(QUICKBOOKS, "sign-in", "never", "Sign in: magebooks connect quickbooks", Exit.CONNECTION)
    opened = Tokens.from_json(kept)
    ends = min((at for at in (opened.refresh_expires_at, opened.hard_expires_at) if at), default=None)
    if ends is None:
        return Check(QUICKBOOKS, "sign-in", "a refresh token from the settings, not used yet", source="settings")
    near = (ends - now).days < SOON_DAYS
    fix = "Sign in again before then: magebooks connect quickbooks" if near else ""
    return Check(QUICKBOOKS, "sign-in", f"ends {words.when(ends, now)}", fix, Exit.LOOK if near else Exit.DONE, "vault")


async def books(quickbooks: QuickBooks, rules: Rules | None) -> AsyncIterator[Check]:
    """The company answers; its settings fit the rules; what the rules name exists."""
    from tasks.clients.errors import CallFailed, NeedsPerson, TryLater

    try:
        info, preferences = await quickbooks.company(), await quickbooks.preferences()
        for check in settings_of_company(info, preferences, rules):
            yield check
        if rules is not None:
            found = await company.read_lists(quickbooks)
            for check in _named(rules, found, preferences):
                yield check
    except NeedsPerson as error:
        fix = "Sign in again: magebooks connect quickbooks"
        yield Check(QUICKBOOKS, "company", str(error), fix, Exit.CONNECTION)
    except TryLater as error:
        yield Check(QUICKBOOKS, "company", str(error), "Try again later; nothing is lost.", Exit.LATER)
    except CallFailed as error:
        yield Check(
            QUICKBOOKS, "company", str(error), "Check QUICKBOOKS_REALM_ID and QUICKBOOKS_SANDBOX.", Exit.CONNECTION
        )


def _named(rules: Rules, found: company.Found, preferences: Mapping[str, Any]) -> Iterator[Check]:
    """What the rules name, against the company's lists."""
    from mappings.rules_needs import needs

    wanted = needs(rules)
    yield from names(company.lacking(wanted, found), "missing")
    yield from names(company.inactive(wanted, found), "inactive")
    yield from custom_fields(preferences, rules)
    yield from map(item_account, company.misplaced(wanted, found))
    several, home = _currencies(preferences)
    accounts = found["Account"].items()
    told = {name: str(one.get("CurrencyRef", {}).get("value", home)) for name, one in accounts}
    yield from account_currencies(wanted, several, told)


def settings_of_company(
    info: Mapping[str, Any], preferences: Mapping[str, Any], rules: Rules | None
) -> Iterator[Check]:
    """Country, currency, sales tax, closing date and numbering, against what the rules expect."""
    tax, country = preferences.get("TaxPrefs", {}), str(info.get("Country", "US"))
    several, home = _currencies(preferences)
    told = f"answers; country {country}, currency {home}{', several currencies' if several else ''}"
    yield Check(QUICKBOOKS, "company", told)
    yield _tax(bool(tax.get("PartnerTaxEnabled")), rules)
    closed = preferences.get("AccountingInfoPrefs", {}).get("BookCloseDate")
    policy = rules.books.closed_period.replace("_", " ") if rules else ""
    told = f"closed until {closed}; earlier documents: {policy or 'see rules.toml'}" if closed else "none"
    yield Check(QUICKBOOKS, "closing date", told)
    custom = bool(preferences.get("SalesFormsPrefs", {}).get("CustomTxnNumbers"))
    fix = "" if custom else "Turn on Settings > Account and settings > Sales > Custom transaction numbers."
    told = "custom" if custom else "QuickBooks numbers documents itself, so Magento's numbers are lost"
    yield Check(QUICKBOOKS, "numbers", told, fix, Exit.DONE if custom else Exit.LOOK)


def _currencies(preferences: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether the company keeps several currencies, and its own."""
    told = preferences.get("CurrencyPrefs", {})
    return bool(told.get("MultiCurrencyEnabled")), str(told.get("HomeCurrency", {}).get("value", "USD"))


def _tax(automated: bool, rules: Rules | None) -> Check:
    told = "automated sales tax" if automated else "tax codes"
    wanted = rules.books.sales_tax if rules else None
    if wanted is None or (wanted == "automated") == automated:
        return Check(QUICKBOOKS, "sales tax", told)
    fix = f'Set sales_tax = "{"automated" if automated else "codes"}" in [books] of rules.toml, or change the company.'
    return Check(QUICKBOOKS, "sales tax", f"{told}, but the rules say {wanted}", fix, Exit.USAGE)


def custom_fields(preferences: Mapping[str, Any], rules: Rules) -> Iterator[Check]:
    """Custom fields of sales forms that `field` rows name and the company has not set up (Intuit, Preferences:
    `SalesFormsPrefs.SalesCustomName1` holds the first one's name)."""
    from mappings.rules_rows import CUSTOM_FIELD

    groups = preferences.get("SalesFormsPrefs", {}).get("CustomField", ())
    there = {
        company.fold(str(one.get("StringValue", "")))
        for group in groups
        for one in group.get("CustomField", ())
        if str(one.get("Name", "")).startswith("SalesFormsPrefs.SalesCustomName")
    }
    for row in rules.field:
        name = row.to.removeprefix(CUSTOM_FIELD)
        if not row.off and name != row.to and company.fold(name) not in there:
            fix = "Set it up in QuickBooks under Settings > Custom fields, or switch the row off."
            yield Check(RULES, "custom field", f'missing: {name} (field "{row.id}")', fix, Exit.USAGE)


def item_account(wrong: company.Misplaced) -> Check:
    """An item that would take its sales to another account than the rules say."""
    fix = "Change the item's account in QuickBooks, or name another item or account in rules.toml."
    return Check(RULES, "item account", f"{wrong.words} ({wrong.item.place})", fix, Exit.USAGE)


def account_currencies(needs: Needs, several: bool, currencies: Mapping[str, str]) -> Iterator[Check]:
    """Accounts that rules name for documents in a foreign currency are in it (Intuit, "Manage multiple currencies": an
    account has one currency, which does not change). `currencies` are the accounts', by folded name."""
    foreign = sorted({one.currency for one in needs.foreign})
    if foreign and not several:
        fix = (
            "Turn multicurrency on in QuickBooks (it cannot be turned off again), or let the [[currency]] row convert."
        )
        yield Check(RULES, "multicurrency", f"off, and the rules book in {', '.join(foreign)}", fix, Exit.USAGE)
        return
    for wrong in company.in_other_currency(needs, currencies):
        code = wrong.account.currency
        fix = f"An account keeps its currency: name another one in rules.toml, and magebooks setup makes it in {code}."
        yield Check(RULES, "account currency", wrong.words, fix, Exit.USAGE)


def names(hits: list[company.Missing], what: str) -> Iterator[Check]:
    """One check for each list: what it lacks, or that nothing is missing."""
    if not hits:
        if what == "missing":
            yield Check(RULES, "names", "QuickBooks has everything that the rules name")
        return
    for entity in dict.fromkeys(one.entity for one in hits):
        of = [one for one in hits if one.entity == entity]
        listed = ", ".join(one.name for one in of[:SHOWN]) + (f" and {len(of) - SHOWN} more" if len(of) > SHOWN else "")
        number = words.count(len(of), company.WORDS[entity])
        if what == "inactive":
            yield Check(RULES, number, f"inactive: {listed}", "Make them active in QuickBooks.", Exit.USAGE)
            continue
        fix = "Create them: magebooks setup" if of[0].body else f"By hand: {of[0].detail}."
        yield Check(RULES, number, f"missing: {listed}", fix, Exit.USAGE)

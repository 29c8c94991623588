"""The check of `magebooks doctor` on when revenue is earned: with the sale, or when goods leave."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from deploy.cli import words
from deploy.cli.checks import RULES, Check
from deploy.cli.session import Exit

if TYPE_CHECKING:
    from mappings.rules import Rules
    from state.settings import Settings
    from state.staging import ShippingGap

HOURS = 24
"""Goods that leave within a day of their invoice are earned with it, near enough."""


def revenue(settings: Settings, rules: Rules | None) -> Iterator[Check]:
    """What the days between invoices and shipments in staging say about `[[deferral]]` rows."""
    from state import staging

    if rules is None or not settings.staging_path.exists():
        return
    try:
        with staging.open(settings.staging_path, wait=0.5) as store:
            gap = staging.shipping_gap(store)
    except staging.StagingBusy:
        return  # another check tells that
    yield _told(gap, rules.defers)


def _told(gap: ShippingGap | None, defers: bool) -> Check:
    rule = "revenue is earned when goods leave" if defers else "revenue is earned with the sale"
    if gap is None:
        return Check(RULES, "revenue", f"{rule}; no shipments were read to compare: magebooks sync --only shipments")
    span = words.count(round(gap.hours), "hour") if gap.hours < 2 * HOURS else f"{gap.hours / HOURS:.0f} days"
    found = f"{words.count(gap.orders, 'order')} left {span} after their invoice (median); {rule}"
    late = gap.hours >= HOURS
    if late == defers:
        return Check(RULES, "revenue", found)
    fix = "Ask the accountant; the template deferred_revenue shows [[deferral]] rows that earn it when goods leave."
    if defers:
        fix = "Ask the accountant whether [[deferral]] rows are needed: goods leave as soon as they are invoiced."
    return Check(RULES, "revenue", found, fix, Exit.LOOK)

"""What the rules in hand make of the documents that have landed: counts for each row, and what no row covers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from deploy.cli.landed import Landed
    from mappings.coverage import Coverage
    from mappings.rules import Rules


def history(found: Landed, rules: Rules) -> dict[str, Any]:
    """The coverage of everything that has landed, as `rules check --json` says it."""
    from mappings.coverage import Coverage, cover, cover_payout

    coverage = Coverage()
    for order, invoices, memos, context in found.sales():
        cover(order, invoices, context, rules, coverage, memos)
    for processor, currency in found.payouts:
        cover_payout(processor, currency, rules, coverage)
    return _told(coverage, rules)


def _told(coverage: Coverage, rules: Rules) -> dict[str, Any]:
    from mappings.coverage import RowName

    return {
        "documents": coverage.documents,
        "rows": [
            {"list": name, "row": row.id, "documents": coverage.caught[RowName(name, row.id)]}
            for name in coverage.tried
            for row in rules.rows(name)
            if not row.off
        ],
        "never_used": [{"list": row.list, "row": row.row} for row in coverage.unused(rules)],
        "not_covered": [
            {"list": gap.list, "value": gap.value, "documents": number, "held": gap.held}
            for gap, number in sorted(coverage.gaps.items(), key=lambda each: (-each[1], each[0]))
        ],
    }

"""What doctor says about when revenue is earned, from the days between invoices and shipments."""

import json
from pathlib import Path
from typing import Any

import pytest

from deploy.cli.checks_revenue import revenue
from mappings.rules import Rules, load, template
from state import staging
from state.settings import Settings, load_settings

SOLD, DEFERRED = load(template("us_retail")), load(template("deferred_revenue"))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(tmp_path, {})


def land(settings: Settings, *pairs: tuple[str, str]) -> None:
    """Orders with an invoice and a shipment, each created then."""
    with staging.open(settings.staging_path) as store:
        for kind, place in (("invoice", 0), ("shipment", 1)):
            documents: list[dict[str, Any]] = [
                {"entity_id": id, "increment_id": f"{id:09d}", "order_id": id, "created_at": pair[place]}
                for id, pair in enumerate(pairs, start=1)
            ]
            staging.land(store, kind, json.dumps({"items": documents, "total_count": len(pairs)}), "test")


def told(settings: Settings, rules: Rules) -> tuple[str, str, str]:
    [check] = revenue(settings, rules)
    return check.level, check.found, check.fix


LATE = (("2026-11-01 10:00:00", "2026-11-05 10:00:00"), ("2026-11-02 10:00:00", "2026-11-08 10:00:00"))
SOON = (("2026-11-01 10:00:00", "2026-11-01 11:00:00"), ("2026-11-02 10:00:00", "2026-11-02 15:00:00"))


def test_goods_that_leave_days_after_their_invoice_ask_for_deferral(settings: Settings) -> None:
    land(settings, *LATE)
    level, found, fix = told(settings, SOLD)
    assert level == "warn"
    assert found == "2 orders left 5 days after their invoice (median); revenue is earned with the sale"
    assert "deferred_revenue" in fix
    assert told(settings, DEFERRED)[0] == "ok"


def test_goods_that_leave_at_once_need_none(settings: Settings) -> None:
    land(settings, *SOON)
    assert told(settings, SOLD)[0] == "ok"
    level, found, fix = told(settings, DEFERRED)
    assert (level, "3 hours" in found) == ("warn", True)
    assert "as soon as they are invoiced" in fix


def test_without_shipments_it_says_how_to_read_them_and_without_staging_nothing(settings: Settings) -> None:
    assert list(revenue(settings, SOLD)) == []
    land(settings)
    assert "sync --only shipments" in told(settings, SOLD)[1]
    assert list(revenue(settings, None)) == []

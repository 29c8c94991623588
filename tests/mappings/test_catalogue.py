"""Every problem has words that a bookkeeper can act on."""

import re
from decimal import Decimal

import pytest

from mappings.catalogue import CATALOGUE, problem

INTERNAL = re.compile(r"\b(outbox|None|Decimal|payload|null|exception|dict|enum)\b")


@pytest.mark.parametrize("code", CATALOGUE)
def test_every_cause_says_in_plain_words_what_happened_and_what_to_do(code: str) -> None:
    cause = CATALOGUE[code]
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code)
    assert cause.title and not cause.title.endswith(".")
    assert cause.fix.endswith(".") and len(cause.fix.split()) >= 5
    assert not INTERNAL.search(cause.title + cause.fix)
    assert cause.page == f"problems#{code}"


def test_the_catalogue_has_every_code_that_the_product_promises() -> None:
    promised = """
        malformed-record unknown-state missing-items unbalanced number-clash unknown-payment-method
        unmapped-tax foreign-tax currency-differs closed-period unknown-item unknown-account
        unknown-tax-code unknown-reference number-too-long text-too-long review no-rule
        waiting-for-order waiting-for-balance refund-unclear unmapped-credit rounding-too-large
        changed-after-posting total-differs tax-differs customer-differs day-differs duplicate-number
        duplicate-name quickbooks-refused edited-order store-unknown name-clash unmatched-rest
        tax-own-line tax-not-computable
    """
    assert set(promised.split()) <= set(CATALOGUE)


def test_a_problem_takes_the_usual_fix_unless_a_better_one_is_known() -> None:
    usual = problem("unmapped-tax", "order/000000042", "tax.rate", "No rule: 19 %.", amount=Decimal(5), currency="EUR")
    assert usual.fix == CATALOGUE["unmapped-tax"].fix
    assert (usual.amount, usual.currency, usual.hold) == (Decimal(5), "EUR", True)
    better = problem("tax-differs", "order/1", "tax", "1.00 is not 1.01.", fix="Set it to 1.00.", hold=False)
    assert (better.fix, better.hold) == ("Set it to 1.00.", False)


def test_an_unknown_code_is_a_mistake_of_ours_and_is_not_hidden() -> None:
    with pytest.raises(KeyError):
        problem("no-such-code", "order/1", "", "")

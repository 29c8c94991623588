"""The sandbox's arithmetic is Magento's: the figures here are those of orders recorded from a real 2.4.7."""

from decimal import Decimal

from deploy.sandbox.seeds_money import Cost, Coupon, Rate, charge

TEXAS = (Rate("US-TX-8.25", Decimal("8.25")),)
STANDARD = (Rate("DE-VAT-19", Decimal(19)),)
REDUCED = (Rate("DE-VAT-7", Decimal(7)),)
TEN_PERCENT = Coupon("PCT10", "1", percent=Decimal(10))


def cost(price: str, quantity: str, rates: tuple[Rate, ...]) -> Cost:
    return Cost(Decimal(price), Decimal(quantity), rates)


def test_a_percent_coupon_in_a_tax_exclusive_store_gives_the_recorded_discounts_and_taxes() -> None:
    costs = [cost("12.50", "2", TEXAS), cost("19.99", "1", TEXAS), cost("0.33", "7", TEXAS), cost("7.50", "1", TEXAS)]
    mug, tee, pen, shipping = charge(costs, inclusive=False, coupon=TEN_PERCENT)
    assert [str(c.discount) for c in (mug, tee, pen, shipping)] == ["2.50", "2.00", "0.23", "0"]
    assert [str(c.tax) for c in (mug, tee, pen, shipping)] == ["1.86", "1.48", "0.17", "0.62"]
    assert [str(c.row_incl) for c in (mug, tee)] == ["27.0600", "21.6400"]


def test_the_hidden_tax_of_a_tax_inclusive_store_lands_where_magento_puts_it() -> None:
    costs = [cost("12.55", "3", STANDARD), cost("22.49", "1", REDUCED), cost("5.98", "1", STANDARD)]
    mug, book, shipping = charge(costs, inclusive=True, coupon=TEN_PERCENT)
    assert (mug.price, mug.row, mug.discount, mug.tax, mug.compensation) == tuple(
        map(Decimal, ("10.55", "31.64", "3.77", "5.41", "0.60"))
    )
    assert (book.row, book.discount, book.tax, book.compensation) == tuple(
        map(Decimal, ("21.02", "2.24", "1.32", "0.15"))
    )
    # A cent of compensation on shipping that has no discount: the carried remainder, as recorded.
    assert (shipping.row, shipping.tax, shipping.compensation) == tuple(map(Decimal, ("5.02", "0.95", "0.01")))


def test_fractional_quantities_keep_four_decimals() -> None:
    fabric, cheese, _ = charge(
        [cost("7.35", "2.75", TEXAS), cost("18.77", "0.333", TEXAS), cost("7.50", "1", TEXAS)],
        inclusive=False,
        coupon=None,
    )
    assert (fabric.row, cheese.row) == (Decimal("20.2125"), Decimal("6.2504"))
    assert (fabric.tax, cheese.tax) == (Decimal("1.67"), Decimal("0.51"))


def test_a_fixed_coupon_is_spread_to_the_cent() -> None:
    costs = [cost("12.50", "1", TEXAS), cost("12.99", "1", TEXAS), cost("19.99", "1", TEXAS), cost("7.50", "1", TEXAS)]
    charges = charge(costs, inclusive=False, coupon=Coupon("FIX15", "2", amount=Decimal(15)))
    assert [str(c.discount) for c in charges] == ["4.12", "4.29", "6.59", "0"]
    assert sum(c.discount for c in charges) == 15


def test_a_fixed_sum_takes_no_more_off_a_row_than_the_row_is() -> None:
    costs = [cost("1.00", "0.836", ()), cost("0", "1", ())]
    line, _ = charge(costs, inclusive=False, coupon=Coupon("FIX5", "2", amount=Decimal(5)))
    assert line.discount == line.row == Decimal("0.836")

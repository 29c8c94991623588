"""Small files as the processors offer them: their own columns, a few rows, no real person in them."""

from collections.abc import Sequence

PAYPAL = (
    "Date,Time,TimeZone,Name,Type,Status,Currency,Gross,Fee,Net,From Email Address,To Email Address,Transaction ID,"
    "Reference Txn ID,Invoice Number,Receipt ID,Balance,Balance Impact"
)
PAYPAL_REPORT = (
    '"CH","Transaction ID","Invoice ID","PayPal Reference ID","PayPal Reference ID Type","Transaction Event Code",'
    '"Transaction Initiation Date","Transaction Completion Date","Transaction  Debit or Credit",'
    '"Gross Transaction Amount","Gross Transaction Currency","Fee Debit or Credit","Fee Amount","Fee Currency",'
    '"Custom Field","Consumer ID","Payment Tracking ID","Store ID"'
)
STRIPE = (
    "automatic_payout_id,automatic_payout_effective_at_utc,automatic_payout_effective_at,balance_transaction_id,"
    "created_utc,currency,gross,fee,net,reporting_category,source_id,description,charge_id,payment_intent_id"
)
ADYEN = (
    "Company Account,Merchant Account,Psp Reference,Merchant Reference,Payment Method,Creation Date,TimeZone,Type,"
    "Modification Reference,Gross Currency,Gross Debit (GC),Gross Credit (GC),Exchange Rate,Net Currency,"
    "Net Debit (NC),Net Credit (NC),Commission (NC),Markup (NC),Scheme Fees (NC),Interchange (NC),"
    "Payment Method Variant,Modification Merchant Reference,Batch Number"
)
BRAINTREE = (
    "Transaction ID,Subscription ID,Transaction Type,Transaction Status,Created Datetime,Settlement Date,"
    "Disbursement Date,Merchant Account,Amount Authorized,Order ID,Refunded Transaction ID,Settlement Amount,"
    "Settlement Currency ISO Code"
)
BRAINTREE_FEES = (
    "Merchant Account ID,Transaction ID,Original Transaction ID,Transaction Type,Presentment Currency,"
    "Original Sale Amount,Settlement Currency,Settlement Amount,Settlement Date,Disbursement Date,Payment Instrument,"
    "Total Fee Amount"
)


def paypal(
    kind: str,
    gross: str,
    fee: str,
    net: str,
    transaction: str,
    *,
    day: str = "11/20/2026",
    time: str = "10:00:00",
    currency: str = "USD",
    parent: str = "",
    status: str = "Completed",
    impact: str = "Credit",
    zone: str = "America/Chicago",
) -> str:
    """One row of an activity download."""
    people = "jane@example.com,shop@example.com"
    return (
        f'"{day}","{time}",{zone},"Doe, Jane",{kind},{status},{currency},"{gross}","{fee}","{net}",{people},'
        f'{transaction},{parent},,,"0.00",{impact}'
    )


def paypal_body(
    code: str,
    gross: tuple[str, str],
    transaction: str,
    *,
    fee: tuple[str, str] = ("", ""),
    at: str = "2026/11/20 10:00:00 -0600",
    currency: str = "USD",
    parent: str = "",
) -> str:
    """One body row of a settlement report; `gross` and `fee` are the direction and cents."""
    begun = "2026/11/19 09:00:00 -0600"
    fees = f'"{fee[0]}",{fee[1]},"{currency if fee[1] else ""}"'
    reference = f'"{parent}","{"TXN" if parent else ""}"'
    return (
        f'"SB","{transaction}","",{reference},"{code}","{begun}","{at}","{gross[0]}",{gross[1]},"{currency}",{fees},'
        '"","jane@example.com","",""'
    )


def paypal_report(*sections: Sequence[str]) -> bytes:
    """A whole settlement report; each section is a PayPal account's."""
    rows = ['"RH","2026/11/21 05:21:01 -0600","A","ABCDEFGHIJKLM","9"', '"FH",01']
    for number, bodies in enumerate(sections, 1):
        rows.append(f'"SH","2026/11/20 00:00:00 -0600","2026/11/20 23:59:59 -0600","ACCOUNT{number}",""')
        rows += [PAYPAL_REPORT, *bodies, '"SF","USD",0,0,0,0,"CR",0,"CR",0', f'"SC",{len(bodies)}']
    return "\r\n".join([*rows, '"RF","USD",0,0,0,0,"CR",0,"CR",0', '"RC",1', '"FF",1', ""]).encode()


def stripe(
    category: str,
    gross: str,
    fee: str,
    net: str,
    source: str,
    *,
    payout: str = "po_1",
    currency: str = "usd",
    pi: str = "",
) -> str:
    """One row of an itemized payout reconciliation report."""
    day = "2026-11-20 00:00:00" if payout else ""
    money = f"{currency},{gross},{fee},{net}"
    return f"{payout},{day},{day},txn_{source},2026-11-18 09:00:00,{money},{category},{source},,,{pi}"


def adyen(
    kind: str,
    debit: str,
    credit: str,
    net_debit: str,
    net_credit: str,
    costs: Sequence[str] = ("", "", "", ""),
    *,
    psp: str = "",
    modification: str = "",
    gross_currency: str = "EUR",
    batch: str = "4",
) -> str:
    """One row of a settlement details report; `costs` are commission, markup, scheme fees and interchange."""
    return (
        f"TestCompany,TestMerchant,{psp},,visa,2026-11-20 11:26:49,CET,{kind},{modification},{gross_currency},{debit},"
        f"{credit},1,EUR,{net_debit},{net_credit},{','.join(costs)},visaclassic,,{batch}"
    )


def braintree(
    kind: str, amount: str, transaction: str, *, disbursed: str = "2026-11-20", parent: str = "", currency: str = "USD"
) -> str:
    """One row of a transaction export."""
    days = f"2026-11-18 09:00:00,2026-11-19,{disbursed}"
    return f"{transaction},,{kind},settled,{days},acme,{amount},,{parent},{amount},{currency}"


def file(header: str, *rows: str) -> bytes:
    """A whole file."""
    return "\r\n".join([header, *rows, ""]).encode()

"""Faults as QuickBooks Online writes them, by Intuit's error codes."""

from collections.abc import Mapping
from typing import Any

MESSAGES: Mapping[str, str] = {
    "500": "Unsupported Operation",
    "600": "Duplicate Request Id",
    "610": "Object Not Found",
    "1040": "Batch Size Exceeded",
    "2010": "Request has invalid or unsupported property",
    "2020": "Required param missing, need to supply the required value for the API",
    "2030": "Invalid ID",
    "2040": "Invalid String. The String contains characters that are not supported",
    "2050": "String length is either shorter or longer than supported by specification",
    "2060": "Invalid Date Format",
    "2130": "Invalid Request Id",
    "2140": "Invalid Amount",
    "2160": "Invalid Quantity",
    "2170": "Invalid Enumeration",
    "2210": "Invalid Email",
    "2220": "Invalid Currency",
    "2250": "Line Missing",
    "2290": "Negative Amount Not Allowed",
    "2300": "Debits And Credits Do Not Match",
    "2500": "Invalid Reference Id",
    "4000": "Error parsing query",
    "4001": "Query validation error",
    "5010": "Stale Object Error",
    "6000": "A business validation error has occurred while processing your request",
    "6070": "Amount calculation incorrect in the request",
    "6090": "Discount data missing",
    "6100": "Invalid Tax Code",
    "6140": "Duplicate Document Number Error",
    "6160": "Invalid Tax Detail",
    "6170": "Tax Detail Not Applicable",
    "6210": "Account Period Closed, Cannot Update Through Services API",
    "6240": "Duplicate Name Exists Error",
    "6540": "Deposited Transaction Cannot Be Changed",
}


class Fault(Exception):
    """QuickBooks refuses one object. `code` is Intuit's, `detail` names what is wrong, `element` where."""

    def __init__(self, code: str, detail: str, element: str = "", status: int = 400) -> None:
        super().__init__(f"{code} {detail}")
        self.code = code
        self.detail = detail
        self.element = element
        self.status = status

    def body(self) -> dict[str, Any]:
        """The value of `Fault` in an answer or a batch item."""
        error = {"Message": MESSAGES.get(self.code, "Error"), "Detail": self.detail, "code": self.code}
        if self.element:
            error["element"] = self.element
        kind = "SystemFault" if self.code in ("500", "10000") else "ValidationFault"
        return {"Error": [error], "type": kind}


def gateway_fault(status: int) -> dict[str, Any]:
    """What Intuit's gateway answers in its own spelling: 401 token, 403 wrong company, 429 throttled, else unwell."""
    message, detail, code, kind = {
        401: (
            "message=AuthenticationFailed; errorCode=003200; statusCode=401",
            "Token expired",
            "3200",
            "AUTHENTICATION",
        ),
        403: (
            "message=ApplicationAuthorizationFailed; errorCode=003100; statusCode=403",
            "The application has no access to this company",
            "3100",
            "AUTHORIZATION",
        ),
        429: (
            "message=ThrottleExceeded; errorCode=003001; statusCode=429",
            "The request limit was reached. Please try again later.",
            "3001",
            "SERVICE",
        ),
    }.get(status, ("message=ServiceUnavailable", "An application error has occurred", "10000", "SystemFault"))
    error = {"message": message, "detail": detail, "code": code, "element": None}
    return {"warnings": None, "intuitObject": None, "fault": {"error": [error], "type": kind}, "report": None}

"""Who we are to QuickBooks Desktop. Written into every .qwc file and, by QuickBooks, into the company file."""

OWNER_ID = "{7b0f6c1e-52a4-4c0b-9d3a-6e1f8a94c2d7}"
"""The application's GUID ("Web Connector Programmer's Guide", .qwc file): the same for every company, for ever.
Another one would be another application to QuickBooks, and everybody would have to allow access again."""

APP_NAME = "MageBooks"
"""The name that a person sees in the Web Connector and among the allowed applications of the company file."""

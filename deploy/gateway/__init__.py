"""The gateway: the SOAP service that a QuickBooks Web Connector asks for work, behind limits for strangers."""

"""Pure mapping: Magento documents to accounting entries to QuickBooks payloads.

No network, no database, no clock, no environment: the same input gives the same output, for ever.
"""

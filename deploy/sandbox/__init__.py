"""An embedded world on loopback ports: a Magento shop and a QuickBooks Online company, strict and seeded."""

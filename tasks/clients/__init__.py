"""HTTP clients for Magento and QuickBooks: no Prefect, no stores, no retries."""

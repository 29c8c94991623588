-- name: documents
-- What became of each document, as the ledger says it.
CREATE TABLE mart.documents (
    key VARCHAR PRIMARY KEY,
    kind VARCHAR NOT NULL,
    number VARCHAR NOT NULL,
    txn_date DATE,
    amount DECIMAL(18, 4),
    currency VARCHAR NOT NULL,
    status VARCHAR NOT NULL,
    qb_id VARCHAR NOT NULL
);

-- name: summaries
-- Daily summaries. Their place in the books is in documents, under the same key.
CREATE TABLE mart.summaries (
    key VARCHAR PRIMARY KEY,
    number VARCHAR NOT NULL,
    day DATE NOT NULL,
    kind VARCHAR NOT NULL,
    store VARCHAR NOT NULL,
    payment_method VARCHAR NOT NULL,
    currency VARCHAR NOT NULL,
    customer VARCHAR NOT NULL,
    documents INTEGER NOT NULL,
    list_hash VARCHAR NOT NULL -- hash of the documents and their amounts, as the memo shows it
);

-- name: summary_lines
-- Lines of summaries, counted from 1, before the tax of QuickBooks Desktop was fitted to them. Debits are positive.
CREATE TABLE mart.summary_lines (
    summary VARCHAR NOT NULL,
    line INTEGER NOT NULL,
    role VARCHAR NOT NULL,
    account VARCHAR NOT NULL,
    item VARCHAR NOT NULL,
    tax_code VARCHAR NOT NULL,
    tax_rate VARCHAR NOT NULL,
    amount DECIMAL(18, 4) NOT NULL,
    documents INTEGER NOT NULL
);

-- name: summary_documents
-- Orders, Magento invoices and credit memos that are booked in summaries; summary is NULL until their day is over.
CREATE TABLE mart.summary_documents (
    document VARCHAR PRIMARY KEY,
    summary VARCHAR,
    kind VARCHAR NOT NULL,
    number VARCHAR NOT NULL,
    order_number VARCHAR NOT NULL,
    amount DECIMAL(18, 4) NOT NULL,
    tax DECIMAL(18, 4) NOT NULL,
    currency VARCHAR NOT NULL
);

-- name: summary_parts
-- What each document has on each line of its summary: the list behind a line.
CREATE TABLE mart.summary_parts (
    summary VARCHAR NOT NULL,
    line INTEGER NOT NULL,
    document VARCHAR NOT NULL,
    amount DECIMAL(18, 4) NOT NULL
);

-- name: orders
CREATE TABLE mart.orders AS SELECT * FROM orders ORDER BY order_id;

-- name: order_lines
CREATE TABLE mart.order_lines AS SELECT * FROM order_lines ORDER BY order_id, item_id;

-- name: invoices
CREATE TABLE mart.invoices AS SELECT * FROM invoices ORDER BY invoice_id;

-- name: customers
CREATE TABLE mart.customers AS SELECT * FROM customers ORDER BY customer_id;

-- name: products
CREATE TABLE mart.products AS SELECT * FROM products ORDER BY product_id;

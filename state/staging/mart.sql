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

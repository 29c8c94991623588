-- The canonical tables: typed views over the documents. No personal data is in them (no names, e-mail, street, phone),
-- so they can be published as they are. Amounts are DECIMAL(18, 4), times UTC. A value of a wrong type is NULL here.

-- name: orders
CREATE OR REPLACE VIEW orders AS
WITH typed AS (
    SELECT id, number, updated_at, seq, from_json(payload, '{
        "state": "VARCHAR", "status": "VARCHAR", "store_id": "INTEGER", "created_at": "TIMESTAMP",
        "customer_id": "BIGINT", "customer_is_guest": "INTEGER", "customer_group_id": "INTEGER",
        "base_currency_code": "VARCHAR", "order_currency_code": "VARCHAR", "coupon_code": "VARCHAR",
        "is_virtual": "INTEGER",
        "base_subtotal": "DECIMAL(18,4)", "base_discount_amount": "DECIMAL(18,4)",
        "base_shipping_amount": "DECIMAL(18,4)", "base_tax_amount": "DECIMAL(18,4)",
        "base_grand_total": "DECIMAL(18,4)", "base_total_paid": "DECIMAL(18,4)",
        "base_total_refunded": "DECIMAL(18,4)", "base_total_canceled": "DECIMAL(18,4)",
        "grand_total": "DECIMAL(18,4)",
        "payment": {"method": "VARCHAR"},
        "billing_address": {"country_id": "VARCHAR", "region_code": "VARCHAR"},
        "extension_attributes": {"shipping_assignments": [{"shipping":
            {"method": "VARCHAR", "address": {"country_id": "VARCHAR", "region_code": "VARCHAR"}}}]}
    }') AS d
    FROM document
    WHERE kind = 'order'
)

SELECT
    id AS order_id,
    number,
    d.state,
    d.status,
    d.store_id,
    d.created_at,
    updated_at,
    d.customer_id,
    coalesce(d.customer_is_guest, 0) = 1 AS guest,
    d.customer_group_id,
    d.payment.method AS payment_method,
    d.extension_attributes.shipping_assignments[1].shipping.method AS shipping_method,
    d.billing_address.country_id AS bill_country,
    d.billing_address.region_code AS bill_region,
    d.extension_attributes.shipping_assignments[1].shipping.address.country_id AS ship_country,
    d.extension_attributes.shipping_assignments[1].shipping.address.region_code AS ship_region,
    d.coupon_code,
    coalesce(d.is_virtual, 0) = 1 AS virtual,
    d.base_currency_code AS currency,
    d.base_subtotal AS subtotal,
    d.base_discount_amount AS discount,
    d.base_shipping_amount AS shipping,
    d.base_tax_amount AS tax,
    d.base_grand_total AS grand_total,
    coalesce(d.base_total_paid, 0) AS paid,
    coalesce(d.base_total_refunded, 0) AS refunded,
    coalesce(d.base_total_canceled, 0) AS canceled,
    d.order_currency_code AS order_currency,
    d.grand_total AS order_grand_total,
    seq
FROM typed;

-- name: order_lines
-- Every row of the order, children of bundles and configurables too (parent_item_id): do not sum blindly.
-- net_row_total is after discount. What Magento calls base_row_total is the price of one piece in some versions, so the
-- row total with tax less the taxes in it comes first (mappings/magento_row_totals.py).
CREATE OR REPLACE VIEW order_lines AS
WITH typed AS (
    SELECT id, number, unnest(from_json(payload, '{"items": [{
        "item_id": "BIGINT", "parent_item_id": "BIGINT", "product_id": "BIGINT", "product_type": "VARCHAR",
        "sku": "VARCHAR", "name": "VARCHAR",
        "qty_ordered": "DECIMAL(18,4)", "qty_invoiced": "DECIMAL(18,4)", "qty_refunded": "DECIMAL(18,4)",
        "qty_canceled": "DECIMAL(18,4)", "qty_shipped": "DECIMAL(18,4)",
        "base_price": "DECIMAL(18,4)", "base_row_total": "DECIMAL(18,4)", "base_discount_amount": "DECIMAL(18,4)",
        "base_tax_amount": "DECIMAL(18,4)", "tax_percent": "DECIMAL(18,4)",
        "base_row_total_incl_tax": "DECIMAL(18,4)", "base_discount_tax_compensation_amount": "DECIMAL(18,4)",
        "base_weee_tax_applied_amount": "DECIMAL(18,4)"
    }]}').items) AS d
    FROM document
    WHERE kind = 'order'
)

SELECT
    id AS order_id,
    number AS order_number,
    d.item_id,
    d.parent_item_id,
    d.product_id,
    d.product_type,
    d.sku,
    d.name AS product_name,
    d.qty_ordered,
    d.qty_invoiced,
    d.qty_refunded,
    d.qty_canceled,
    d.qty_shipped,
    d.base_price AS price,
    coalesce(
        d.base_row_total_incl_tax
        - coalesce(d.base_tax_amount, 0)
        - coalesce(d.base_discount_tax_compensation_amount, 0)
        - coalesce(d.base_weee_tax_applied_amount, 0),
        d.base_row_total
    )::DECIMAL(18, 4) AS net_row_total,
    d.base_discount_amount AS discount,
    d.base_tax_amount AS tax,
    d.tax_percent
FROM typed;

-- name: invoices
CREATE OR REPLACE VIEW invoices AS
WITH typed AS (
    SELECT id, number, updated_at, seq, from_json(payload, '{
        "order_id": "BIGINT", "store_id": "INTEGER", "state": "INTEGER", "created_at": "TIMESTAMP",
        "base_currency_code": "VARCHAR",
        "base_subtotal": "DECIMAL(18,4)", "base_discount_amount": "DECIMAL(18,4)",
        "base_shipping_amount": "DECIMAL(18,4)", "base_tax_amount": "DECIMAL(18,4)",
        "base_grand_total": "DECIMAL(18,4)"
    }') AS d
    FROM document
    WHERE kind = 'invoice'
)

SELECT
    id AS invoice_id,
    number,
    d.order_id,
    d.store_id,
    coalesce(d.state, 0) = 2 AS paid,
    d.created_at,
    updated_at,
    d.base_currency_code AS currency,
    d.base_subtotal AS subtotal,
    d.base_discount_amount AS discount,
    coalesce(d.base_shipping_amount, 0) AS shipping,
    d.base_tax_amount AS tax,
    d.base_grand_total AS grand_total,
    seq
FROM typed;

-- name: customers
CREATE OR REPLACE VIEW customers AS
WITH typed AS (
    SELECT id, updated_at, seq, from_json(payload, '{
        "group_id": "INTEGER", "website_id": "INTEGER", "store_id": "INTEGER", "created_at": "TIMESTAMP"
    }') AS d
    FROM document
    WHERE kind = 'customer'
)

SELECT
    id AS customer_id,
    d.group_id,
    d.website_id,
    d.store_id,
    d.created_at,
    updated_at,
    seq
FROM typed;

-- name: products
CREATE OR REPLACE VIEW products AS
WITH typed AS (
    SELECT id, number, updated_at, seq, from_json(payload, '{
        "name": "VARCHAR", "type_id": "VARCHAR", "attribute_set_id": "INTEGER", "price": "DECIMAL(18,4)",
        "status": "INTEGER"
    }') AS d
    FROM document
    WHERE kind = 'product'
)

SELECT
    id AS product_id,
    number AS sku,
    d.name AS product_name,
    d.type_id AS product_type,
    d.attribute_set_id,
    d.price,
    coalesce(d.status, 1) = 1 AS enabled,
    updated_at,
    seq
FROM typed;

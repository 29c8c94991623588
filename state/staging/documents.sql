-- name: land
-- Takes a search answer apart and keeps the fields in $fields. A document whose content is known keeps its seq; an
-- older copy never replaces a newer one. Answers: documents in the page, highest id, how many were new or changed,
-- total_count as Magento said it, and whether the page was a search answer at all.
WITH answer AS (
    SELECT from_json($page, $fields) AS a
),
page AS MATERIALIZED (
    SELECT
        coalesce(d.entity_id, d.id)::BIGINT AS id,
        coalesce(d.increment_id ->> '$', d.sku ->> '$', d.code ->> '$', '') AS number,
        CASE $kind WHEN 'order' THEN d.entity_id::BIGINT ELSE try_cast(d.order_id AS BIGINT) END AS order_id,
        try_cast(d.updated_at ->> '$' AS TIMESTAMP) AS updated_at,
        json_strip_nulls(to_json(struct_update(
            d, extension_attributes := struct_update(
                d.extension_attributes, payment_additional_info := list_filter(
                    d.extension_attributes.payment_additional_info,
                    lambda info: list_contains(
                        ['method_title', 'transaction_id', 'txn_id', 'last_trans_id'], info.key ->> '$'
                    )
                )
            )
        )))::VARCHAR AS payload
    FROM (SELECT unnest(a.items) AS d FROM answer)
),
landed AS (
    INSERT INTO document
    SELECT $kind, id, number, order_id, updated_at, payload, nextval('landing'), now()::TIMESTAMP, $run
    FROM page
    ON CONFLICT (kind, id) DO UPDATE SET
        number = excluded.number,
        order_id = excluded.order_id,
        updated_at = excluded.updated_at,
        payload = excluded.payload,
        seq = excluded.seq,
        landed_at = excluded.landed_at,
        run = excluded.run
    WHERE coalesce(excluded.updated_at >= document.updated_at, true) AND excluded.payload <> document.payload
    RETURNING id
)
SELECT
    (SELECT count(*) FROM page),
    coalesce((SELECT max(id) FROM page), 0),
    (SELECT count(*) FROM landed),
    (SELECT try_cast(a.total_count AS BIGINT) FROM answer),
    (SELECT max(updated_at) FROM page);

-- name: seqs
-- The sequence numbers above $after_seq, for reading in slices.
SELECT seq FROM document WHERE kind = $kind AND seq > $after_seq ORDER BY seq;

-- name: slice
SELECT kind, id, number, seq, payload
FROM document
WHERE kind = $kind AND seq BETWEEN $low AND $high
ORDER BY seq;

-- name: by_ids
SELECT kind, id, number, seq, payload
FROM document
WHERE kind = $kind AND id IN (SELECT unnest($wanted::BIGINT[]))
ORDER BY id;

-- name: by_numbers
SELECT kind, id, number, seq, payload
FROM document
WHERE kind = $kind AND number IN (SELECT unnest($wanted::VARCHAR[]))
ORDER BY number;

-- name: newest
SELECT coalesce(max(seq), 0) FROM document;

-- name: counts
SELECT kind, count(*) FROM document GROUP BY kind ORDER BY kind;

-- name: missing_orders
-- Orders that an invoice or a credit memo names and that have not landed.
SELECT DISTINCT order_id
FROM document
WHERE order_id IS NOT NULL AND order_id NOT IN (SELECT id FROM document WHERE kind = 'order')
ORDER BY order_id;

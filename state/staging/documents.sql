-- name: land
-- Takes search answers apart and keeps the fields in $fields. A document whose content is known keeps its seq; an
-- older copy never replaces a newer one. Answers how many documents were new or changed.
-- The pages are unnested first: taken apart as a constant, a page would become a tree of values, one for each field.
MERGE INTO document AS old
USING (
    SELECT *, hash(payload) AS digest
    FROM (
        SELECT
            $kind AS kind,
            coalesce(d.entity_id, d.id)::BIGINT AS id,
            coalesce(d.increment_id ->> '$', d.sku ->> '$', d.code ->> '$', '') AS number,
            CASE $kind WHEN 'order' THEN d.entity_id::BIGINT ELSE try_cast(d.order_id AS BIGINT) END AS order_id,
            try_cast(d.updated_at ->> '$' AS TIMESTAMP) AS updated_at,
            to_json(struct_update(
                d, extension_attributes := struct_update(
                    d.extension_attributes, payment_additional_info := list_filter(
                        d.extension_attributes.payment_additional_info,
                        lambda info: list_contains(
                            ['method_title', 'transaction_id', 'txn_id', 'last_trans_id'], info.key ->> '$'
                        )
                    )
                )
            ))::VARCHAR AS payload,
            nextval('landing') AS seq,
            now()::TIMESTAMP AS landed_at,
            $run AS run
        FROM (
            SELECT unnest(CASE
                WHEN answer.items IS NULL AND answer.total_count IS NULL THEN error('neither documents nor a count')
                ELSE answer.items
            END) AS d
            FROM (SELECT from_json(page, $fields) AS answer FROM (SELECT unnest($pages::VARCHAR[]) AS page))
        )
    )
) AS new
ON old.kind = new.kind AND old.id = new.id
WHEN MATCHED AND coalesce(new.updated_at >= old.updated_at, true) AND new.digest <> old.digest THEN UPDATE SET
    number = new.number,
    order_id = new.order_id,
    updated_at = new.updated_at,
    payload = new.payload,
    digest = new.digest,
    seq = new.seq,
    landed_at = new.landed_at,
    run = new.run
WHEN NOT MATCHED THEN INSERT BY NAME;

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

-- name: shipping_gap
-- How many orders have an invoice and a shipment, and the median of the hours between the first of each.
SELECT count(*), median(hours)
FROM (
    SELECT date_diff('hour', min(created) FILTER (kind = 'invoice'), min(created) FILTER (kind = 'shipment')) AS hours
    FROM (
        SELECT order_id, kind, try_cast(payload::JSON ->> '$.created_at' AS TIMESTAMP) AS created
        FROM document
        WHERE kind IN ('invoice', 'shipment')
    )
    GROUP BY order_id
)
WHERE hours IS NOT NULL;

-- name: open_memos
SELECT id
FROM document
WHERE kind = 'creditmemo' AND try_cast(payload ->> '$.state' AS INTEGER) = 1
ORDER BY id;

-- name: unmoved_memos
-- Credit memos that are open or canceled: no money moved.
SELECT number
FROM document
WHERE kind = 'creditmemo' AND try_cast(payload ->> '$.state' AS INTEGER) IN (1, 3)
ORDER BY id;

-- name: missing_orders
-- Orders that an invoice or a credit memo names and that have not landed, and those that an edited order replaces and
-- that have not, or only as they were before (a successor's number is its original's with a dash).
WITH successor AS (
    SELECT try_cast(payload ->> '$.relation_parent_id' AS BIGINT) AS parent
    FROM document
    WHERE kind = 'order' AND contains(number, '-')
)

SELECT DISTINCT order_id
FROM document
WHERE order_id IS NOT NULL AND order_id NOT IN (SELECT id FROM document WHERE kind = 'order')
UNION
SELECT parent
FROM successor
WHERE parent IS NOT NULL AND NOT EXISTS (
    SELECT 1
    FROM document
    WHERE kind = 'order' AND id = parent AND payload ->> '$.relation_child_id' IS NOT NULL
)
ORDER BY order_id;

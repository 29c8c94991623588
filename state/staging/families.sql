-- name: touched
-- Orders of which anything landed or changed after $after, or that own a document with one of $numbers.
SELECT DISTINCT order_id
FROM document
WHERE order_id IS NOT NULL AND (seq > $after OR number IN (SELECT unnest($numbers::VARCHAR[])))
ORDER BY order_id;

-- name: families
-- In any order: sorting payloads would copy them.
SELECT order_id, kind, id, number, payload
FROM document
WHERE order_id BETWEEN list_min($ids::BIGINT[]) AND list_max($ids::BIGINT[]) AND list_contains($ids::BIGINT[], order_id);

-- name: refunds
SELECT memo.number, sale.number
FROM document AS memo
INNER JOIN document AS sale ON sale.kind = 'order' AND sale.id = memo.order_id
WHERE memo.kind = 'creditmemo' AND memo.order_id IN (SELECT unnest($ids::BIGINT[]))
ORDER BY memo.id;

-- name: belonging
-- What belongs to the orders with these numbers, the orders included. State and total are told of invoices and memos.
SELECT
    sale.number,
    own.kind,
    own.number,
    CASE WHEN own.kind <> 'order' THEN try_cast(own.payload ->> '$.state' AS INTEGER) END,
    CASE WHEN own.kind <> 'order' THEN try_cast(own.payload ->> '$.base_grand_total' AS DECIMAL(18, 4)) END,
    CASE WHEN own.kind <> 'order' THEN own.payload ->> '$.base_currency_code' END
FROM document AS sale
INNER JOIN document AS own ON own.order_id = sale.id AND own.kind IN ('order', 'invoice', 'creditmemo')
WHERE sale.kind = 'order' AND sale.number IN (SELECT unnest($numbers::VARCHAR[]))
ORDER BY sale.number, own.kind, own.id;

-- name: named
-- Orders, invoices and credit memos with this number, as it is written or as people shorten it (28 for 000000028).
SELECT kind, number, order_id
FROM document
WHERE
    kind IN ('order', 'invoice', 'creditmemo')
    AND order_id IS NOT NULL
    AND (number = $number OR (try_cast(number AS BIGINT) = try_cast($number AS BIGINT)))
ORDER BY number <> $number, kind <> 'order', kind, id;

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

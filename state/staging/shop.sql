-- name: products
-- Products on the lines of these orders, under the line's own SKU.
WITH line AS (
    SELECT unnest(from_json(payload, '{"items": [{"sku": "VARCHAR", "product_id": "BIGINT"}]}').items, recursive := true)
    FROM document
    WHERE kind = 'order' AND id IN (SELECT unnest($orders::BIGINT[]))
)

SELECT DISTINCT line.sku, product.payload
FROM line
INNER JOIN document AS product ON product.kind = 'product' AND product.id = line.product_id
WHERE line.sku IS NOT NULL
ORDER BY line.sku;

-- name: of_kind
SELECT payload FROM document WHERE kind = $kind ORDER BY id;

-- name: any_product
SELECT 1 FROM document WHERE kind = 'product' LIMIT 1;

-- name: products
-- Products on the lines of these orders, under the line's own SKU. A configurable and its variant are two lines with
-- one SKU: the variant comes last.
WITH line AS (
    SELECT unnest(from_json(payload, '{"items": [{"sku": "VARCHAR", "product_id": "BIGINT"}]}').items, recursive := true)
    FROM document
    WHERE kind = 'order' AND id IN (SELECT unnest($orders::BIGINT[]))
)

SELECT sku, payload
FROM (
    SELECT DISTINCT line.sku, product.payload
    FROM line
    INNER JOIN document AS product ON product.kind = 'product' AND product.id = line.product_id
    WHERE line.sku IS NOT NULL
)
ORDER BY sku, payload ->> '$.type_id' = 'configurable' DESC, payload;

-- name: originals
-- The orders that these replace.
SELECT DISTINCT original.payload
FROM document AS successor
INNER JOIN document AS original
    ON original.kind = 'order' AND original.id = try_cast(successor.payload ->> '$.relation_parent_id' AS BIGINT)
WHERE successor.kind = 'order' AND successor.id IN (SELECT unnest($orders::BIGINT[]))
ORDER BY original.payload;

-- name: of_kind
SELECT payload FROM document WHERE kind = $kind ORDER BY id;

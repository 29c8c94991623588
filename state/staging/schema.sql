-- name: sequence
CREATE SEQUENCE IF NOT EXISTS landing;

-- name: document
-- One row per Magento document, as it was last said. `seq` grows with each new or changed document.
CREATE TABLE IF NOT EXISTS document (
    kind VARCHAR NOT NULL,
    id BIGINT NOT NULL,
    number VARCHAR NOT NULL,
    order_id BIGINT, -- the order that an order, invoice or credit memo belongs to
    updated_at TIMESTAMP,
    payload VARCHAR NOT NULL USING COMPRESSION zstd,
    digest UBIGINT NOT NULL, -- hash of the payload: tells a change without reading what is kept
    seq BIGINT NOT NULL,
    landed_at TIMESTAMP NOT NULL,
    run VARCHAR NOT NULL,
    PRIMARY KEY (kind, id)
);

ALTER TABLE tenant_schema.product ALTER COLUMN price TYPE numeric(14,4);
ALTER TABLE tenant_schema.product ADD COLUMN archived_at timestamptz;
CREATE INDEX product_archived_idx ON tenant_schema.product (archived_at) WHERE archived_at IS NOT NULL;

ALTER TABLE tenant_schema.customer ADD COLUMN region text;
CREATE INDEX customer_region_idx ON tenant_schema.customer (region);

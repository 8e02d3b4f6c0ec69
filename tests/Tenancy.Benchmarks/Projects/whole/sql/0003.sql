ALTER TABLE tenant_schema.customer ADD COLUMN phone text;
ALTER TABLE tenant_schema.customer ADD COLUMN vip boolean NOT NULL DEFAULT false;
UPDATE tenant_schema.customer SET notes = '' WHERE notes IS NULL;
ALTER TABLE tenant_schema.customer ALTER COLUMN notes SET NOT NULL;

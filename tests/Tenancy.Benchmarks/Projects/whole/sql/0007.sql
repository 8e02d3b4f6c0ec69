ALTER TABLE tenant_schema.orders ADD COLUMN discount numeric(5,2) NOT NULL DEFAULT 0;
ALTER TABLE tenant_schema.orders ADD CONSTRAINT orders_discount_check CHECK (discount BETWEEN 0 AND 100);
ALTER TABLE tenant_schema.account RENAME COLUMN name TO display_name;

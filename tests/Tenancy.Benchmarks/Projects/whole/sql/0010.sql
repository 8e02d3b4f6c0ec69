ALTER TABLE tenant_schema.invoice ADD COLUMN currency char(3) NOT NULL DEFAULT 'EUR';
ALTER TABLE tenant_schema.customer DROP COLUMN phone;
CREATE INDEX invoice_unpaid_idx ON tenant_schema.invoice (issued_on) WHERE NOT paid;
COMMENT ON TABLE tenant_schema.invoice IS 'one invoice an order';

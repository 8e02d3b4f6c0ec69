CREATE FUNCTION tenant_schema.refresh() RETURNS bigint LANGUAGE sql SET search_path = tenant_schema
BEGIN ATOMIC
    SELECT count(*) FROM tenant_schema.customer;
END;

CREATE VIEW tenant_schema.open_order AS
    SELECT o.id, o.placed_at, c.title FROM tenant_schema.orders o JOIN tenant_schema.customer c ON c.id = o.customer_id WHERE o.status <> 'done';
CREATE FUNCTION tenant_schema.order_total(bigint) RETURNS numeric LANGUAGE sql STABLE AS $$
    SELECT sum(i.quantity * p.price) FROM tenant_schema.order_item i JOIN tenant_schema.product p ON p.id = i.product_id WHERE i.order_id = $1 $$;

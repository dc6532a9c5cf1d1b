-- Products by id.
SELECT cast(id AS varchar), code, name FROM product WHERE {{which}}

-- The tree of the classes of products.
SELECT cast(id AS varchar), name, coalesce(cast(parent_id AS varchar), '') FROM product_category

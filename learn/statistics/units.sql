-- The names of the units as they are now.
SELECT id, name FROM unit

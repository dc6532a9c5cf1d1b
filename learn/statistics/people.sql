-- The names of the people as they are now.
SELECT id, name FROM person

-- The model of spend of each group: p, q and v (fine units), none where each customer's own mean counts, and the mean of who
-- bought once (fine units). fitted names the group whose fit it is.
CREATE TEMP TABLE lifetime_model (alike VARCHAR, fitted VARCHAR, p DOUBLE, q DOUBLE, v DOUBLE, mean DOUBLE)

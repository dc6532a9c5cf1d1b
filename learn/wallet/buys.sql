-- What look-alikes buy, as the version kept it.
SELECT category, share, reach FROM wallet_profile
WHERE version = :version AND alike_by = :level AND industry = :industry AND size_band = :size AND country = :country AND main_category = :category
ORDER BY share DESC, category

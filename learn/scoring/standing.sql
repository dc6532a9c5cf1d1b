-- Whether a version still stands: it may have been replaced between two questions.
SELECT count(*) FROM score_version WHERE version = :version

-- A key is the owner's: the same one of another owner, or of none, is another key.
SELECT {JobRow} FROM dayjob_job
WHERE unique_key = :unique_key AND coalesce(owner, '') = coalesce(:owner, '') AND status IN ('pending', 'running')

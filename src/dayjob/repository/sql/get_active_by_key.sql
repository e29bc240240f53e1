SELECT {JobRow} FROM dayjob_job WHERE unique_key = :unique_key AND status IN ('pending', 'running')

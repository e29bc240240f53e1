SELECT {JobRow} FROM dayjob_job WHERE id IN (SELECT value FROM json_each(:ids))

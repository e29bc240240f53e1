SELECT {JobRow} FROM dayjob_job WHERE id {in ids}

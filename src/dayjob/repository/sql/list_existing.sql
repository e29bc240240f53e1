SELECT id FROM dayjob_job WHERE id {in ids}

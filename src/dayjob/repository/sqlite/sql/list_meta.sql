SELECT key, value FROM dayjob_meta

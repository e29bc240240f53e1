SELECT value AS rev FROM dayjob_meta WHERE key = 'rev'

UPDATE dayjob_meta SET value = :rev WHERE key = 'rev'

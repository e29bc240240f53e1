DELETE FROM dayjob_worker WHERE id = :id

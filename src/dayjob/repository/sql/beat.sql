UPDATE dayjob_worker SET beat = beat + 1 WHERE id = :id

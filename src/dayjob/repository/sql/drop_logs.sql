DELETE FROM dayjob_log WHERE job = :job AND seq <= :upto

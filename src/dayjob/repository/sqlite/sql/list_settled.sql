-- Of the jobs in :seqs those that the last `settle` of this transaction has changed.
SELECT seq FROM dayjob_job WHERE seq IN (SELECT value FROM json_each(:seqs)) AND +rev = :rev

SELECT {JobRow} FROM dayjob_job WHERE rev > :after AND rev <= :upto ORDER BY rev

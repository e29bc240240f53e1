-- `claimable` for jobs that two processes died under.
SELECT line.number, head.priority, head.seq, head.concurrency_key
FROM unnest(:types::text[], :most::integer[]) WITH ORDINALITY AS line (type, most, number)
CROSS JOIN LATERAL (
    SELECT priority, seq, concurrency_key FROM dayjob_job
    WHERE status = 'pending' AND ready = 1 AND orphans >= 2 AND dayjob_job.type = line.type
    ORDER BY priority DESC, seq
    LIMIT line.most FOR UPDATE SKIP LOCKED) AS head

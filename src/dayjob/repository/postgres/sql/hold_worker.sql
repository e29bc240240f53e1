-- It may beat, but not be removed.
SELECT 1 FROM dayjob_worker WHERE id = ANY(:names::text[]) FOR KEY SHARE

SELECT 1 FROM dayjob_worker WHERE id = ANY(:names::text[]) FOR UPDATE

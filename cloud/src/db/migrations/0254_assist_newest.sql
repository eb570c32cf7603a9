-- Tickets that hold any of a few telling words, the newest first: planned for these very words. Common ones are read from the newest on
-- until there are enough; rare ones come from the index of words.
CREATE INDEX assist_tickets_newest ON assist_tickets (tenant_id, made_at DESC);
CREATE OR REPLACE FUNCTION assist_tickets_with(telling text[], since timestamptz, only_answered boolean, most integer)
RETURNS TABLE (ticket_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
  RETURN QUERY EXECUTE 'SELECT a.ticket_id FROM public.assist_tickets a
    WHERE a.tenant_id = $1 AND a.words && $2 AND a.made_at >= $3 AND (a.answered OR NOT $4) ORDER BY a.made_at DESC LIMIT $5'
  USING public.current_tenant(), telling, since, only_answered, most;
END
$$;

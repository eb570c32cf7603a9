-- From when on a ticket's light is yellow, red, beside its tasks that are to do: a long queue is narrowed and counted from one index.
ALTER TABLE ticket_tasks ADD COLUMN yellow_at timestamptz(3), ADD COLUMN red_at timestamptz(3);
UPDATE ticket_tasks k SET yellow_at = t.yellow_at, red_at = t.red_at FROM tickets t
WHERE t.tenant_id = k.tenant_id AND t.id = k.ticket_id AND t.status <> 'ended' AND k.state IN ('open', 'signed');
DROP INDEX ticket_tasks_todo;
CREATE INDEX ticket_tasks_todo ON ticket_tasks (tenant_id, doer_id, sort_due, ticket_id) INCLUDE (yellow_at, red_at) WHERE state IN ('open', 'signed');

-- Tickets of a few words that stand in few: all of them, so that a list is narrowed to them instead of being read to its end.
-- Volatile, as EXPLAIN asks for it. NULL: there are more than `most`, by statistics or counted; then a list that is read in its order soon finds a page of them.
CREATE FUNCTION ticket_search_few(query tsquery, most integer) RETURNS uuid[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  plan json;
  found uuid[];
BEGIN
  EXECUTE 'EXPLAIN (FORMAT JSON) SELECT 1 FROM public.tickets t WHERE t.tenant_id = $1 AND t.words @@ $2' INTO plan
  USING public.current_tenant(), query;
  IF (plan -> 0 -> 'Plan' ->> 'Plan Rows')::float8 > 4.0 * most THEN
    RETURN NULL;
  END IF;
  EXECUTE 'SELECT array_agg(few.id) FROM (SELECT t.id FROM public.tickets t WHERE t.tenant_id = $1 AND t.words @@ $2 LIMIT $3 + 1) few' INTO found
  USING public.current_tenant(), query, most;
  IF cardinality(found) > most THEN
    RETURN NULL;
  END IF;
  RETURN coalesce(found, '{}');
END
$$;
REVOKE ALL ON FUNCTION ticket_search_few FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ticket_search_few TO hallhub_app;

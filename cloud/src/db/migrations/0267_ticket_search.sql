-- Newest first, from before an instant and id: some weeks, then twice as many, until there are enough. So a page of a word that stands in
-- every tenth ticket is read from some hundred of them, and words that stand in few are looked for in all weeks within ten steps.
CREATE OR REPLACE FUNCTION ticket_search(query tsquery, before timestamptz, before_id uuid, since timestamptz, most integer)
RETURNS TABLE (id uuid, made_at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  tenant uuid := public.current_tenant();
  oldest timestamptz;
  newest timestamptz;
  week integer;
  first_week integer;
  weeks integer := 1;
  left_over integer := most;
  found integer;
BEGIN
  SELECT t.made_at INTO newest FROM public.tickets t WHERE t.tenant_id = tenant ORDER BY t.made_at DESC, t.id DESC LIMIT 1;
  SELECT t.made_at INTO oldest FROM public.tickets t WHERE t.tenant_id = tenant ORDER BY t.made_at, t.id LIMIT 1;
  IF newest IS NULL THEN
    RETURN;
  END IF;
  week := public.ticket_week(least(before, newest));
  first_week := public.ticket_week(greatest(since, oldest));
  WHILE week >= first_week AND left_over > 0 LOOP
    -- EXECUTE: planned for these very words, whether they are rare or common.
    RETURN QUERY EXECUTE 'SELECT w.ticket_id, w.made_at::timestamptz FROM public.ticket_words w
      WHERE w.tenant_id = $1 AND w.words @@ $2 AND (w.made_at, w.ticket_id) < ($3, $4) AND w.made_at >= $5
      ORDER BY w.made_at DESC, w.ticket_id DESC LIMIT $6'
    USING tenant, query && (
        SELECT string_agg(quote_literal(public.ticket_week_word(tenant, one)), ' | ')::tsquery
        FROM generate_series(greatest(first_week, week - weeks + 1), week) one
      ), before, before_id, since, left_over;
    GET DIAGNOSTICS found = ROW_COUNT;
    left_over := left_over - found;
    week := week - weeks;
    weeks := weeks * 2;
  END LOOP;
END
$$;

-- Tickets of a few words that stand in few: all of them. Volatile, as EXPLAIN asks for it.
-- NULL: there are more than `most`, by statistics or counted; then a list that is read in its order soon finds a page of them.
CREATE OR REPLACE FUNCTION ticket_search_few(query tsquery, most integer) RETURNS uuid[]
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
  plan json;
  found uuid[];
BEGIN
  EXECUTE 'EXPLAIN (FORMAT JSON) SELECT 1 FROM public.ticket_words w WHERE w.tenant_id = $1 AND w.words @@ $2' INTO plan
  USING public.current_tenant(), query;
  IF (plan -> 0 -> 'Plan' ->> 'Plan Rows')::float8 > 4.0 * most THEN
    RETURN NULL;
  END IF;
  EXECUTE 'SELECT array_agg(few.ticket_id) FROM (SELECT w.ticket_id FROM public.ticket_words w WHERE w.tenant_id = $1 AND w.words @@ $2 LIMIT $3 + 1) few' INTO found
  USING public.current_tenant(), query, most;
  IF cardinality(found) > most THEN
    RETURN NULL;
  END IF;
  RETURN coalesce(found, '{}');
END
$$;

-- Row-level security keeps `&&` on arrays away from the index, since it is not leakproof. These look for the caller's tenant alone.

-- Tickets that hold any of a few telling words, the newest first.
CREATE FUNCTION assist_tickets_with(telling text[], since timestamptz, only_answered boolean, most integer)
RETURNS TABLE (ticket_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT a.ticket_id FROM public.assist_tickets a
  WHERE a.tenant_id = public.current_tenant() AND a.words && telling AND a.made_at >= since AND (a.answered OR NOT only_answered)
  ORDER BY a.made_at DESC LIMIT most
$$;
REVOKE ALL ON FUNCTION assist_tickets_with FROM PUBLIC;
GRANT EXECUTE ON FUNCTION assist_tickets_with TO hallhub_app;

-- Places whose text holds a part, the most used first.
CREATE FUNCTION assist_places_like(part text, most integer)
RETURNS TABLE (text text, lon double precision, lat double precision, used integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
  SELECT p.text, p.lon, p.lat, p.used FROM public.assist_places p
  WHERE p.tenant_id = public.current_tenant() AND p.text LIKE '%' || replace(replace(replace(part, '\', '\\'), '%', '\%'), '_', '\_') || '%'
  ORDER BY p.used DESC, p.text LIMIT most
$$;
REVOKE ALL ON FUNCTION assist_places_like FROM PUBLIC;
GRANT EXECUTE ON FUNCTION assist_places_like TO hallhub_app;

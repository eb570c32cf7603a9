-- Roles hallhub_app and hallhub_system exist already (prepare-roles.ts); this file runs as the owner of the database.

GRANT USAGE ON SCHEMA public TO hallhub_app, hallhub_system;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO hallhub_app, hallhub_system;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO hallhub_app, hallhub_system;

-- Chinese full-text by trigrams (ctype is UTF-8). Trusted: the database's owner may create it.
CREATE EXTENSION IF NOT EXISTS pg_trgm;

-- NULL outside of withTenant: every policy then hides every row.
CREATE FUNCTION current_tenant() RETURNS uuid
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('app.tenant_id', true), '')::uuid;

-- Second wall between tenants. The sub-select makes the setting be read once a statement instead of once a row.
CREATE PROCEDURE isolate_tenant(target regclass)
LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
  EXECUTE format(
    'CREATE POLICY tenant ON %s TO hallhub_app USING (tenant_id = (SELECT current_tenant())) WITH CHECK (tenant_id = (SELECT current_tenant()))',
    target);
  EXECUTE format('CREATE POLICY system ON %s TO hallhub_system USING (true) WITH CHECK (true)', target);
END;
$$;

-- Another one with every change of who may do what where: processes keep what they read of it until it is no longer this one.
-- Random, not counted: what a rolled back change had been given is nobody else's.
CREATE TABLE access_stamps (
  tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
  stamp     uuid NOT NULL
);
CALL isolate_tenant('access_stamps');
INSERT INTO access_stamps SELECT id, gen_random_uuid() FROM tenants;

CREATE FUNCTION stamp_access() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO access_stamps (tenant_id, stamp)
  SELECT tenant_id, gen_random_uuid() FROM changed GROUP BY tenant_id
  ON CONFLICT (tenant_id) DO UPDATE SET stamp = excluded.stamp;
  RETURN NULL;
END;
$$;

-- Of a place, only what it lies in matters here: the trigger says in which column that stands.
CREATE FUNCTION stamp_access_of_places() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO access_stamps (tenant_id, stamp)
  SELECT changed.tenant_id, gen_random_uuid() FROM changed
  WHERE NOT EXISTS (
    SELECT 1 FROM were WHERE were.id = changed.id AND to_jsonb(were) -> TG_ARGV[0] = to_jsonb(changed) -> TG_ARGV[0])
  GROUP BY changed.tenant_id
  ON CONFLICT (tenant_id) DO UPDATE SET stamp = excluded.stamp;
  RETURN NULL;
END;
$$;

DO $$
DECLARE target text;
BEGIN
  FOREACH target IN ARRAY ARRAY['roles', 'role_grants', 'regions', 'halls'] LOOP
    EXECUTE format('CREATE TRIGGER stamp_access_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stamp_access()', target);
    EXECUTE format('CREATE TRIGGER stamp_access_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stamp_access()', target);
  END LOOP;
  FOREACH target IN ARRAY ARRAY['roles', 'role_grants'] LOOP
    EXECUTE format('CREATE TRIGGER stamp_access_update AFTER UPDATE ON %I REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stamp_access()', target);
  END LOOP;
END;
$$;
CREATE TRIGGER stamp_access_update AFTER UPDATE ON regions REFERENCING NEW TABLE AS changed OLD TABLE AS were
  FOR EACH STATEMENT EXECUTE FUNCTION stamp_access_of_places('parent_id');
CREATE TRIGGER stamp_access_update AFTER UPDATE ON halls REFERENCING NEW TABLE AS changed OLD TABLE AS were
  FOR EACH STATEMENT EXECUTE FUNCTION stamp_access_of_places('region_id');

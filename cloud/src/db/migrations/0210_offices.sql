-- Offices that handle tickets: a tree with people, what each looks after, and who stands in for whom.

CREATE TABLE offices (
  id          uuid PRIMARY KEY,
  tenant_id   uuid NOT NULL REFERENCES tenants (id),
  parent_id   uuid,
  code        text NOT NULL,
  name        text NOT NULL,
  hall_id     uuid,
  region_id   uuid,
  -- When its people are on duty; null: not known.
  calendar    text,
  -- Gets what no rule has anybody for.
  is_fallback boolean NOT NULL DEFAULT false,
  version     integer NOT NULL DEFAULT 1,
  created_at  timestamptz(3) NOT NULL DEFAULT now(),
  updated_at  timestamptz(3) NOT NULL DEFAULT now(),
  archived_at timestamptz(3),
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, parent_id) REFERENCES offices (tenant_id, id),
  FOREIGN KEY (tenant_id, hall_id) REFERENCES halls (tenant_id, id),
  FOREIGN KEY (tenant_id, region_id) REFERENCES regions (tenant_id, id),
  CHECK (parent_id IS DISTINCT FROM id),
  CHECK (NOT (is_fallback AND archived_at IS NOT NULL))
);
CREATE UNIQUE INDEX offices_code ON offices (tenant_id, code) WHERE archived_at IS NULL;
CREATE UNIQUE INDEX offices_fallback ON offices (tenant_id) WHERE is_fallback;
CREATE INDEX offices_parent ON offices (tenant_id, parent_id);
CALL isolate_tenant('offices');

CREATE TABLE office_members (
  tenant_id uuid NOT NULL,
  office_id uuid NOT NULL,
  user_id   uuid NOT NULL,
  is_leader boolean NOT NULL DEFAULT false,
  skills    text[] NOT NULL DEFAULT '{}',
  PRIMARY KEY (tenant_id, office_id, user_id),
  FOREIGN KEY (tenant_id, office_id) REFERENCES offices (tenant_id, id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX office_members_user ON office_members (tenant_id, user_id);
CALL isolate_tenant('office_members');

-- One of hall, region and polygon. polygon: [[lon, lat], …] in WGS-84 degrees, closed by itself. purpose null: for all.
CREATE TABLE office_areas (
  tenant_id uuid NOT NULL,
  id        uuid NOT NULL,
  office_id uuid NOT NULL,
  purpose   text,
  name      text,
  hall_id   uuid,
  region_id uuid,
  polygon   jsonb,
  PRIMARY KEY (tenant_id, id),
  FOREIGN KEY (tenant_id, office_id) REFERENCES offices (tenant_id, id),
  FOREIGN KEY (tenant_id, hall_id) REFERENCES halls (tenant_id, id),
  FOREIGN KEY (tenant_id, region_id) REFERENCES regions (tenant_id, id),
  CHECK (num_nonnulls(hall_id, region_id, polygon) = 1)
);
CREATE INDEX office_areas_office ON office_areas (tenant_id, office_id);
CALL isolate_tenant('office_areas');

CREATE TABLE office_categories (
  tenant_id uuid NOT NULL,
  office_id uuid NOT NULL,
  tree      text NOT NULL,
  code      text NOT NULL,
  PRIMARY KEY (tenant_id, office_id, tree, code),
  FOREIGN KEY (tenant_id, office_id) REFERENCES offices (tenant_id, id)
);
CALL isolate_tenant('office_categories');

CREATE TABLE stand_ins (
  id          uuid PRIMARY KEY,
  tenant_id   uuid NOT NULL,
  user_id     uuid NOT NULL,
  stand_in_id uuid NOT NULL,
  from_at     timestamptz(3) NOT NULL,
  until_at    timestamptz(3) NOT NULL,
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id),
  FOREIGN KEY (tenant_id, stand_in_id) REFERENCES users (tenant_id, id),
  CHECK (user_id <> stand_in_id),
  CHECK (from_at < until_at)
);
CREATE INDEX stand_ins_user ON stand_ins (tenant_id, user_id);
CALL isolate_tenant('stand_ins');

-- Another one with every change of what dispatch goes by: processes keep what they read until it is no longer this one.
-- Random, not counted: what a rolled back change had been given is nobody else's.
CREATE TABLE office_stamps (
  tenant_id uuid PRIMARY KEY REFERENCES tenants (id),
  stamp     uuid NOT NULL
);
CALL isolate_tenant('office_stamps');

CREATE FUNCTION stamp_offices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO office_stamps (tenant_id, stamp)
  SELECT tenant_id, gen_random_uuid() FROM changed GROUP BY tenant_id
  ON CONFLICT (tenant_id) DO UPDATE SET stamp = excluded.stamp;
  RETURN NULL;
END;
$$;

-- People sign in all day: only a new name or state matters here.
CREATE FUNCTION stamp_people() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO office_stamps (tenant_id, stamp)
  SELECT changed.tenant_id, gen_random_uuid() FROM changed JOIN were ON were.id = changed.id
  WHERE (changed.display_name, changed.state) IS DISTINCT FROM (were.display_name, were.state)
  GROUP BY changed.tenant_id
  ON CONFLICT (tenant_id) DO UPDATE SET stamp = excluded.stamp;
  RETURN NULL;
END;
$$;

DO $$
DECLARE target text;
BEGIN
  FOREACH target IN ARRAY ARRAY['offices', 'office_members', 'office_areas', 'office_categories', 'stand_ins', 'regions', 'halls'] LOOP
    EXECUTE format('CREATE TRIGGER stamp_offices_insert AFTER INSERT ON %I REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stamp_offices()', target);
    EXECUTE format('CREATE TRIGGER stamp_offices_update AFTER UPDATE ON %I REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stamp_offices()', target);
    EXECUTE format('CREATE TRIGGER stamp_offices_delete AFTER DELETE ON %I REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stamp_offices()', target);
  END LOOP;
END;
$$;
CREATE TRIGGER stamp_offices_insert AFTER INSERT ON users REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stamp_offices();
CREATE TRIGGER stamp_offices_update AFTER UPDATE ON users REFERENCING OLD TABLE AS were NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION stamp_people();

-- Every organisation has one, from its first moment on: a ticket is never nobody's.
CREATE FUNCTION make_fallback_office() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO offices (id, tenant_id, code, name, is_fallback) VALUES (gen_random_uuid(), NEW.id, 'fallback', '待分派', true);
  RETURN NULL;
END;
$$;
INSERT INTO offices (id, tenant_id, code, name, is_fallback) SELECT gen_random_uuid(), id, 'fallback', '待分派', true FROM tenants;
CREATE TRIGGER make_fallback_office AFTER INSERT ON tenants FOR EACH ROW EXECUTE FUNCTION make_fallback_office();

-- Kinds of tickets: a draft that people work on, and versions that were published and never change.
CREATE TABLE ticket_kinds (
  tenant_id         uuid NOT NULL REFERENCES tenants (id),
  code              text NOT NULL,
  -- What people write may be unfinished: it is a kind only where the schema says so. Null: nothing is being changed.
  draft             jsonb,
  -- Counts changes of the draft: its ETag.
  version           integer NOT NULL DEFAULT 1,
  draft_at          timestamptz(3),
  draft_by_name     text,
  published_version integer,
  -- SHA-256 of the file that came with the software and was last taken over or offered here.
  shipped_sha256    bytea,
  -- The draft is that file, newer than what is published.
  draft_is_shipped  boolean NOT NULL DEFAULT false,
  created_at        timestamptz(3) NOT NULL DEFAULT now(),
  updated_at        timestamptz(3) NOT NULL DEFAULT now(),
  -- No new tickets of it; those that run go on.
  retired_at        timestamptz(3),
  PRIMARY KEY (tenant_id, code)
);
CALL isolate_tenant('ticket_kinds');

CREATE TABLE ticket_kind_versions (
  tenant_id         uuid NOT NULL,
  code              text NOT NULL,
  version           integer NOT NULL CHECK (version > 0),
  document          jsonb NOT NULL,
  published_at      timestamptz(3) NOT NULL DEFAULT now(),
  published_by_name text NOT NULL,
  PRIMARY KEY (tenant_id, code, version),
  FOREIGN KEY (tenant_id, code) REFERENCES ticket_kinds (tenant_id, code)
);
CALL isolate_tenant('ticket_kind_versions');
-- Running tickets stand on them.
REVOKE UPDATE, DELETE, TRUNCATE ON ticket_kind_versions FROM hallhub_app, hallhub_system;
ALTER TABLE ticket_kinds ADD FOREIGN KEY (tenant_id, code, published_version) REFERENCES ticket_kind_versions (tenant_id, code, version);

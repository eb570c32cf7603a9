-- Who did what to what, from where. Written in the transaction of what it tells; never changed afterwards.
-- seq and hash stay NULL until the sealer chains the rows.
CREATE TABLE audit_entries (
  id          uuid PRIMARY KEY,
  tenant_id   uuid NOT NULL REFERENCES tenants (id),
  at          timestamptz(3) NOT NULL DEFAULT now(),
  actor_kind  text NOT NULL CHECK (actor_kind IN ('user', 'system')),
  actor_id    uuid,
  actor_name  text NOT NULL,
  action      text NOT NULL,
  target_kind text NOT NULL,
  target_id   text,
  target_name text,
  hall_id     uuid,
  before      jsonb,
  after       jsonb,
  ip          text,
  user_agent  text,
  request_id  text,
  seq         bigint,
  hash        bytea,
  UNIQUE (tenant_id, id)
);
CREATE INDEX audit_entries_time ON audit_entries (tenant_id, at DESC, id DESC);
CREATE INDEX audit_entries_target ON audit_entries (tenant_id, target_kind, target_id, at DESC);
CREATE INDEX audit_entries_actor ON audit_entries (tenant_id, actor_id, at DESC);
CREATE UNIQUE INDEX audit_entries_seq ON audit_entries (tenant_id, seq) WHERE seq IS NOT NULL;
CREATE INDEX audit_entries_unsealed ON audit_entries (tenant_id, at) WHERE seq IS NULL;
CALL isolate_tenant('audit_entries');
REVOKE UPDATE, DELETE, TRUNCATE ON audit_entries FROM hallhub_app, hallhub_system;
GRANT UPDATE (seq, hash) ON audit_entries TO hallhub_system;

-- Even the owner changes only what the sealer adds, and that once.
CREATE FUNCTION audit_entries_are_final() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.seq IS NULL AND OLD.hash IS NULL
     AND to_jsonb(NEW) - 'seq' - 'hash' = to_jsonb(OLD) - 'seq' - 'hash' THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'audit entries are never changed or deleted' USING ERRCODE = 'insufficient_privilege';
END;
$$;
CREATE TRIGGER audit_entries_are_final BEFORE UPDATE OR DELETE ON audit_entries
  FOR EACH ROW EXECUTE FUNCTION audit_entries_are_final();

-- Answers kept for 24 h. committed_at is stamped by the verb's own transaction: a crash between its commit and the
-- answer leaves "done, answer lost", never "run it again".
CREATE TABLE http_idempotency (
  tenant_id    uuid NOT NULL REFERENCES tenants (id),
  user_id      uuid NOT NULL,
  key          text NOT NULL,
  fingerprint  text NOT NULL,
  started_at   timestamptz(3) NOT NULL DEFAULT now(),
  committed_at timestamptz(3),
  finished_at  timestamptz(3),
  status       integer,
  headers      jsonb,
  body         text,
  PRIMARY KEY (tenant_id, user_id, key)
);
CREATE INDEX http_idempotency_age ON http_idempotency (started_at);
CALL isolate_tenant('http_idempotency');

-- The installation's certificate authorities: no tenant owns them, so the application role does not reach them at all.
CREATE TABLE ca_keys (
  id                uuid PRIMARY KEY,
  -- next: made and told, issues nothing yet · active: issues · previous: still trusted · retired: trusted no more, its key is gone
  state             text NOT NULL CHECK (state IN ('next', 'active', 'previous', 'retired')),
  name              text NOT NULL,
  certificate       text NOT NULL,
  -- The same key and name, signed by the CA before it: who still trusts only that one can follow.
  cross_certificate text,
  -- SHA-256 of the certificate's DER.
  fingerprint       bytea NOT NULL UNIQUE CHECK (octet_length(fingerprint) = 32),
  -- PKCS #8, sealed under the installation's secret.
  sealed_key        bytea,
  not_before        timestamptz(3) NOT NULL,
  not_after         timestamptz(3) NOT NULL,
  made_at           timestamptz(3) NOT NULL,
  activated_at      timestamptz(3),
  retired_at        timestamptz(3),
  CHECK ((sealed_key IS NULL) = (state = 'retired'))
);
CREATE UNIQUE INDEX ca_keys_one_of_each ON ca_keys (state) WHERE state <> 'retired';
REVOKE ALL ON ca_keys FROM hallhub_app;

CREATE TABLE unit_certificates (
  id            uuid PRIMARY KEY,
  tenant_id     uuid NOT NULL,
  unit_id       uuid NOT NULL,
  ca_id         uuid NOT NULL REFERENCES ca_keys (id),
  serial        text NOT NULL CHECK (serial ~ '^[0-9a-f]{32}$'),
  -- SHA-256 of the DER: what a TLS listener looks up.
  fingerprint   bytea NOT NULL UNIQUE CHECK (octet_length(fingerprint) = 32),
  -- SHA-256 of the public key (SPKI): a key belongs to one unit for ever.
  key_hash      bytea NOT NULL CHECK (octet_length(key_hash) = 32),
  certificate   text NOT NULL,
  not_before    timestamptz(3) NOT NULL,
  not_after     timestamptz(3) NOT NULL,
  issued_at     timestamptz(3) NOT NULL,
  issued_by     text NOT NULL CHECK (issued_by IN ('enrolled', 'replaced', 'renewed')),
  replaced_by   uuid REFERENCES unit_certificates (id),
  revoked_at    timestamptz(3),
  revoked_why   text CHECK (revoked_why IN ('replaced', 'archived', 'lost', 'compromised', 'retired_ca', 'other')),
  -- By the database's own clock, whatever clock the process has: how other processes learn of it.
  revoked_seen  timestamptz,
  UNIQUE (ca_id, serial),
  FOREIGN KEY (tenant_id, unit_id) REFERENCES units (tenant_id, id),
  CHECK ((revoked_at IS NULL) = (revoked_why IS NULL) AND (revoked_at IS NULL) = (revoked_seen IS NULL))
);
CREATE INDEX unit_certificates_by_unit ON unit_certificates (tenant_id, unit_id, issued_at DESC);
CREATE INDEX unit_certificates_by_key ON unit_certificates (key_hash);
CREATE INDEX unit_certificates_revoked ON unit_certificates (revoked_seen) WHERE revoked_seen IS NOT NULL;
CREATE INDEX unit_certificates_in_force ON unit_certificates (unit_id, not_after DESC) WHERE revoked_at IS NULL;
CALL isolate_tenant('unit_certificates');

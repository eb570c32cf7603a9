-- Second factor, trusted browsers, invitations, the organisation's sign-in rules, and limits that all processes share.

ALTER TABLE users ADD COLUMN password_changed_at timestamptz(3);

ALTER TABLE user_sessions
  ADD COLUMN method          text NOT NULL DEFAULT 'password' CHECK (method IN ('password', 'sign-on', 'invitation')),
  ADD COLUMN second_factor   boolean NOT NULL DEFAULT false,
  ADD COLUMN provider_id     uuid,
  -- Hint for the provider's own sign-out.
  ADD COLUMN id_token_sealed bytea,
  ADD COLUMN last_seen_at    timestamptz(3) NOT NULL DEFAULT now();
GRANT SELECT (method, second_factor, provider_id, last_seen_at) ON user_sessions TO hallhub_app;

-- One row an organisation that has rules of its own; without one the defaults of sign-in-policy.ts hold.
CREATE TABLE sign_in_policies (
  tenant_id             uuid PRIMARY KEY REFERENCES tenants (id),
  second_factor         text NOT NULL CHECK (second_factor IN ('off', 'optional', 'required')),
  -- 'required' asks only holders of these roles; empty: everybody.
  required_role_ids     uuid[] NOT NULL,
  trusted_device_days   integer NOT NULL CHECK (trusted_device_days BETWEEN 0 AND 90),
  idle_minutes          integer NOT NULL CHECK (idle_minutes BETWEEN 5 AND 1440),
  absolute_hours        integer NOT NULL CHECK (absolute_hours BETWEEN 1 AND 168),
  password_min_length   integer NOT NULL CHECK (password_min_length BETWEEN 10 AND 64),
  password_history      integer NOT NULL CHECK (password_history BETWEEN 0 AND 24),
  password_max_age_days integer CHECK (password_max_age_days BETWEEN 1 AND 3650),
  version               integer NOT NULL DEFAULT 1,
  updated_at            timestamptz(3) NOT NULL DEFAULT now()
);
CALL isolate_tenant('sign_in_policies');

-- last_step: the 30-second step of the last code accepted; an earlier or equal one is never accepted again.
CREATE TABLE user_second_factors (
  user_id       uuid PRIMARY KEY,
  tenant_id     uuid NOT NULL REFERENCES tenants (id),
  secret_sealed bytea NOT NULL,
  last_step     bigint NOT NULL DEFAULT 0,
  drift_steps   integer NOT NULL DEFAULT 0,
  confirmed_at  timestamptz(3),
  created_at    timestamptz(3) NOT NULL DEFAULT now(),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CALL isolate_tenant('user_second_factors');
REVOKE SELECT ON user_second_factors FROM hallhub_app;
GRANT SELECT (user_id, tenant_id, confirmed_at, created_at) ON user_second_factors TO hallhub_app;

CREATE TABLE user_recovery_codes (
  id        uuid PRIMARY KEY,
  tenant_id uuid NOT NULL REFERENCES tenants (id),
  user_id   uuid NOT NULL,
  code_hash bytea NOT NULL,
  used_at   timestamptz(3),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX user_recovery_codes_user ON user_recovery_codes (tenant_id, user_id);
CALL isolate_tenant('user_recovery_codes');
REVOKE SELECT ON user_recovery_codes FROM hallhub_app;
GRANT SELECT (id, tenant_id, user_id, used_at) ON user_recovery_codes TO hallhub_app;

CREATE TABLE trusted_devices (
  id           uuid PRIMARY KEY,
  tenant_id    uuid NOT NULL REFERENCES tenants (id),
  user_id      uuid NOT NULL,
  token_hash   bytea NOT NULL UNIQUE,
  ip           text,
  user_agent   text,
  created_at   timestamptz(3) NOT NULL DEFAULT now(),
  last_used_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at   timestamptz(3) NOT NULL,
  FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX trusted_devices_user ON trusted_devices (tenant_id, user_id);
CREATE INDEX trusted_devices_expiry ON trusted_devices (expires_at);
CALL isolate_tenant('trusted_devices');
REVOKE SELECT ON trusted_devices FROM hallhub_app;
GRANT SELECT (id, tenant_id, user_id, ip, user_agent, created_at, last_used_at, expires_at) ON trusted_devices TO hallhub_app;

CREATE TABLE password_history (
  id         uuid PRIMARY KEY,
  tenant_id  uuid NOT NULL REFERENCES tenants (id),
  user_id    uuid NOT NULL,
  password   text NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX password_history_user ON password_history (tenant_id, user_id, created_at DESC);
CALL isolate_tenant('password_history');
REVOKE ALL ON password_history FROM hallhub_app;

-- A sign-in between its first and its second step.
CREATE TABLE sign_in_steps (
  id              uuid PRIMARY KEY,
  tenant_id       uuid NOT NULL REFERENCES tenants (id),
  user_id         uuid NOT NULL,
  token_hash      bytea NOT NULL UNIQUE,
  method          text NOT NULL,
  provider_id     uuid,
  id_token_sealed bytea,
  failures        integer NOT NULL DEFAULT 0,
  created_at      timestamptz(3) NOT NULL DEFAULT now(),
  expires_at      timestamptz(3) NOT NULL,
  FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX sign_in_steps_expiry ON sign_in_steps (expires_at);
CALL isolate_tenant('sign_in_steps');
REVOKE ALL ON sign_in_steps FROM hallhub_app;

CREATE TABLE invitations (
  id         uuid PRIMARY KEY,
  tenant_id  uuid NOT NULL REFERENCES tenants (id),
  user_id    uuid NOT NULL,
  token_hash bytea NOT NULL UNIQUE,
  invited_by uuid,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  expires_at timestamptz(3) NOT NULL,
  ended_at   timestamptz(3),
  outcome    text CHECK (outcome IN ('accepted', 'withdrawn', 'replaced')),
  CHECK ((ended_at IS NULL) = (outcome IS NULL)),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE UNIQUE INDEX invitations_open ON invitations (tenant_id, user_id) WHERE ended_at IS NULL;
CALL isolate_tenant('invitations');
REVOKE SELECT ON invitations FROM hallhub_app;
GRANT SELECT (id, tenant_id, user_id, invited_by, created_at, expires_at, ended_at, outcome) ON invitations TO hallhub_app;

-- Token buckets by keyed hash of address or name. Unlogged: a crash forgets them, accounts' own locks stay.
CREATE UNLOGGED TABLE sign_in_limits (
  key    bytea PRIMARY KEY,
  tokens double precision NOT NULL,
  at     timestamptz(3) NOT NULL
);
CREATE INDEX sign_in_limits_age ON sign_in_limits (at);
REVOKE ALL ON sign_in_limits FROM hallhub_app;

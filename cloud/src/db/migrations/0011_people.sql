-- People, their sign-in, and what they may do. better-auth reads and writes users, user_sessions, user_accounts and
-- user_verifications (identity only); everything else here is ours.

CREATE TABLE users (
  id                   uuid PRIMARY KEY,
  tenant_id            uuid NOT NULL REFERENCES tenants (id),
  -- Lower case, NFKC. One sign-in form serves all tenants, so it is unique over all of them.
  user_name            text NOT NULL,
  display_name         text NOT NULL,
  email                text,
  email_verified       boolean NOT NULL DEFAULT false,
  image                text,
  locale               text NOT NULL DEFAULT 'zh' CHECK (locale IN ('zh', 'en')),
  state                text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'disabled')),
  must_change_password boolean NOT NULL DEFAULT true,
  failed_sign_ins      integer NOT NULL DEFAULT 0,
  locked_until         timestamptz(3),
  last_sign_in_at      timestamptz(3),
  version              integer NOT NULL DEFAULT 1,
  created_at           timestamptz(3) NOT NULL DEFAULT now(),
  updated_at           timestamptz(3) NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id),
  CONSTRAINT users_user_name UNIQUE (user_name)
);
CREATE INDEX users_tenant ON users (tenant_id, user_name);
CALL isolate_tenant('users');

CREATE TABLE user_sessions (
  id         uuid PRIMARY KEY,
  tenant_id  uuid NOT NULL REFERENCES tenants (id),
  user_id    uuid NOT NULL,
  token      text NOT NULL UNIQUE,
  expires_at timestamptz(3) NOT NULL,
  ip_address text,
  user_agent text,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX user_sessions_user ON user_sessions (tenant_id, user_id);
CREATE INDEX user_sessions_expiry ON user_sessions (expires_at);
CALL isolate_tenant('user_sessions');

CREATE TABLE user_accounts (
  id                       uuid PRIMARY KEY,
  tenant_id                uuid NOT NULL REFERENCES tenants (id),
  user_id                  uuid NOT NULL,
  account_id               text NOT NULL,
  provider_id              text NOT NULL,
  password                 text,
  access_token             text,
  refresh_token            text,
  id_token                 text,
  access_token_expires_at  timestamptz(3),
  refresh_token_expires_at timestamptz(3),
  scope                    text,
  created_at               timestamptz(3) NOT NULL DEFAULT now(),
  updated_at               timestamptz(3) NOT NULL DEFAULT now(),
  UNIQUE (provider_id, account_id),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id)
);
CREATE INDEX user_accounts_user ON user_accounts (tenant_id, user_id);
CALL isolate_tenant('user_accounts');

-- Requests of people never read password hashes or session tokens: only the system role does, at sign-in.
REVOKE SELECT, DELETE ON user_accounts FROM hallhub_app;
GRANT SELECT (id, tenant_id, user_id, account_id, provider_id) ON user_accounts TO hallhub_app;
REVOKE SELECT ON user_sessions FROM hallhub_app;
GRANT SELECT (id, tenant_id, user_id, expires_at, ip_address, user_agent, created_at, updated_at) ON user_sessions TO hallhub_app;

-- Short-lived codes of identity's own (second factor, OIDC state): no tenant is known yet when they are made.
CREATE TABLE user_verifications (
  id         uuid PRIMARY KEY,
  identifier text NOT NULL,
  value      text NOT NULL,
  expires_at timestamptz(3) NOT NULL,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now()
);
CREATE INDEX user_verifications_identifier ON user_verifications (identifier);
REVOKE ALL ON user_verifications FROM hallhub_app;

CREATE TABLE roles (
  id         uuid PRIMARY KEY,
  tenant_id  uuid NOT NULL REFERENCES tenants (id),
  key        text NOT NULL,
  label_zh   text NOT NULL,
  label_en   text,
  rights     text[] NOT NULL,
  built_in   boolean NOT NULL DEFAULT false,
  version    integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id),
  CONSTRAINT roles_key UNIQUE (tenant_id, key)
);
CALL isolate_tenant('roles');

CREATE TABLE role_grants (
  id         uuid PRIMARY KEY,
  tenant_id  uuid NOT NULL REFERENCES tenants (id),
  user_id    uuid NOT NULL,
  role_id    uuid NOT NULL,
  scope_kind text NOT NULL CHECK (scope_kind IN ('tenant', 'region', 'hall')),
  region_id  uuid,
  hall_id    uuid,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  FOREIGN KEY (tenant_id, user_id) REFERENCES users (tenant_id, id),
  FOREIGN KEY (tenant_id, role_id) REFERENCES roles (tenant_id, id),
  FOREIGN KEY (tenant_id, region_id) REFERENCES regions (tenant_id, id),
  FOREIGN KEY (tenant_id, hall_id) REFERENCES halls (tenant_id, id),
  CHECK ((scope_kind = 'region') = (region_id IS NOT NULL)),
  CHECK ((scope_kind = 'hall') = (hall_id IS NOT NULL)),
  UNIQUE NULLS NOT DISTINCT (tenant_id, user_id, role_id, region_id, hall_id)
);
CALL isolate_tenant('role_grants');

-- Single sign-on: OpenID Connect providers as data, and the flows under way.

CREATE TABLE sign_on_providers (
  id                   uuid PRIMARY KEY,
  tenant_id            uuid NOT NULL REFERENCES tenants (id),
  label                text NOT NULL,
  issuer               text NOT NULL,
  client_id            text NOT NULL,
  client_secret_sealed bytea,
  scopes               text[] NOT NULL,
  user_name_claim      text NOT NULL,
  display_name_claim   text NOT NULL,
  groups_claim         text,
  allowed_domains      text[] NOT NULL,
  provision            boolean NOT NULL DEFAULT false,
  default_grants       jsonb NOT NULL DEFAULT '[]',
  -- [{group, roleId, scope}]: held while the provider says that the person is in the group.
  group_grants         jsonb NOT NULL DEFAULT '[]',
  trusts_second_factor boolean NOT NULL DEFAULT false,
  enabled              boolean NOT NULL DEFAULT true,
  version              integer NOT NULL DEFAULT 1,
  created_at           timestamptz(3) NOT NULL DEFAULT now(),
  updated_at           timestamptz(3) NOT NULL DEFAULT now(),
  UNIQUE (tenant_id, id),
  CONSTRAINT sign_on_providers_client UNIQUE (tenant_id, issuer, client_id)
);
CALL isolate_tenant('sign_on_providers');

-- state and the browser's own token are kept as hashes; used_at makes each flow good for one answer.
CREATE TABLE sign_on_flows (
  id              uuid PRIMARY KEY,
  tenant_id       uuid NOT NULL REFERENCES tenants (id),
  provider_id     uuid NOT NULL,
  kind            text NOT NULL CHECK (kind IN ('sign-in', 'link', 'invitation')),
  user_id         uuid,
  token_hash      bytea NOT NULL,
  state_hash      bytea NOT NULL UNIQUE,
  nonce           text NOT NULL,
  verifier_sealed bytea NOT NULL,
  redirect_uri    text NOT NULL,
  return_to       text NOT NULL,
  created_at      timestamptz(3) NOT NULL DEFAULT now(),
  expires_at      timestamptz(3) NOT NULL,
  used_at         timestamptz(3),
  FOREIGN KEY (tenant_id, provider_id) REFERENCES sign_on_providers (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX sign_on_flows_expiry ON sign_on_flows (expires_at);
CALL isolate_tenant('sign_on_flows');
REVOKE SELECT, UPDATE, DELETE ON sign_on_flows FROM hallhub_app;

-- Set where a provider's group gave the grant: it goes when the group does.
ALTER TABLE role_grants ADD COLUMN sign_on_provider_id uuid;

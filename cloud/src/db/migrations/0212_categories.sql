-- Trees of categories that tickets' fields point into. Retired codes stay: old tickets are still read by their labels.
CREATE TABLE category_trees (
  tenant_id  uuid NOT NULL REFERENCES tenants (id),
  tree       text NOT NULL,
  label      jsonb NOT NULL,
  version    integer NOT NULL DEFAULT 1,
  created_at timestamptz(3) NOT NULL DEFAULT now(),
  updated_at timestamptz(3) NOT NULL DEFAULT now(),
  PRIMARY KEY (tenant_id, tree)
);
CALL isolate_tenant('category_trees');

CREATE TABLE categories (
  tenant_id  uuid NOT NULL,
  tree       text NOT NULL,
  code       text NOT NULL,
  parent     text,
  label      jsonb NOT NULL,
  position   integer NOT NULL,
  retired_at timestamptz(3),
  PRIMARY KEY (tenant_id, tree, code),
  FOREIGN KEY (tenant_id, tree) REFERENCES category_trees (tenant_id, tree),
  FOREIGN KEY (tenant_id, tree, parent) REFERENCES categories (tenant_id, tree, code) DEFERRABLE INITIALLY DEFERRED,
  CHECK (parent IS DISTINCT FROM code)
);
CALL isolate_tenant('categories');

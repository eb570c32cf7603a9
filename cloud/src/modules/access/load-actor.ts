import type { Tx } from '../../db/index.js';
import { type Actor, type Reach, userActor } from './actor.js';
import type { GrantScope } from './contract.js';
import { installationRights, isRight, type Right } from './rights.js';

interface GrantRow {
  rights: string[];
  scope_kind: 'tenant' | 'region' | 'hall';
  region_ids: string[] | null;
  hall_ids: string[] | null;
  of_installation: boolean;
}

/** One row a grant; a region grant brings the regions below it and all their halls. */
const grantsSql = `
WITH RECURSIVE below AS (
  SELECT g.id AS grant_id, r.id AS region_id
  FROM role_grants g JOIN regions r ON r.tenant_id = g.tenant_id AND r.id = g.region_id
  WHERE g.tenant_id = $1 AND g.user_id = $2
  UNION
  SELECT b.grant_id, r.id FROM below b JOIN regions r ON r.tenant_id = $1 AND r.parent_id = b.region_id
)
SELECT ro.rights, g.scope_kind, (SELECT id FROM tenants ORDER BY created_at, id LIMIT 1) = $1 AS of_installation,
  (SELECT array_agg(b.region_id) FROM below b WHERE b.grant_id = g.id) AS region_ids,
  CASE g.scope_kind
    WHEN 'hall' THEN ARRAY[g.hall_id]
    WHEN 'region' THEN (SELECT array_agg(h.id) FROM below b JOIN halls h ON h.tenant_id = $1 AND h.region_id = b.region_id WHERE b.grant_id = g.id)
  END AS hall_ids
FROM role_grants g JOIN roles ro ON ro.tenant_id = g.tenant_id AND ro.id = g.role_id
WHERE g.tenant_id = $1 AND g.user_id = $2`;

export interface ActorFacts {
  readonly userId: string;
  readonly userName: string;
  readonly tenantId: string;
  readonly mustChangePassword: boolean;
}

/** What somebody holds, right by right. */
export interface HeldRights {
  readonly reaches: ReadonlyMap<Right, Reach>;
  readonly ofInstallation: boolean;
}

/** What a person holds now. In a system transaction: the others cannot tell which organisation is the first. */
export const loadReaches = async (
  tx: Tx,
  of: { readonly tenantId: string; readonly userId: string },
): Promise<HeldRights> => {
  const { rows } = await tx.$client.query<GrantRow>({
    name: 'grants_of_person',
    text: grantsSql,
    values: [of.tenantId, of.userId],
  });
  const ofInstallation = rows[0]?.of_installation ?? false;
  const reaches = reachesOf(rows);
  if (!ofInstallation) for (const right of installationRights) reaches.delete(right);
  return { reaches, ofInstallation };
};

/** All places within a scope: a region brings the regions below it and all their halls. */
export const reachOfScope = async (tx: Tx, tenantId: string, scope: GrantScope): Promise<Reach> => {
  if (scope.kind === 'tenant') return { all: true, regionIds: new Set(), hallIds: new Set() };
  if (scope.kind === 'hall') return { all: false, regionIds: new Set(), hallIds: new Set([scope.id]) };
  const { rows } = await tx.$client.query<{ region_ids: string[] | null; hall_ids: string[] | null }>(
    `WITH RECURSIVE below AS (
       SELECT id FROM regions WHERE tenant_id = $1 AND id = $2
       UNION SELECT r.id FROM below b JOIN regions r ON r.tenant_id = $1 AND r.parent_id = b.id)
     SELECT (SELECT array_agg(id) FROM below) AS region_ids,
       (SELECT array_agg(h.id) FROM below b JOIN halls h ON h.tenant_id = $1 AND h.region_id = b.id) AS hall_ids`,
    [tenantId, scope.id],
  );
  return { all: false, regionIds: new Set(rows[0]?.region_ids), hallIds: new Set(rows[0]?.hall_ids) };
};

/** The actor with the grants as they stand now. In a system transaction. */
export const loadActor = async (tx: Tx, facts: ActorFacts): Promise<Actor> =>
  userActor({ ...facts, ...(await loadReaches(tx, facts)) });

const reachesOf = (grants: readonly GrantRow[]): Map<Right, Reach> => {
  const byRight = new Map<Right, GrantRow[]>();
  for (const grant of grants) {
    for (const right of grant.rights.filter(isRight)) byRight.set(right, [...(byRight.get(right) ?? []), grant]);
  }
  // Rights of the same grants reach as far: they share what says so.
  const shared = new Map<string, Reach>();
  return new Map(
    [...byRight].map(([right, its]) => {
      const key = its.map((grant) => grants.indexOf(grant)).join();
      const reach = shared.get(key) ?? reachOfGrants(its);
      shared.set(key, reach);
      return [right, reach];
    }),
  );
};

const reachOfGrants = (grants: readonly GrantRow[]): Reach => ({
  all: grants.some((grant) => grant.scope_kind === 'tenant'),
  regionIds: new Set(grants.flatMap((grant) => grant.region_ids ?? [])),
  hallIds: new Set(grants.flatMap((grant) => grant.hall_ids ?? [])),
});

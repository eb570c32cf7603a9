import type { Tx } from '../../db/index.js';
import { type Actor, type Reach, userActor } from './actor.js';
import { isRight, type Right } from './rights.js';

interface GrantRow {
  rights: string[];
  scope_kind: 'tenant' | 'region' | 'hall';
  region_ids: string[] | null;
  hall_ids: string[] | null;
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
SELECT ro.rights, g.scope_kind,
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

/** The actor with the grants as they stand now. Works under either database role. */
export const loadActor = async (tx: Tx, facts: ActorFacts): Promise<Actor> => {
  const { rows } = await tx.$client.query<GrantRow>(grantsSql, [facts.tenantId, facts.userId]);
  return userActor({ ...facts, reaches: reachesOf(rows) });
};

const reachesOf = (grants: readonly GrantRow[]): Map<Right, Reach> => {
  const reaches = new Map<Right, { all: boolean; regionIds: Set<string>; hallIds: Set<string> }>();
  for (const grant of grants) {
    for (const right of grant.rights.filter(isRight)) {
      const reach = reaches.get(right) ?? { all: false, regionIds: new Set<string>(), hallIds: new Set<string>() };
      reaches.set(right, reach);
      if (grant.scope_kind === 'tenant') reach.all = true;
      for (const id of grant.region_ids ?? []) reach.regionIds.add(id);
      for (const id of grant.hall_ids ?? []) reach.hallIds.add(id);
    }
  }
  return reaches;
};

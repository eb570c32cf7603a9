import type { Tx } from '../../db/index.js';
import type { LonLat } from './tables.js';

export interface OfficeFacts {
  readonly id: string;
  readonly code: string;
  readonly name: string;
  readonly parentId: string | null;
  readonly calendar: string | null;
  readonly isFallback: boolean;
  readonly isArchived: boolean;
}
export interface MemberFacts {
  readonly officeId: string;
  readonly userId: string;
  readonly isLeader: boolean;
  readonly skills: readonly string[];
}
export interface AreaFacts {
  readonly officeId: string;
  readonly purpose: string | null;
  readonly hallId: string | null;
  readonly regionId: string | null;
  readonly polygon: readonly LonLat[] | null;
}
export interface CategoryFacts {
  readonly officeId: string;
  readonly tree: string;
  readonly code: string;
}
export interface StandInFacts {
  readonly userId: string;
  readonly standInId: string;
  /** Epoch ms UTC, half open. */
  readonly fromAt: number;
  readonly untilAt: number;
}
export interface PersonFacts {
  readonly id: string;
  readonly name: string;
  readonly isActive: boolean;
}

/** All that dispatch goes by, as plain rows in a stable order. */
export interface OrganisationFacts {
  readonly offices: readonly OfficeFacts[];
  readonly members: readonly MemberFacts[];
  readonly areas: readonly AreaFacts[];
  readonly categories: readonly CategoryFacts[];
  readonly standIns: readonly StandInFacts[];
  readonly people: readonly PersonFacts[];
  /** Region id to the one above it. */
  readonly regions: ReadonlyMap<string, string | null>;
  /** Hall id to its region. */
  readonly halls: ReadonlyMap<string, string>;
}

const groupBy = <T>(all: readonly T[], key: (one: T) => string | null): ReadonlyMap<string, readonly T[]> => {
  const groups = new Map<string, T[]>();
  for (const one of all) {
    const name = key(one);
    if (name === null) continue;
    const group = groups.get(name);
    if (group) group.push(one);
    else groups.set(name, [one]);
  }
  return groups;
};

/** An organisation's offices and people, with what is asked of them indexed. Offices in use and active people only, names apart. */
export class Organisation {
  readonly offices: readonly OfficeFacts[];
  readonly officeById: ReadonlyMap<string, OfficeFacts>;
  readonly officeByCode: ReadonlyMap<string, OfficeFacts>;
  readonly personById: ReadonlyMap<string, PersonFacts>;
  /** Active members of offices in use. */
  readonly members: readonly MemberFacts[];
  readonly membersOf: ReadonlyMap<string, readonly MemberFacts[]>;
  readonly membershipsOf: ReadonlyMap<string, readonly MemberFacts[]>;
  /** Of archived offices too: a task that came to one at its last moment is still somebody's. */
  readonly everMembershipsOf: ReadonlyMap<string, readonly MemberFacts[]>;
  readonly childrenOf: ReadonlyMap<string, readonly OfficeFacts[]>;
  readonly areas: readonly AreaFacts[];
  readonly categories: readonly CategoryFacts[];
  readonly standInsBy: ReadonlyMap<string, readonly StandInFacts[]>;
  readonly standInsFor: ReadonlyMap<string, readonly StandInFacts[]>;
  readonly regions: ReadonlyMap<string, string | null>;
  readonly halls: ReadonlyMap<string, string>;
  /** Skilled people: whose open tasks are to be counted. */
  readonly skilled: readonly string[];

  constructor(facts: OrganisationFacts) {
    this.officeById = new Map(facts.offices.map((one) => [one.id, one]));
    this.personById = new Map(facts.people.map((one) => [one.id, one]));
    this.offices = facts.offices.filter(({ isArchived }) => !isArchived);
    this.officeByCode = new Map(this.offices.map((one) => [one.code, one]));
    const inUse = ({ officeId }: { readonly officeId: string }) => this.officeById.get(officeId)?.isArchived === false;
    const members = facts.members.filter(({ userId }) => this.isActive(userId));
    this.everMembershipsOf = groupBy(members, ({ userId }) => userId);
    this.members = members.filter(inUse);
    this.membersOf = groupBy(this.members, ({ officeId }) => officeId);
    this.membershipsOf = groupBy(this.members, ({ userId }) => userId);
    this.childrenOf = groupBy(this.offices, ({ parentId }) => parentId);
    this.areas = facts.areas.filter(inUse);
    this.categories = facts.categories.filter(inUse);
    this.standInsBy = groupBy(facts.standIns, ({ standInId }) => standInId);
    this.standInsFor = groupBy(facts.standIns, ({ userId }) => userId);
    this.regions = facts.regions;
    this.halls = facts.halls;
    this.skilled = [...new Set(this.members.filter(({ skills }) => skills.length > 0).map(({ userId }) => userId))];
  }

  /** The office and those above it, closest first; a loop ends where it closes. */
  lineOf(officeId: string): readonly OfficeFacts[] {
    const line: OfficeFacts[] = [];
    let at = this.officeById.get(officeId);
    while (at && !line.includes(at)) {
      line.push(at);
      at = at.parentId === null ? undefined : this.officeById.get(at.parentId);
    }
    return line;
  }

  /** The region and those above it, closest first. */
  regionsFrom(regionId: string | null): readonly string[] {
    const line: string[] = [];
    for (let at = regionId; at !== null && !line.includes(at); at = this.regions.get(at) ?? null) line.push(at);
    return line;
  }

  isActive(userId: string): boolean {
    return this.personById.get(userId)?.isActive === true;
  }

  /** Somebody stands in for them: they are away. */
  isAway(userId: string, at: number): boolean {
    return (this.standInsFor.get(userId) ?? []).some(({ fromAt, untilAt }) => fromAt <= at && at < untilAt);
  }
}

const officesSql = `SELECT id, code, name, parent_id AS "parentId", calendar, is_fallback AS "isFallback", archived_at IS NOT NULL AS "isArchived"
  FROM offices WHERE tenant_id = $1 ORDER BY code, id`;
const membersSql = `SELECT office_id AS "officeId", user_id AS "userId", is_leader AS "isLeader", skills
  FROM office_members WHERE tenant_id = $1 ORDER BY office_id, user_id`;
const areasSql = `SELECT a.office_id AS "officeId", a.purpose, a.hall_id AS "hallId", a.region_id AS "regionId", a.polygon
  FROM office_areas a JOIN offices o ON o.tenant_id = a.tenant_id AND o.id = a.office_id WHERE a.tenant_id = $1 ORDER BY o.code, a.id`;
const categoriesSql = `SELECT c.office_id AS "officeId", c.tree, c.code
  FROM office_categories c JOIN offices o ON o.tenant_id = c.tenant_id AND o.id = c.office_id WHERE c.tenant_id = $1 ORDER BY o.code, c.tree, c.code`;
const standInsSql = `SELECT user_id AS "userId", stand_in_id AS "standInId", from_at, until_at FROM stand_ins WHERE tenant_id = $1 ORDER BY id`;
const peopleSql = `SELECT id, display_name AS name, state = 'active' AS "isActive" FROM users WHERE tenant_id = $1`;

/** One query after another: a transaction has one connection. */
export const readOrganisation = async (tx: Tx, tenantId: string): Promise<Organisation> => {
  const read = async <T extends object>(text: string): Promise<T[]> =>
    (await tx.$client.query<T & Record<string, unknown>>(text, [tenantId])).rows;
  const offices = await read<OfficeFacts>(officesSql);
  const members = await read<MemberFacts>(membersSql);
  const areas = await read<AreaFacts>(areasSql);
  const categories = await read<CategoryFacts>(categoriesSql);
  const standIns = await read<Pick<StandInFacts, 'userId' | 'standInId'> & { from_at: Date; until_at: Date }>(
    standInsSql,
  );
  const people = await read<PersonFacts>(peopleSql);
  const regions = await read<{ id: string; parent: string | null }>(
    'SELECT id, parent_id AS parent FROM regions WHERE tenant_id = $1',
  );
  const halls = await read<{ id: string; region: string }>(
    'SELECT id, region_id AS region FROM halls WHERE tenant_id = $1',
  );
  return new Organisation({
    ...{ offices, members, areas, categories, people },
    standIns: standIns.map(({ from_at, until_at, ...one }) => ({
      ...one,
      fromAt: from_at.getTime(),
      untilAt: until_at.getTime(),
    })),
    regions: new Map(regions.map(({ id, parent }) => [id, parent])),
    halls: new Map(halls.map(({ id, region }) => [id, region])),
  });
};

import { uuidv7 } from '@hallhub/shared';
import type { Database } from '../../../../../cloud/src/db/index.js';

type Pool = Database['ownerPool'];

export type TownRole = 'reception' | 'dispatch' | 'visits' | 'handler';

export interface TownPerson {
  readonly id: string;
  readonly name: string;
  readonly userName: string;
  readonly role: TownRole;
  readonly officeId: string;
}

/** Regions with halls, offices with their people: who makes tickets, hands them on, works on them and asks afterwards. */
export interface Town {
  readonly tenantId: string;
  readonly regions: readonly string[];
  readonly halls: readonly { readonly id: string; readonly regionId: string }[];
  /** Those that work on tickets. */
  readonly handlingOffices: readonly string[];
  readonly officeByCode: ReadonlyMap<string, string>;
  readonly people: readonly TownPerson[];
  /** Leads all offices of the demo's organisation. */
  readonly leader: TownPerson;
}

const surnames = '王李张刘陈杨黄赵周吴徐孙马朱胡郭何林罗高';
const givenNames = '伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂';
const nameOf = (n: number): string =>
  `${surnames[n % 20]}${givenNames[(n * 7) % 22]}${n % 3 === 0 ? '' : givenNames[(n * 13) % 22]}`;

const regionCount = 20;
const officeCount = 40;
const peopleBy: Readonly<Record<Exclude<TownRole, 'handler'>, number>> = { reception: 55, dispatch: 15, visits: 20 };
const handlersAnOffice = 6;
const roleKeys: Readonly<Record<TownRole, string>> = {
  ...{ reception: 'ticket-clerk', dispatch: 'ticket-dispatcher', visits: 'ticket-clerk', handler: 'ticket-handler' },
};
/** Of the demo organisation: what the kinds that come with the software hand tickets to. */
const demoHandling = ['street-works', 'sanitation', 'greens', 'grid-ops'];

/**
 * Twenty regions with sixty halls, forty offices, three hundred people, beside the demo's organisation. Handlers read in the
 * regions of their office alone, the others everywhere.
 */
export const makeTown = async (pool: Pool): Promise<Town> => {
  const one = async <T extends object>(text: string, values: readonly unknown[] = []): Promise<T[]> =>
    (await pool.query(text, [...values])).rows as T[];
  const [tenant] = await one<{ id: string }>('SELECT id FROM tenants ORDER BY created_at, id LIMIT 1');
  const tenantId = tenant?.id ?? '';
  const known = await one<{ id: string; code: string }>('SELECT id, code FROM offices WHERE tenant_id = $1', [
    tenantId,
  ]);
  const officeByCode = new Map(known.map(({ code, id }) => [code, id]));
  const centre = officeByCode.get('centre');
  const regions = Array.from({ length: regionCount }, () => uuidv7());
  await pool.query(
    `INSERT INTO regions (id, tenant_id, code, name) SELECT id, $1, 'qu' || n, '第' || n || '区' FROM unnest($2::uuid[]) WITH ORDINALITY AS x(id, n)`,
    [tenantId, regions],
  );
  const halls = regions.flatMap((regionId) => Array.from({ length: 3 }, () => ({ id: uuidv7(), regionId })));
  await pool.query(
    `INSERT INTO halls (id, tenant_id, region_id, code, name, time_zone)
     SELECT id, $1, region, 'ting' || n, '第' || n || '营业厅', 'Asia/Shanghai' FROM unnest($2::uuid[], $3::uuid[]) WITH ORDINALITY AS x(id, region, n)`,
    [tenantId, halls.map(({ id }) => id), halls.map(({ regionId }) => regionId)],
  );
  const made = Array.from({ length: officeCount - known.length }, () => uuidv7());
  await pool.query(
    `INSERT INTO offices (id, tenant_id, parent_id, code, name, calendar)
     SELECT id, $1, $2, 'ban' || n, '第' || n || '办事处', 'office' FROM unnest($3::uuid[]) WITH ORDINALITY AS x(id, n)`,
    [tenantId, centre, made],
  );
  const handlingOffices = [...demoHandling.flatMap((code) => officeByCode.get(code) ?? []), ...made];
  const people = peopleOf(officeByCode, handlingOffices);
  await pool.query(
    `INSERT INTO users (id, tenant_id, user_name, display_name, must_change_password)
     SELECT x.id, $1, x.user_name, x.name, false FROM unnest($2::uuid[], $3::text[], $4::text[]) AS x(id, user_name, name)`,
    [tenantId, people.map(({ id }) => id), people.map(({ userName }) => userName), people.map(({ name }) => name)],
  );
  await pool.query(
    `INSERT INTO office_members (tenant_id, office_id, user_id, is_leader)
     SELECT $1, x.office, x.id, false FROM unnest($2::uuid[], $3::uuid[]) AS x(office, id)`,
    [tenantId, people.map(({ officeId }) => officeId), people.map(({ id }) => id)],
  );
  const scoped = people.filter(({ role }) => role === 'handler');
  await pool.query(
    `INSERT INTO role_grants (id, tenant_id, user_id, role_id, scope_kind, region_id)
     SELECT gen_random_uuid(), $1, x.id, r.id, CASE WHEN x.region IS NULL THEN 'tenant' ELSE 'region' END, x.region
     FROM unnest($2::uuid[], $3::text[], $4::uuid[]) AS x(id, role, region) JOIN roles r ON r.tenant_id = $1 AND r.key = x.role`,
    [
      ...[tenantId, people.map(({ id }) => id), people.map(({ role }) => roleKeys[role])],
      people.map((person) => (person.role === 'handler' ? regions[scoped.indexOf(person) % regions.length] : null)),
    ],
  );
  const [first] = await one<{ id: string; name: string; userName: string }>(
    `SELECT u.id, display_name AS name, user_name AS "userName" FROM users u JOIN office_members m ON m.user_id = u.id AND m.is_leader
     WHERE m.office_id = $1`,
    [centre],
  );
  if (!first) throw new Error('the demo has no organisation');
  const leader: TownPerson = { ...first, role: 'handler', officeId: officeByCode.get('street-works') ?? '' };
  return { tenantId, regions, halls, handlingOffices, officeByCode, people, leader };
};

const peopleOf = (officeByCode: ReadonlyMap<string, string>, handlingOffices: readonly string[]): TownPerson[] => {
  const people: TownPerson[] = [];
  const add = (role: TownRole, officeId: string, count: number) => {
    for (let i = 0; i < count; i++) {
      const n = people.length;
      people.push({ id: uuidv7(), name: nameOf(n), userName: `bench${n}`, role, officeId });
    }
  };
  for (const role of ['reception', 'dispatch', 'visits'] as const) {
    add(role, officeByCode.get(role) ?? '', peopleBy[role]);
  }
  for (const officeId of handlingOffices) add('handler', officeId, handlersAnOffice);
  return people;
};

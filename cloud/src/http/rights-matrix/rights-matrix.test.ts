import { rmSync } from 'node:fs';
import pino from 'pino';
import t from 'tap';
import { startCloud } from '../../app.js';
import { readConfig } from '../../config/read-config.js';
import { makeTestFolder } from '../../db/testing.js';
import { builtInRoles } from '../../modules/access/built-in-roles.js';
import { type Right, rightIds } from '../../modules/access/rights.js';
import type { AnyRoute } from '../route.js';
import { cases, publicRoutes, type RouteCase } from './cases.js';
import { makeWorld, type Site } from './world.js';

t.setTimeout(900_000);

const nameOf = (route: AnyRoute) => `${route.method.toUpperCase()} ${route.path}`;
const isIn = (list: readonly number[], status: number) => list.includes(status);

type Scope = 'tenant' | 'region' | 'hall';

interface Caller {
  readonly name: string;
  readonly rights: ReadonlySet<string>;
  readonly scope: Scope;
  readonly key: string;
}

const reaches = (caller: Caller, site: Site, level: RouteCase['level']): boolean => {
  if (site.name === 'foreign') return false;
  if (level === 'anywhere' || caller.scope === 'tenant') return true;
  if (level === 'tenant') return false;
  return site.name === 'own' || (site.name === 'sibling' && caller.scope === 'region');
};

t.test('every route × every role × own hall, other hall, other region, other organisation', async (t) => {
  const folder = makeTestFolder();
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  const ports = ['--port', '0', '--mqtt-port', '0', '--mqtts-port', '0', '--unit-port', '0'];
  const cloud = await startCloud({
    config: readConfig(['--data', folder, ...ports], {
      HALLHUB_API_ADDRESS_RATE: '1000000',
      HALLHUB_API_ACCOUNT_RATE: '1000000',
    }),
    log: pino({ level: process.env.LOG ?? 'silent' }),
    progress: () => {},
  });
  t.teardown(() => cloud.close());
  const db = cloud.database;
  const { rows } = await db.ownerPool.query('SELECT id FROM tenants ORDER BY created_at, id LIMIT 1');
  const world = await makeWorld(db, rows[0].id);
  const [own] = world.sites as [Site];
  const observer = await db.ownerPool.query(`SELECT id FROM roles WHERE tenant_id = $1 AND key = 'observer'`, [
    rows[0].id,
  ]);
  const observerId = String(observer.rows[0].id);

  const call = async (
    route: AnyRoute,
    site: Site,
    key: string | null,
    tries = 0,
  ): Promise<{ status: number; text: string }> => {
    const given = cases[nameOf(route)] ?? {};
    const ids = { ...site.ids, observerId };
    const params: Record<string, string> = { ...ids, ...given.params?.(ids) };
    const path = route.path.replace(/\{(\w+)\}/g, (_all, name: string) => params[name] ?? `no-${name}-in-the-world`);
    const body = given.body?.(ids);
    const response = await fetch(`${cloud.http}/api/v1${path}${given.query ? `?${given.query(ids)}` : ''}`, {
      method: route.method.toUpperCase(),
      headers: {
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
        ...(route.ifMatch ? { 'if-match': '"999999999"' } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    // Too many at once says nothing of rights: asked again.
    if (response.status === 429 && tries < 1_200) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return call(route, site, key, tries + 1);
    }
    return { status: response.status, text };
  };

  const scopes = {
    tenant: 'tenant',
    region: { regionId: own.ids.regionId ?? '' },
    hall: { hallId: own.ids.hallId ?? '' },
  } as const;
  const callerOf = async (name: string, rights: readonly Right[], scope: Scope): Promise<Caller> => ({
    name: `${name} over the ${scope}`,
    rights: new Set(rights),
    scope,
    key: await world.keyOf(rights, scopes[scope]),
  });
  const general: Caller[] = [];
  for (const role of builtInRoles)
    for (const scope of ['tenant', 'hall'] as const) general.push(await callerOf(role.key, role.rights, scope));
  const byRight = new Map<Right, Caller[]>();
  for (const right of rightIds) {
    const exactly: Caller[] = [];
    for (const scope of ['tenant', 'region', 'hall'] as const)
      exactly.push(await callerOf(`exactly ${right}`, [right, ...seeing(right)], scope));
    byRight.set(right, exactly);
  }
  // A key must hold a right to exist: one that no route below needs stands for "none".
  const none: Caller = { name: 'no rights', rights: new Set(), scope: 'tenant', key: await world.keyOf([], 'tenant') };

  const guarded = cloud.routes.filter((route) => route.right !== 'public' && route.right !== 'self');
  t.test('each route has its entry, each entry its route, and each public route its reason', async (t) => {
    t.same(
      guarded.map(nameOf).filter((name) => !cases[name]),
      [],
      'routes without an entry in rights-matrix/cases.ts',
    );
    const known = new Set(guarded.map(nameOf));
    t.same(
      Object.keys(cases).filter((name) => !known.has(name)),
      [],
      'entries without a route',
    );
    const open = cloud.routes.filter((route) => route.right === 'public').map(nameOf);
    t.same(open.sort(), Object.keys(publicRoutes).sort(), 'public routes');
  });

  t.test('nobody: 401; a program is nobody’s self: 403', async (t) => {
    for (const route of cloud.routes.filter((one) => one.right !== 'public')) {
      t.equal((await call(route, own, null)).status, 401, nameOf(route));
      if (route.right === 'self') t.equal((await call(route, own, none.key)).status, 403, nameOf(route));
    }
  });

  for (const route of guarded) {
    const name = nameOf(route);
    const given = cases[name] ?? {};
    t.test(name, async (t) => {
      const callers = [none, ...general, ...(byRight.get(route.right as Right) ?? [])];
      const isGet = route.method === 'get';
      const wrong: string[] = [];
      let checked = 0;
      const combinations = callers.flatMap((caller) =>
        sitesFor(caller, route, world.sites).map((site) => ({ caller, site })),
      );
      const check = async ({ caller, site }: { caller: Caller; site: Site }): Promise<void> => {
        const { status, text } = await call(route, site, caller.key);
        const expected = expect({ route, given, caller, site });
        checked += 1;
        const ok = given.allowed ? isIn(given.allowed, status) : isGet ? status < 300 : works(status);
        const fits = expected === 'allowed' ? ok : isIn(expected, status);
        if (!fits) wrong.push(`${caller.name}, ${site.name}: ${status}, not ${expected}: ${text.slice(0, 160)}`);
        if (isGet && status === 200) wrong.push(...leaks(caller, given, { text, sites: world.sites }));
      };
      const next = async (): Promise<void> => {
        for (let one = combinations.shift(); one; one = combinations.shift()) await check(one);
      };
      await Promise.all(Array.from({ length: atOnce }, next));
      t.same([...new Set(wrong)], [], `${checked} combinations`);
    });
  }
});

/** What cannot be seen cannot be changed: the right to change is tried together with the one to see. */
const seeing = (right: Right): Right[] => {
  const [thing = ''] = right.split('.');
  const more: Readonly<Record<string, Right[]>> = {
    grant: ['user.read'],
    command: ['device.read'],
    device: ['unit.read'],
    review: ['vision.read'],
  };
  return [`${thing}.read` as Right, ...(more[thing] ?? [])].filter((one) => rightIds.includes(one));
};

const atOnce = 6;

/** Who lacks the right is refused before anything is looked at: one place is enough. */
const sitesFor = (caller: Caller, route: AnyRoute, sites: readonly Site[]): readonly Site[] => {
  if (!caller.rights.has(route.right)) return sites.slice(0, 1);
  if (caller.name.startsWith('exactly') || caller.scope !== 'tenant') return sites;
  return sites.filter((site) => site.name === 'own' || site.name === 'foreign');
};

const works = (status: number): boolean => status < 500 && !isIn([401, 403, 404, 429], status);

interface Combination {
  readonly route: AnyRoute;
  readonly given: RouteCase;
  readonly caller: Caller;
  readonly site: Site;
}

const expect = ({ route, given, caller, site }: Combination): 'allowed' | readonly number[] => {
  if (!caller.rights.has(route.right)) return [403];
  if (given.person) return [403];
  const names = route.path.includes('{') || given.body?.toString().includes('ids.');
  // A list, or a thing of the organisation: nothing in the request names a place.
  if (!names) {
    if (given.level === 'tenant' && caller.scope !== 'tenant') return [403, 404];
    return 'allowed';
  }
  if (given.level === 'anywhere' && !given.allowed) return 'allowed';
  if (site.name === 'foreign') {
    if (given.level === 'tenant' && caller.scope !== 'tenant') return [403, 404];
    return given.foreign ?? [404];
  }
  // Out of reach looks as another organisation's does, or is refused where it can be seen.
  return reaches(caller, site, given.level) ? 'allowed' : [403, 404, ...(given.foreign ?? [])];
};

/** Ids of what the caller must not see that stand in the answer. A region's own id and name may: it is the way to the hall. */
const leaks = (
  caller: Caller,
  given: RouteCase,
  found: { readonly text: string; readonly sites: readonly Site[] },
): string[] =>
  found.sites
    .filter((site) => site.name === 'foreign' || (given.level === undefined && !reaches(caller, site, 'hall')))
    .flatMap((site) =>
      Object.entries(site.ids)
        .filter(([name]) => site.name === 'foreign' || !['regionId', 'roleId'].includes(name))
        .filter(([, id]) => found.text.includes(id))
        .map(([name]) => `${caller.name} is shown ${name} of the ${site.name} hall`),
    );

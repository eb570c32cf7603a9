import { uuidv7 } from '@hallhub/shared';
import { sql } from 'drizzle-orm';
import t from 'tap';
import { isTransactionConflict, isUniqueViolation, retryOnConflict } from './conflicts.js';
import { type HasTeardown, startTestDatabase } from './testing.js';
import { together } from './together.js';
import { narrowToTenant, type Tx, withSystem, withTenant } from './transactions.js';

const a = { tenantId: uuidv7() };
const b = { tenantId: uuidv7() };

const prepare = async (t: HasTeardown) => {
  const database = await startTestDatabase(t);
  await database.ownerPool.query(`
    CREATE TABLE lamps (id uuid PRIMARY KEY, tenant_id uuid NOT NULL, name text NOT NULL, UNIQUE (tenant_id, id));
    CALL isolate_tenant('lamps');`);
  return database;
};

const add = (tx: Tx, tenantId: string, name: string) =>
  tx.execute(sql`INSERT INTO lamps VALUES (${uuidv7()}, ${tenantId}, ${name})`);

const names = async (tx: Tx): Promise<unknown[]> =>
  (await tx.execute(sql`SELECT name FROM lamps ORDER BY name`)).rows.map((row) => row.name);

t.test('row-level security keeps tenants apart', async (t) => {
  const database = await prepare(t);
  await withTenant(database, a, (tx) => add(tx, a.tenantId, 'a1'));
  await withTenant(database, b, (tx) => add(tx, b.tenantId, 'b1'));

  t.same(await withTenant(database, a, names), ['a1']);
  t.same(await withTenant(database, b, names), ['b1']);
  t.same(await withSystem(database, names), ['a1', 'b1']);
  await t.rejects(
    withTenant(database, a, (tx) => add(tx, b.tenantId, 'smuggled')),
    /row-level security/,
    'a row cannot be written into another tenant',
  );
  await withTenant(database, a, (tx) => tx.execute(sql`UPDATE lamps SET name = 'mine'`));
  t.same(await withTenant(database, b, names), ['b1'], 'an update reaches own rows only');
});

t.test('a query outside of a tenant sees nothing, and nothing leaks through a pooled connection', async (t) => {
  const database = await prepare(t);
  await withTenant(database, a, (tx) => add(tx, a.tenantId, 'a1'));
  for (let i = 0; i < 20; i++) {
    await withSystem(database, names);
    t.equal((await database.appPool.query('SELECT * FROM lamps')).rowCount, 0);
  }
  await t.rejects(database.appPool.query('DROP TABLE lamps'), /must be owner/);
  await t.rejects(
    withTenant(database, { tenantId: "'; DROP TABLE lamps; --" }, names),
    { code: 'bug' },
    'the tenant id is checked before it becomes SQL',
  );
});

t.test('a system transaction narrows to a tenant', async (t) => {
  const database = await prepare(t);
  await withTenant(database, a, (tx) => add(tx, a.tenantId, 'a1'));
  await withTenant(database, b, (tx) => add(tx, b.tenantId, 'b1'));
  const seen = await withSystem(database, async (tx) => {
    const all = await names(tx);
    await narrowToTenant(tx, b);
    return [all, await names(tx)];
  });
  t.same(seen, [['a1', 'b1'], ['b1']]);
});

t.test('a failed transaction leaves nothing, and its error is readable', async (t) => {
  const database = await prepare(t);
  const id = uuidv7();
  const insert = (tx: Tx) => tx.execute(sql`INSERT INTO lamps VALUES (${id}, ${a.tenantId}, 'twice')`);
  const failure = await withTenant(database, a, async (tx) => {
    await insert(tx);
    await insert(tx);
  }).catch((error: unknown) => error);
  t.ok(isUniqueViolation(failure));
  t.ok(isUniqueViolation(failure, 'lamps_pkey'));
  t.notOk(isUniqueViolation(failure, 'other'));
  t.same(await withTenant(database, a, names), []);
});

t.test('a deadlock is run again and both sides succeed', async (t) => {
  const database = await prepare(t);
  for (const name of ['one', 'two']) await withTenant(database, a, (tx) => add(tx, a.tenantId, name));
  const runs = { first: 0, second: 0 };
  let meet = 0;
  let open: () => void = () => undefined;
  const both = new Promise<void>((resolve) => {
    open = resolve;
  });
  const touch = (tx: Tx, name: string) => tx.execute(sql`UPDATE lamps SET name = name WHERE name = ${name}`);
  const cross = (who: keyof typeof runs, order: [string, string]) =>
    withTenant(database, a, async (tx) => {
      runs[who]++;
      await touch(tx, order[0]);
      if (++meet === 2) open();
      await both;
      await touch(tx, order[1]);
    });
  await Promise.all([cross('first', ['one', 'two']), cross('second', ['two', 'one'])]);
  // On a busy machine the one that is run again may meet the other once more.
  t.ok(runs.first + runs.second >= 3, 'one of the two was run again');
});

t.test('retry gives up after its attempts and never repeats other errors', async (t) => {
  let runs = 0;
  const conflict = Object.assign(new Error('deadlock detected'), { code: '40P01', severity: 'ERROR' });
  t.ok(isTransactionConflict(new Error('wrapped', { cause: conflict })));
  await t.rejects(
    retryOnConflict(
      async () => {
        runs++;
        throw conflict;
      },
      { attempts: 2 },
    ),
    /deadlock/,
  );
  t.equal(runs, 2);
  runs = 0;
  await t.rejects(
    retryOnConflict(async () => {
      runs++;
      throw new Error('other');
    }),
    /other/,
  );
  t.equal(runs, 1);
});

t.test('of what was asked at once the cause is told, not that the rest came to nothing', async (t) => {
  const database = await prepare(t);
  const id = uuidv7();
  const insert = (tx: Tx) => tx.execute(sql`INSERT INTO lamps VALUES (${id}, ${a.tenantId}, 'twice')`);
  await withTenant(database, a, insert);
  let isAsking = false;
  const slow = async (tx: Tx) => {
    isAsking = true;
    await tx.execute(sql`SELECT 1`);
    await tx.execute(sql`SELECT pg_sleep(0.05)`).finally(() => {
      isAsking = false;
    });
  };
  const error = await withTenant(database, a, (tx) => together([slow(tx), insert(tx)])).catch((one: unknown) => one);
  t.ok(isUniqueViolation(error), String(error));
  t.notOk(isAsking, 'and nothing is still under way');
});

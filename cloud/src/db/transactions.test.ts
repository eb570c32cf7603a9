import { uuidv7 } from '@hallhub/shared';
import { sql } from 'drizzle-orm';
import t from 'tap';
import { isTransactionConflict, isUniqueViolation, retryOnConflict } from './conflicts.js';
import { type HasTeardown, startTestDatabase } from './testing.js';
import { together } from './together.js';
import {
  afterCommit,
  askSystem,
  behindSavepoint,
  narrowToTenant,
  type Tx,
  untilCommit,
  withSystem,
  withTenant,
} from './transactions.js';

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

t.test('a write that nobody waits for is committed, or undoes the whole and is what is thrown', async (t) => {
  const database = await prepare(t);
  const told: string[] = [];
  const insert = 'INSERT INTO lamps VALUES ($1, $2, $3)';
  await withTenant(database, a, async (tx) => {
    afterCommit(tx, () => void told.push('first'));
    await untilCommit(tx, tx.$client.query(insert, [uuidv7(), a.tenantId, 'a1']));
  });
  t.same(await withTenant(database, a, names), ['a1']);

  const failing = (after: (tx: Tx) => Promise<unknown>) =>
    withTenant(database, a, async (tx) => {
      afterCommit(tx, () => void told.push('never'));
      await add(tx, a.tenantId, 'a2');
      await untilCommit(tx, tx.$client.query(insert, [null, a.tenantId, 'a3']));
      await after(tx);
    });
  await t.rejects(
    failing(async () => 'answered'),
    { code: '23502' },
  );
  await t.rejects(failing(names), { code: '23502' }, 'not what failed because of it');
  await t.rejects(
    failing(async () => {
      throw new RangeError('of its own');
    }),
    /of its own/,
  );
  t.same(await withTenant(database, a, names), ['a1']);
  t.same(told, ['first']);

  const conflict = `DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '40001'; END $$`;
  let runs = 0;
  await withTenant(database, a, async (tx) => {
    runs += 1;
    afterCommit(tx, () => void told.push('second'));
    await tx.$client.query('SAVEPOINT one');
    await untilCommit(tx, tx.$client.query(conflict));
    await t.rejects(tx.$client.query('RELEASE SAVEPOINT one'), { code: '25P02' });
    await tx.$client.query('ROLLBACK TO SAVEPOINT one');
    await add(tx, a.tenantId, 'a4');
  });
  t.same(
    await withTenant(database, a, names),
    ['a1', 'a4'],
    'what a savepoint has undone keeps nothing else from being committed',
  );
  t.same([runs, told], [1, ['first', 'second']], 'and what was committed is not done again');

  let tries = 0;
  await withTenant(database, a, async (tx) => {
    tries += 1;
    if (tries === 1) {
      await untilCommit(tx, tx.$client.query(conflict));
    }
  });
  t.equal(tries, 2, 'a conflict is one wherever it is met');
});

t.test('behind a savepoint what failed first is thrown, and what was to be told of it is forgotten', async (t) => {
  const database = await prepare(t);
  const told: string[] = [];
  const insert = 'INSERT INTO lamps VALUES ($1, $2, $3)';
  const unheard = (tx: Tx) => untilCommit(tx, tx.$client.query(insert, [null, a.tenantId, 'unheard']));
  await withTenant(database, a, async (tx) => {
    afterCommit(tx, () => void told.push('before'));
    const part = (work: () => Promise<unknown>) => behindSavepoint(tx, work);
    const lost = async (after: () => Promise<unknown>) => {
      afterCommit(tx, () => void told.push('lost'));
      await add(tx, a.tenantId, 'lost');
      await unheard(tx);
      await after();
    };
    await t.rejects(
      part(() => lost(() => names(tx))),
      { code: '23502' },
      'not that the transaction is broken',
    );
    await t.rejects(
      part(() => lost(async () => undefined)),
      { code: '23502' },
      'nor is it taken for done before the writes are',
    );
    await t.rejects(
      part(() =>
        lost(async () => {
          throw new RangeError('of its own');
        }),
      ),
      /of its own/,
    );
    await part(async () => {
      afterCommit(tx, () => void told.push('outer'));
      await add(tx, a.tenantId, 'outer');
      await t.rejects(
        part(() => lost(() => names(tx))),
        { code: '23502' },
      );
      await add(tx, a.tenantId, 'outer too');
    });
    const wrapped = await part(() => add(tx, 'no uuid', 'secret words')).catch((error: unknown) => error);
    t.match(wrapped, { code: '22P02' });
    t.notMatch(String(wrapped), /secret words/, 'without the parameters');
  });
  t.same(await withTenant(database, a, names), ['outer', 'outer too']);
  t.same(told, ['before', 'outer']);
  await t.rejects(
    withTenant(database, a, (tx) =>
      behindSavepoint(tx, async () => {
        await tx.execute(sql`SELECT pg_terminate_backend(pg_backend_pid())`);
      }),
    ),
    { code: '57P01' },
    'a connection that is gone is told as such',
  );
});

t.test('one question over all tenants needs no turn more than its own', async (t) => {
  const database = await prepare(t);
  await withTenant(database, a, (tx) => add(tx, a.tenantId, 'a1'));
  await withTenant(database, b, (tx) => add(tx, b.tenantId, 'b1'));
  const ask = (text: string) => askSystem<{ name: string }>(database, { text, values: [] });
  t.same(await ask('SELECT name FROM lamps ORDER BY name'), [{ name: 'a1' }, { name: 'b1' }]);
  await t.rejects(ask('SELECT nothing'), /nothing/);
  await t.rejects(ask(`DELETE FROM lamps`), { code: '25006' }, 'it changes nothing');
  for (let i = 0; i < 20; i++) await ask('SELECT name FROM lamps').then((rows) => t.equal(rows.length, 2));
  t.equal((await database.appPool.query('SELECT * FROM lamps')).rowCount, 0, 'the role goes with the transaction');
});

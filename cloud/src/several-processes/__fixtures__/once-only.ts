import { systemClock, uuidv7 } from '@hallhub/shared';
import type { Test } from 'tap';
import { addTestUnit, TestUnit, until } from '../../modules/streams/testing.js';
import type { TwoClouds } from './two-clouds.js';

/** What the clock brings about is done by one of them. */
export const onceOnly = async (t: Test, { broker, database, place }: TwoClouds): Promise<void> => {
  await t.test('silence is noticed once, an alarm raised once, a command sent once', async (t) => {
    const unit = await addTestUnit(database, place);
    const connected = await until(async () => TestUnit.connect(broker.url, unit).catch(() => undefined));
    await connected.meet();
    const commandId = uuidv7();
    await database.ownerPool.query(
      `INSERT INTO commands (id, tenant_id, hall_id, unit_id, name, input, state, issued_at, deadline_at, next_send_at, issued_by_name)
       VALUES ($1, $2, $3, $4, 'unit.restart', '{}', 'queued', now(), now() + interval '60 s', now(), 'test')`,
      [commandId, place.tenantId, place.hallId, unit.unitId],
    );
    const sent = () =>
      connected.inbox.filter(
        ({ body }) =>
          (body as { type?: string; id?: string }).type === 'command' && (body as { id: string }).id === commandId,
      );
    await until(async () => sent().length > 0);
    await systemClock.sleep(3_000);
    t.equal(sent().length, 1, 'by one of the two dispatchers, once');

    // As one that fell silent long ago: both processes look every 5 s, both have listened for less than they need to judge.
    await connected.close();
    await until(async () => {
      const { rows } = await database.ownerPool.query('SELECT presence FROM unit_links WHERE unit_id = $1', [
        unit.unitId,
      ]);
      return rows[0]?.presence === 'offline';
    });
    await database.ownerPool.query(
      `UPDATE unit_links SET presence = 'online', last_seen_at = now() - interval '10 minutes' WHERE unit_id = $1`,
      [unit.unitId],
    );
    const count = async (sql: string): Promise<number> =>
      Number((await database.ownerPool.query<{ n: string }>(sql, [unit.unitId])).rows[0]?.n);
    const offline = () =>
      count(
        `SELECT count(*) AS n FROM unit_presence_changes WHERE unit_id = $1 AND state = 'offline' AND reason = 'silent'`,
      );
    const alarms = () => count('SELECT coalesce(sum(occurrences), 0) AS n FROM alarms WHERE unit_id = $1');
    await until(async () => (await offline()) > 0, 120_000);
    await until(async () => (await alarms()) > 0);
    await systemClock.sleep(6_000);
    t.equal(await offline(), 1, 'one change');
    t.equal(await alarms(), 1, 'one alarm, raised once');
  });
};

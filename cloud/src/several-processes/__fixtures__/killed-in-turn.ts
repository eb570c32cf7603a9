import { systemClock, uuidv7 } from '@hallhub/shared';
import type { Test } from 'tap';
import { addTestUnit, TestStream, until } from '../../modules/streams/testing.js';
import { runStubbornUnit } from './stubborn-unit.js';
import type { TwoClouds } from './two-clouds.js';

/** Nothing that was acknowledged is lost, nothing is there twice. */
export const killedInTurn = async (t: Test, { a, b, broker, database, place }: TwoClouds): Promise<void> => {
  await t.test('kill -9 in turn, in the middle of batches', async (t) => {
    const units = await Promise.all(Array.from({ length: 6 }, () => addTestUnit(database, place)));
    const rowsEach = 6_000;
    const at = Date.now() - 60_000;
    const streams = units.map((unit) => {
      const stream = new TestStream(unit, 'live');
      const deviceId = uuidv7();
      for (let n = 1; n <= rowsEach; n++) stream.append({ kind: 'sample', at: at + n, deviceId, values: { n } });
      return stream;
    });
    const cursors = units.map(() => 0);
    const total = () => cursors.reduce((sum, one) => sum + one, 0);
    const sending = Promise.all(
      units.map((unit, i) =>
        runStubbornUnit(() => broker.url, unit, streams[i]!, {
          batch: 100,
          onAck: (cursor) => void cursors.splice(i, 1, cursor),
        }),
      ),
    );
    let kills = 0;
    const disturb = async (): Promise<void> => {
      for (const share of [0.1, 0.25, 0.4, 0.55, 0.7]) {
        await until(async () => total() >= share * rowsEach * units.length, 120_000);
        await systemClock.sleep(Math.random() * 40);
        if (share === 0.4) {
          await broker.kill();
          await broker.start();
        } else {
          const victim = kills % 2 === 0 ? a : b;
          await victim.kill();
          await victim.start();
        }
        kills++;
      }
    };
    await Promise.all([sending, disturb()]);
    t.equal(kills, 5);
    t.same(
      cursors,
      units.map(() => rowsEach),
    );
    const { rows } = await database.ownerPool.query<{ unit: string; rows: string; distinct: string; hi: number }>(
      `SELECT p.device_id AS unit, count(*) AS rows, count(DISTINCT s.number) AS distinct, max(s.number) AS hi
       FROM telemetry_samples s JOIN telemetry_points p ON p.id = s.point_id GROUP BY p.device_id`,
    );
    t.equal(rows.length, units.length);
    for (const row of rows) t.match(row, { rows: String(rowsEach), distinct: String(rowsEach), hi: rowsEach });
    const { rows: chains } = await database.ownerPool.query<{ unit_id: string; chain: Buffer }>(
      'SELECT unit_id, chain FROM streams WHERE unit_id = ANY($1)',
      [units.map(({ unitId }) => unitId)],
    );
    for (const { unit_id, chain } of chains) {
      const i = units.findIndex(({ unitId }) => unitId === unit_id);
      t.equal(chain.toString('hex'), streams[i]!.chainAt(rowsEach), 'both ends chained the same rows');
    }
    const { rows: seals } = await database.ownerPool.query<{ count: string }>(
      'SELECT sum(cloud_count) AS count FROM seals WHERE unit_id = ANY($1)',
      [units.map(({ unitId }) => unitId)],
    );
    t.equal(seals[0]?.count, String(rowsEach * units.length));
  });
};

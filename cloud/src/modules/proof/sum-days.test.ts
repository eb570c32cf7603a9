import { createHash } from 'node:crypto';
import fc from 'fast-check';
import t from 'tap';
import { withSystem } from '../../db/index.js';
import { startTestDatabase } from '../../db/testing.js';
import { addTestHall } from '../streams/testing.js';
import { readDays } from './read-days.js';
import { sumDays } from './sum-days.js';

t.setTimeout(180_000);

const fates = [
  'equal',
  'equal',
  'equal',
  'content',
  'short',
  'unsealed',
  'away',
  'aside',
  'thinned',
  'shifted',
] as const;
type Fate = (typeof fates)[number];

const hourMs = 3_600_000;
const perHour = 10;

t.test('summed by the database a day comes to what its hours come to, whatever became of them', async (t) => {
  const db = await startTestDatabase(t);
  const { tenantId, hallId, unitId } = await addTestHall(db);
  const units = [{ unitId, unitName: 'u', hallId, hallName: 'h', timeZone: 'Asia/Shanghai' }];
  const of = { tenantId, units, from: '2026-03-01', to: '2026-03-04' };
  const fromMs = Date.parse('2026-03-01T00:00:00+08:00');
  const chain = (text: string) => createHash('sha256').update(text).digest();

  const write = (hours: readonly Fate[], closed: boolean, cursor: number) =>
    withSystem(db, async ({ $client }) => {
      for (const table of ['seals', 'streams', 'aside_rows', 'stream_gaps'])
        await $client.query(`DELETE FROM ${table}`);
      await $client.query(
        `INSERT INTO streams (tenant_id, unit_id, lane, epoch, cursor, chain, closed_at)
         VALUES ($1, $2, 'live', '00000000000000a1', $3, $4, $5)`,
        [tenantId, unitId, cursor, chain('end'), closed ? new Date(fromMs) : null],
      );
      for (const [i, fate] of hours.entries()) {
        const [first, last] = [i * perHour + 1, (i + 1) * perHour];
        const here = fate === 'away' ? null : chain(fate === 'content' ? `other ${i}` : `${i}`);
        const there = fate === 'unsealed' ? null : chain(`${i}`);
        const count = fate === 'short' || fate === 'thinned' ? perHour - 2 : perHour;
        await $client.query(
          `INSERT INTO seals (tenant_id, unit_id, lane, epoch, hour, cloud_first, cloud_last, cloud_count, cloud_chain,
             unit_first, unit_last, unit_count, unit_chain, delay_max_ms)
           VALUES ($1, $2, 'live', '00000000000000a1', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
          [
            ...[tenantId, unitId, new Date(fromMs + i * 5 * hourMs)],
            ...(here ? [fate === 'shifted' ? first + 1 : first, last, count, here] : [null, null, null, null]),
            ...(there ? [first, last, perHour, there] : [null, null, null, null]),
            here ? i * 100 : null,
          ],
        );
        if (fate === 'aside') {
          await $client.query(
            `INSERT INTO aside_rows (tenant_id, unit_id, lane, epoch, seq, received_at, kind, reason, detail, bytes)
             VALUES ($1, $2, 'live', '00000000000000a1', $3, $4, 'sample', 'unreadable', '', '')`,
            [tenantId, unitId, first + 3, new Date(fromMs)],
          );
        }
        if (fate === 'thinned') {
          await $client.query(
            `INSERT INTO stream_gaps (tenant_id, unit_id, lane, epoch, seq, source, reason, from_seq, to_seq, missing, at, received_at)
             VALUES ($1, $2, 'live', '00000000000000a1', $3, 'batch', 'thinned', $3, $4, 2, $5, $5)`,
            [tenantId, unitId, last - 1, last, new Date(fromMs + i * 5 * hourMs)],
          );
        }
      }
    });

  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...fates), { maxLength: 18 }),
      fc.boolean(),
      fc.integer({ min: 0, max: 200 }),
      async (hours, closed, cursor) => {
        await write(hours, closed, cursor);
        await withSystem(db, async (tx) => {
          const whole = (await readDays(tx, of)).get(unitId) ?? [];
          const sums = (await sumDays(tx, of)).get(unitId);
          t.strictSame(
            sums,
            whole.map(({ day, verdict, figures }) => ({ day, verdict, figures })),
            hours.join(' '),
          );
        });
      },
    ),
    { numRuns: 60 },
  );
});

import { ManualClock, uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { withSystem } from '../../db/index.js';
import { startTestDatabase } from '../../db/testing.js';
import { sweepStreams } from './sweep-streams.js';
import { addTestHall } from './testing.js';

t.setTimeout(300_000);

const dayMs = 86_400_000;
const nowMs = Date.UTC(2030, 0, 1);
const ago = (days: number) => new Date(nowMs - days * dayMs);

t.test('what is past its time goes with what hangs on it; what is within, or not finished, stays', async (t) => {
  const db = await startTestDatabase(t);
  const hall = await addTestHall(db);
  const { tenantId, unitId, hallId } = hall;
  const rows = async (text: string) =>
    withSystem(db, async (tx) => (await tx.$client.query<{ name: string }>(text)).rows.map(({ name }) => name));
  const run = (text: string, values: unknown[]) => withSystem(db, (tx) => tx.$client.query(text, values));

  const batches = { old: uuidv7(), kept: uuidv7() };
  for (const id of Object.values(batches)) {
    await run(
      `INSERT INTO command_batches (id, tenant_id, name, input, issued_by_name, issued_at, deadline_at, skipped)
       VALUES ($1, $2, $3, '{}', 'o', $4, $4, '[]')`,
      [id, tenantId, id === batches.old ? 'old' : 'kept', ago(500)],
    );
  }
  const command = async (name: string, finished: Date | null, batch: string | null = null) => {
    const id = uuidv7();
    await run(
      `INSERT INTO commands (id, tenant_id, unit_id, hall_id, name, input, state, issued_by_name, issued_at, deadline_at, finished_at, batch_id)
       VALUES ($1, $2, $3, $4, $5, '{}', $6, 'o', $7, $7, $8, $9)`,
      [id, tenantId, unitId, hallId, name, finished ? 'succeeded' : 'running', ago(900), finished, batch],
    );
    await run(
      `INSERT INTO command_steps (tenant_id, command_id, id, state, source, at, received_at) VALUES ($1, $2, $3, 'queued', 'cloud', $4, $4)`,
      [tenantId, id, uuidv7(), ago(900)],
    );
  };
  await command('past', ago(401), batches.old);
  await command('within', ago(399), batches.kept);
  await command('never finished', null);
  // More than one chunk, with one that is kept among them.
  await run(
    `INSERT INTO commands (id, tenant_id, unit_id, hall_id, name, input, state, issued_by_name, issued_at, deadline_at, finished_at)
     SELECT gen_random_uuid(), $1, $2, $3, 'many', '{}', 'succeeded', 'o', $4, $4, $4 FROM generate_series(1, 4500)`,
    [tenantId, unitId, hallId, ago(450)],
  );

  const alarm = async (key: string, cleared: Date | null) => {
    const id = uuidv7();
    await run(
      `INSERT INTO alarms (id, tenant_id, hall_id, unit_id, rule_key, rule, severity, message, raised_at, last_at, cleared_at)
       VALUES ($1, $2, $3, $4, $5, '{}', 'warning', '{"zh":"高"}', $6, $6, $7)`,
      [id, tenantId, hallId, unitId, key, ago(1_000), cleared],
    );
    await run(`INSERT INTO alarm_steps (tenant_id, alarm_id, id, step, at) VALUES ($1, $2, $3, 'raised', $4)`, [
      ...[tenantId, id, uuidv7(), ago(1_000)],
    ]);
  };
  await alarm('past', ago(732));
  await alarm('within', ago(730));
  await alarm('still open', null);

  const stream = (epoch: number, closed: Date | null) =>
    run(
      `INSERT INTO streams (tenant_id, unit_id, lane, epoch, chain, closed_at, created_at)
       VALUES ($1, $2, 'live', lpad($3::text, 16, '0'), sha256(''), $4, $5)`,
      [tenantId, unitId, epoch, closed, ago(1_000)],
    );
  await stream(1, ago(801));
  await stream(2, ago(799));
  await stream(3, null);

  for (const days of [399, 401]) {
    await run(
      `INSERT INTO seals (tenant_id, unit_id, lane, epoch, hour) VALUES ($1, $2, 'live', lpad('9', 16, '0'), date_trunc('hour', $3::timestamptz))`,
      [tenantId, unitId, ago(days)],
    );
  }

  const removed = await sweepStreams(db, new ManualClock(nowMs));
  t.match(removed, { commands: 4_501, command_batches: 1, alarms: 1, streams: 1, seals: 1 });
  t.same(await rows('SELECT name FROM commands ORDER BY name'), ['never finished', 'within']);
  t.same(await rows('SELECT c.name FROM command_steps s LEFT JOIN commands c ON c.id = s.command_id ORDER BY 1'), [
    ...['never finished', 'within'],
  ]);
  t.same(await rows('SELECT name FROM command_batches'), ['kept']);
  t.same(await rows('SELECT rule_key AS name FROM alarms ORDER BY 1'), ['still open', 'within']);
  t.same(await rows('SELECT count(*)::text AS name FROM alarm_steps'), ['2']);
  t.same(await rows('SELECT right(epoch, 1) AS name FROM streams ORDER BY 1'), ['2', '3']);
  t.same(
    Object.values(await sweepStreams(db, new ManualClock(nowMs))).reduce((sum, one) => sum + one, 0),
    0,
  );
});

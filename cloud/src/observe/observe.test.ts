import { spawnSync } from 'node:child_process';
import { ManualClock, systemClock } from '@hallhub/shared';
import pino from 'pino';
import t from 'tap';
import { withSystem } from '../db/index.js';
import { startTestDatabase } from '../db/testing.js';
import { MetricsRegistry } from '../http/metrics.js';
import { addTestCertificate, openTestPki } from '../modules/pki/testing.js';
import { addTestHall, addTestUnit } from '../modules/streams/testing.js';
import { installationMetrics } from './installation-metrics.js';
import { processMetrics } from './process-metrics.js';

t.test('the installation and the process as Prometheus reads them', async (t) => {
  const db = await startTestDatabase(t);
  const metrics = new MetricsRegistry();
  processMetrics(metrics, { db, version: '1.2.3' });
  installationMetrics(metrics, { db, clock: systemClock, log: pino({ level: 'silent' }) });
  const text = await metrics.render();
  t.match(text, /^hallhub_cloud_info\{version="1\.2\.3"\} 1$/m);
  t.match(text, /^hallhub_units\{presence="online"\} 0$/m);
  t.match(text, /^hallhub_alarms_open\{severity="critical"\} 0$/m);
  t.match(text, /^hallhub_seals_unequal 0$/m);
  t.match(text, /^hallhub_audit_chains_broken 0$/m);
  t.match(text, /^hallhub_unit_certificates_ending 0$/m);
  t.match(text, /^hallhub_database_bytes [1-9]\d+$/m);
  t.match(text, /^hallhub_database_connections \d+$/m);
  t.notMatch(text, /^hallhub_runway_min_seconds \d/m, 'nobody has one: no figure');
  const promtool = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  if (!promtool.error) t.notMatch(promtool.stderr, /hallhub_/, promtool.stderr);
});

t.test('units whose last certificate ends soon are counted, the others not', async (t) => {
  const db = await startTestDatabase(t);
  const clock = new ManualClock(Date.now());
  const metrics = new MetricsRegistry();
  installationMetrics(metrics, { db, clock, log: pino({ level: 'silent' }) });
  const ending = async (): Promise<string | undefined> => {
    await clock.advance(60_000);
    return /^hallhub_unit_certificates_ending (\d+)$/m.exec(await metrics.render())?.[1];
  };
  const pki = await openTestPki(t, db);
  const hall = await addTestHall(db);
  const units = [hall, ...(await Promise.all([1, 2].map(() => addTestUnit(db, hall))))];
  for (const { unitId } of units) await addTestCertificate(t, db, unitId, { pki, nowMs: Date.now() });
  t.equal(await ending(), '0', 'fresh ones last 90 days');
  const write = (sql: string, values: unknown[]) => withSystem(db, (tx) => tx.$client.query(sql, values));
  const endsIn = (unitId: string, days: number) =>
    write(`UPDATE unit_certificates SET not_after = now() + $2 * interval '1 day' WHERE unit_id = $1`, [unitId, days]);
  await endsIn(units[0]!.unitId, 13);
  await endsIn(units[1]!.unitId, -1);
  await endsIn(units[2]!.unitId, 15);
  t.equal(await ending(), '2');
  await addTestCertificate(t, db, units[0]!.unitId, { pki, nowMs: Date.now() });
  t.equal(await ending(), '1', 'it has renewed');
  await write('UPDATE units SET archived_at = now() WHERE id = $1', [units[1]!.unitId]);
  t.equal(await ending(), '0', 'it is out of service');
});

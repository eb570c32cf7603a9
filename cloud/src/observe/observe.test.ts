import { spawnSync } from 'node:child_process';
import { systemClock } from '@hallhub/shared';
import pino from 'pino';
import t from 'tap';
import { startTestDatabase } from '../db/testing.js';
import { MetricsRegistry } from '../http/metrics.js';
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
  t.match(text, /^hallhub_database_bytes [1-9]\d+$/m);
  t.match(text, /^hallhub_database_connections \d+$/m);
  t.notMatch(text, /^hallhub_runway_min_seconds \d/m, 'nobody has one: no figure');
  const promtool = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  if (!promtool.error) t.notMatch(promtool.stderr, /hallhub_/, promtool.stderr);
});

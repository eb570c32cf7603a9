import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '@hallhub/shared';
import t, { type Test } from 'tap';
import { Agent } from '../agent.js';
import { metricsConfigSchema } from './metrics-config.js';
import { openMetricsServer } from './metrics-server.js';
import { unitMetrics } from './unit-metrics.js';

const startAgent = async (t: Test): Promise<Agent> => {
  const dataDir = t.testdir({ 'edge.yaml': '' });
  writeFileSync(
    path.join(dataDir, 'edge.yaml'),
    'version: 1\nname: 一号厅\nbroker: { host: 127.0.0.1, port: 0 }\nmetrics: { port: 0 }\n',
  );
  const agent = new Agent({ dataDir, clock: systemClock, software: '0.1.0', adapterFactories: [], logSink: () => {} });
  await agent.start();
  t.teardown(() => agent.stop());
  return agent;
};

t.test('what a unit tells Prometheus', async (t) => {
  const agent = await startAgent(t);
  const text = await unitMetrics(agent).render();
  t.match(text, /^hallhub_unit_info\{unit="",name="一号厅",version="0\.1\.0"\} 1$/m);
  t.match(text, /^hallhub_uplink_state\{state="disabled"\} 1$/m);
  t.match(text, /^hallhub_outbox_pending_rows\{lane="backlog"\} 0$/m);
  t.match(text, /^hallhub_unit_disk_free_bytes \d+/m);
  t.notMatch(text, /^hallhub_unit_runway_seconds [\d.]+$/m, 'not known yet is no figure');
  t.match(text, /^nodejs_eventloop_lag_p99_seconds /m);
  const promtool = spawnSync('promtool', ['check', 'metrics'], { input: text, encoding: 'utf8' });
  if (!promtool.error) t.notMatch(promtool.stderr, /hallhub_/, promtool.stderr);
});

t.test('served with a token, and nothing but that', async (t) => {
  const agent = await startAgent(t);
  const server = await openMetricsServer(agent, { host: '127.0.0.1', port: 0, token: 'a-token-of-length' });
  t.teardown(() => server.close());
  t.equal((await fetch(server.url)).status, 401);
  t.equal((await fetch(server.url, { headers: { authorization: 'Bearer a-token-of-lengthX' } })).status, 401);
  const answer = await fetch(server.url, { headers: { authorization: 'Bearer a-token-of-length' } });
  t.equal(answer.status, 200);
  t.match(answer.headers.get('content-type'), /text\/plain; version=0\.0\.4/);
  t.match(await answer.text(), /hallhub_unit_info/);
  t.equal((await fetch(server.url.replace('/metrics', '/'))).status, 404);
  t.equal((await fetch(server.url, { method: 'POST' })).status, 405);
  await t.rejects(openMetricsServer(agent, { host: '127.0.0.1', port: Number(new URL(server.url).port) }), {
    code: 'configuration',
    hint: /metrics\.port/,
  });
});

t.test('an error of the listener is no end of the agent', async (t) => {
  const { Server } = await import('node:http');
  const emitted: InstanceType<typeof Server>[] = [];
  const listen = Server.prototype.listen;
  t.intercept(Server.prototype, 'listen', {
    value(this: InstanceType<typeof Server>, ...args: unknown[]) {
      emitted.push(this);
      return Reflect.apply(listen, this, args);
    },
  });
  const server = await openMetricsServer(await startAgent(t), { host: '127.0.0.1', port: 0 });
  t.teardown(() => server.close());
  const own = emitted.find(({ listening }) => listening);
  t.doesNotThrow(() => {
    own?.emit('error', new Error('EMFILE'));
    own?.emit('error', new Error('EMFILE'));
  });
});

t.test('no token, no listening for others', async (t) => {
  t.equal(metricsConfigSchema.safeParse({ host: '0.0.0.0' }).success, false);
  t.equal(metricsConfigSchema.safeParse({ host: '0.0.0.0', token: 'sixteen-letters!' }).success, true);
  t.strictSame(metricsConfigSchema.parse({}), { host: '127.0.0.1', port: 9_464 });
});

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { systemClock } from '@hallhub/shared';
import t, { type Test } from 'tap';
import { until } from './__fixtures__/until.js';
import { Agent, type AgentOptions } from './agent.js';
import { LocalClient } from './cli/local-client.js';
import { TestGateway, testUnitId } from './identity/__fixtures__/test-gateway.js';
import { identityStatus } from './status/identity-status.js';

const folder = (test: Test): string => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'hub-agent-enrol-'));
  test.teardown(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(path.join(dir, 'edge.yaml'), 'version: 1\nbroker: { host: 127.0.0.1, port: 0 }\n');
  return dir;
};
const start = async (test: Test, dataDir: string, more: Partial<AgentOptions> = {}): Promise<Agent> => {
  const agent = new Agent({
    ...{ dataDir, clock: systemClock, software: 'test', adapterFactories: [], logSink: () => {} },
    ...more,
  });
  test.teardown(() => agent.stop());
  await agent.start();
  return agent;
};
const call = async (agent: Agent, code: string, cloud: string, more: { anew?: boolean } = {}) => {
  using client = await LocalClient.open(agent.localApi.socketPath ?? '', agent.options.dataDir);
  return await client.call('enrol', { code, cloud, ...more });
};

t.test('a hall without a line opens, and is enrolled by its flag when the cloud can be reached', async (t) => {
  const gateway = await TestGateway.open();
  t.teardown(() => gateway[Symbol.asyncDispose]());
  let open = false;
  const line = net.createServer((socket) => {
    if (!open) {
      socket.destroy();
      return;
    }
    const through = net.connect(Number(gateway.url.port), '127.0.0.1');
    for (const end of [socket, through]) end.on('error', () => end.destroy());
    socket.pipe(through).pipe(socket);
  });
  await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve));
  t.teardown(() => line.close());
  const { port } = line.address() as net.AddressInfo;
  const dataDir = folder(t);
  const agent = await start(t, dataDir, { enrol: { code: gateway.code, cloud: `127.0.0.1:${port}` } });
  t.ok(agent.broker, 'the hall is open');
  t.match(agent.uplinkStatus(), { state: 'disabled', reason: /hub enrol CODE/ });
  open = true;
  await until(() => agent.identity.identity !== undefined, 'the identity');
  t.match(agent.credential, { unitId: testUnitId });
  await until(() => agent.uplinkStatus().url === 'mqtts://127.0.0.1:1', 'the uplink by certificate');
});

t.test(
  'through the local line: what is wrong is told, one at a time, and a replacement restarts the agent',
  async (t) => {
    const gateway = await TestGateway.open();
    t.teardown(() => gateway[Symbol.asyncDispose]());
    let restarts = 0;
    const dataDir = folder(t);
    const agent = await start(t, dataDir, {
      onRestart: () => {
        restarts++;
      },
    });
    const { href } = gateway.url;
    await t.rejects(call(agent, 'ABCD', href), { code: 'invalid_input', message: /typing error/ });
    await t.rejects(call(agent, gateway.makeCode(), href), { code: 'not_found' });
    const both = await Promise.allSettled([call(agent, gateway.code, href), call(agent, gateway.code, href)]);
    t.same(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    t.equal(JSON.parse(readFileSync(path.join(dataDir, 'unit.json'), 'utf8')).unitId, testUnitId);
    t.equal(restarts, 0);
    const again = await call(agent, gateway.code, href);
    t.ok((again.since ?? 0) > 0, 'the same code once more');
    t.match(identityStatus(agent), { enrolledAs: { hallName: '厅' } });
    t.equal(restarts, 0);
    gateway.replacement = true;
    gateway.snapshot = Buffer.from('x');
    gateway.code = gateway.makeCode();
    await t.rejects(call(agent, gateway.code, href), { code: 'conflict', message: /enrolled already as/ });
    t.match(await call(agent, gateway.code, href, { anew: true }), { replacement: true, snapshot: 'fetched' });
    await until(() => restarts === 1, 'the restart');
  },
);

t.test('stopped while it enrols with somebody who never answers', async (t) => {
  const silent = net.createServer((socket) => void socket.on('error', () => {}));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  t.teardown(() => void silent.close());
  let dialled = 0;
  silent.on('connection', (socket) => {
    dialled++;
    t.teardown(() => void socket.destroy());
  });
  const gateway = await TestGateway.open();
  t.teardown(() => gateway[Symbol.asyncDispose]());
  const { port } = silent.address() as net.AddressInfo;
  const agent = await start(t, folder(t), { enrol: { code: gateway.code, cloud: `127.0.0.1:${port}` } });
  await until(() => dialled > 0, 'the attempt');
  const begun = Date.now();
  await agent.stop();
  t.ok(Date.now() - begun < 30_000, `${Date.now() - begun} ms`);
});

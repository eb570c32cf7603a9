import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { systemClock } from '@hallhub/shared';
import t, { type Test } from 'tap';
import { mappedMqttAdapterFactory } from './adapters/mqtt/index.js';
import { Agent } from './agent.js';
import type { Stranger } from './devices/index.js';

const claim = 'c'.repeat(43);

const start = async (test: Test, join: string, mqtt = '') => {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'hub-impostor-'));
  writeFileSync(
    path.join(dataDir, 'edge.yaml'),
    `version: 1\nbroker: { host: 127.0.0.1, port: 0 }\njoin: ${join}\n${mqtt}`,
  );
  const factories = [mappedMqttAdapterFactory];
  const agent = new Agent({
    ...{ dataDir, clock: systemClock, software: '0.1.0', adapterFactories: factories },
    logSink: () => {},
  });
  await agent.start();
  test.teardown(async () => {
    await agent.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const ask = async (request: object) => {
    const replies: object[] = [];
    const stranger: Stranger = { clientId: 's', address: '192.0.2.9', reply: (reply) => void replies.push(reply) };
    await agent.join.handle(stranger, Buffer.from(JSON.stringify({ v: 1, claim, ...request })));
    return replies[0];
  };
  return { agent, ask };
};

const windowOpen = `{ policy: window, until: ${new Date(Date.now() + 3_600_000).toISOString()} }`;

t.test('a stranger that says it is a device of another maker gets no credential of it', async (t) => {
  const device = 'mqtt: { devices: [{ profile: tasmota/plug-am2301, name: lobby }] }\n';
  const { agent, ask } = await start(t, windowOpen, device);
  const [mapped] = agent.registry.list();
  if (!mapped) throw new Error('not registered');
  t.match(mapped, { state: 'active', adapterId: 'mqtt-mapped', address: 'tasmota/plug-am2301#lobby' });
  const { vendor, model, serial } = mapped.identity;
  t.match(await ask({ vendor, model, serial }), { status: 'refused', reason: 'claim_mismatch' });
  const after = agent.registry.get(mapped.deviceId);
  t.equal(after?.address, mapped.address, 'and moves it nowhere');
  t.match(agent.registry.record(mapped.deviceId), { secretHash: null, claimHash: null });
  t.match(agent.registry.record(mapped.deviceId)?.conflict, /came from 192\.0\.2\.9/);
});

t.test('a message on another maker’s topics moves no device that joined by itself', async (t) => {
  const { agent, ask } = await start(t, windowOpen);
  const identity = { vendor: 'hallhub', model: 'qm-200', serial: 'QM1' };
  t.match(await ask(identity), { status: 'accepted' });
  const [native] = agent.registry.list();
  await agent.desk.found('mqtt-mapped', 'mqtt', { address: 'x/y#QM1', identity, certainty: 'likely' });
  t.match(agent.registry.get(native?.deviceId ?? ''), { adapterId: 'mqtt', address: '192.0.2.9' });
});

t.test('an open window lets in a hall, not a flood', async (t) => {
  const { agent, ask } = await start(t, windowOpen);
  const join = (serial: string) => ask({ vendor: 'hallhub', model: 'qm-200', serial });
  let last: object | undefined;
  for (let from = 0; from < 2_100; from += 100) {
    const some = await Promise.all(Array.from({ length: 100 }, (_, index) => join(`F${from + index}`)));
    last = some.at(-1);
  }
  t.match(last, { status: 'refused', reason: 'too_many' });
  t.ok(agent.registry.size < 2_100);
  t.match(await join('F1'), { status: 'accepted' }, 'who is in already is served');
});

t.test('what adapters notice fills the registry no more than strangers do', async (t) => {
  const { agent } = await start(t, '{ policy: approve }');
  const found = (serial: string) =>
    agent.desk.found('mqtt-mapped', 'mqtt', {
      address: `tasmota/plug-am2301#${serial}`,
      identity: { vendor: 'tasmota', model: 'plug-am2301', serial },
      profileId: 'tasmota/plug-am2301',
      certainty: 'likely',
    });
  for (let from = 0; from < 600; from += 50)
    await Promise.all(Array.from({ length: 50 }, (_, index) => found(`N${from + index}`)));
  t.equal(agent.registry.count('quarantined'), 500);
  t.ok(await found('N1'), 'who is known is known');
});

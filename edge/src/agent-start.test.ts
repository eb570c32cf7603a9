import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { systemClock, uuidv7 } from '@hallhub/shared';
import t from 'tap';
import { z } from 'zod';
import { until } from './__fixtures__/until.js';
import { Agent } from './agent.js';
import { type AdapterFactory, type AdapterHost, defineAdapter } from './ports/index.js';

const identity = { vendor: 'tasmota', model: 'plug-am2301', serial: 'B1' };

t.test('what was queued before a restart runs after it, and nobody is heard before the adapters listen', async (t) => {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'hub-start-'));
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }));
  writeFileSync(
    path.join(dataDir, 'edge.yaml'),
    'version: 1\nbroker: { host: 127.0.0.1, port: 0 }\nmodbus: { id: bus }\n',
  );
  const ran: string[] = [];
  const brokerWas: unknown[] = [];
  let host: AdapterHost | undefined;
  let hang = true;
  let agent: Agent | undefined;
  const factory: AdapterFactory = defineAdapter({
    protocol: 'modbus',
    section: 'modbus',
    configSchema: z.strictObject({ id: z.string() }),
    idOf: ({ id }) => id,
    create: ({ id }, its) => {
      host = its;
      return {
        id,
        protocol: 'modbus',
        start: async () => void brokerWas.push(agent?.broker),
        stop: () => Promise.resolve(),
        status: () => ({ state: 'running', since: 0 }),
        attach: () => {},
        detach: () => {},
        async *discover() {},
        execute: () => Promise.resolve(undefined),
        read: async (deviceId) => ({ deviceId, values: {} }),
        write: async (_deviceId, values, signal) => {
          ran.push(Object.keys(values).join());
          if (hang) await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
        },
      };
    },
  });
  const start = async () => {
    agent = new Agent({
      dataDir,
      clock: systemClock,
      software: '0.1.0',
      adapterFactories: [factory],
      logSink: () => {},
    });
    await agent.start();
    return agent;
  };
  const first = await start();
  const found = {
    address: '1',
    identity,
    profileId: 'tasmota/plug-am2301',
    certainty: 'certain',
    configured: true,
  } as const;
  const device = await host?.found(found);
  const deviceId = device?.deviceId ?? '';
  const heard = () => host?.presence({ deviceId, check: 'poll', ok: true, reason: 'poll_ok' });
  heard();
  const command = { origin: 'local', deviceId, name: 'property.write', remainingMs: 60_000 } as const;
  const [running, queued] = [uuidv7(), uuidv7()];
  await first.runner.submit({ ...command, commandId: running, input: { values: { power: true } } });
  await first.runner.submit({ ...command, commandId: queued, input: { values: { power: false } } });
  await until(() => ran.length === 1, 'the first to run');
  await first.stop();
  hang = false;
  const second = await start();
  t.teardown(() => second.stop());
  t.match(second.inbox.get(queued), { state: 'received' }, 'it waits for its device');
  heard();
  await until(() => !['received', 'running'].includes(second.inbox.get(queued)?.state ?? ''), 'the second to be over');
  t.match(second.inbox.get(running), { state: 'unknown' });
  t.match(second.inbox.get(queued), { state: 'succeeded', errorCode: null });
  t.equal(ran.length, 2);
  t.same(brokerWas, [undefined, undefined], 'no device is let in before the adapters listen');
});

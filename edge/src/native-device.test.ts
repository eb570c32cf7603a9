import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { type Clock, systemClock } from '@hallhub/shared';
import type { JoinReply } from '@hallhub/shared/wire';
import fc from 'fast-check';
import mqtt, { type MqttClient } from 'mqtt';
import mqttPacket from 'mqtt-packet';
import t, { type Test } from 'tap';
import { heldBytes } from './__fixtures__/held-bytes.js';
import { until } from './__fixtures__/until.js';
import { Agent } from './agent.js';
import { credentialRotation, device } from './store/schema.js';

const claim = 'c'.repeat(43);
const queueMachine = { v: 1, vendor: 'hallhub', model: 'qm-200', serial: 'QM1', firmware: '1.4.2', claim };
type Login = { username: string; password: string };

/** A unit whose wall clock can be moved on. */
const start = async (test: Test) => {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'hub-native-'));
  const windowEnd = new Date(Date.now() + 86_400_000 * 3).toISOString();
  writeFileSync(
    path.join(dataDir, 'edge.yaml'),
    `version: 1\nbroker: { host: 127.0.0.1, port: 0 }\njoin: { policy: window, until: ${windowEnd} }\n`,
  );
  let offsetMs = 0;
  const clock: Clock = {
    now: () => Date.now() + offsetMs,
    monotonicMs: () => systemClock.monotonicMs(),
    setTimeout: (callback, delayMs) => systemClock.setTimeout(callback, delayMs),
    sleep: (delayMs, signal) => systemClock.sleep(delayMs, signal),
  };
  const agent = new Agent({ dataDir, clock, software: '0.1.0', adapterFactories: [], logSink: () => {} });
  await agent.start();
  test.teardown(async () => {
    await agent.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  const dial = (options: mqtt.IClientOptions): Promise<MqttClient> =>
    new Promise((resolve, reject) => {
      const client = mqtt.connect(agent.mqttUrl ?? '', { reconnectPeriod: 0, ...options });
      test.teardown(() => client.end(true));
      client.once('connect', () => resolve(client));
      client.once('error', reject);
    });
  const join = async (request: object = queueMachine): Promise<JoinReply> => {
    const client = await dial({ clientId: 'qm', username: 'join' });
    const replies: JoinReply[] = [];
    client.on('message', (_topic, payload) => replies.push(JSON.parse(payload.toString())));
    await client.subscribeAsync('hh/1/join/qm/reply', { qos: 1 });
    await client.publishAsync('hh/1/join/qm', JSON.stringify(request), { qos: 1 });
    const reply = await until<JoinReply>(() => replies[0], 'an answer');
    await client.endAsync();
    return reply;
  };
  const credentialOf = (reply: JoinReply): Login => {
    if (reply.status !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(reply)}`);
    return { username: reply.credential.userName, password: reply.credential.password };
  };
  return { agent, dial, join, credentialOf, forward: (ms: number) => (offsetMs += ms) };
};

/** A device that answers what it is asked by `answers`. */
const speaker = async (
  dial: (options: mqtt.IClientOptions) => Promise<MqttClient>,
  login: Login,
  answers: Record<string, (input: Record<string, never>) => object | undefined>,
) => {
  const client = await dial({ ...login, clientId: 'device' });
  await client.subscribeAsync(`hh/1/d/${login.username}/command`, { qos: 1 });
  client.on('message', (_topic, payload) => {
    const { id, command, input } = JSON.parse(payload.toString());
    const answer = answers[command]?.(input);
    if (answer) client.publish(`hh/1/d/${login.username}/reply`, JSON.stringify({ id, ...answer }), { qos: 1 });
  });
  return client;
};

t.test('property.read and property.write reach a device made for HallHub', async (t) => {
  const { agent, dial, join, credentialOf } = await start(t);
  const login = credentialOf(await join());
  const asked: object[] = [];
  await speaker(dial, login, {
    'property.read': (input) => {
      asked.push(input);
      return { ok: true, output: { values: { waiting: 7 } } };
    },
    'property.write': (input) => {
      asked.push(input);
      return { ok: true, output: { values: (input as unknown as { values: object }).values } };
    },
  });
  await until(() => agent.channel.isConnected(login.username), 'the line');
  const signal = AbortSignal.timeout(60_000);
  t.match(await agent.channel.read(login.username, ['waiting'], signal), { values: { waiting: 7 } });
  await agent.channel.write(login.username, { waiting: 3 }, signal);
  t.same(asked, [{ properties: ['waiting'] }, { values: { waiting: 3 } }]);
  t.equal(agent.registry.values(login.username).get('waiting')?.value, 3, 'what it took is its value');
});

t.test('a device that knows neither says so, or is not waited for', async (t) => {
  const { agent, dial, join, credentialOf } = await start(t);
  const login = credentialOf(await join());
  const no = { ok: false, error: { code: 'unsupported', message: 'what is that?' } };
  await speaker(dial, login, { 'property.read': () => no, 'property.write': () => ({ ok: true, output: {} }) });
  await until(() => agent.channel.isConnected(login.username), 'the line');
  await t.rejects(agent.channel.read(login.username, ['waiting'], AbortSignal.timeout(60_000)), {
    code: 'unsupported',
  });
  await agent.channel.write(login.username, { waiting: 1 }, AbortSignal.timeout(60_000));
  await t.rejects(agent.rotation.rotate('01900000-0000-7000-8000-000000000000'), { code: 'not_found' });
});

const rotating = async (t: Test, answer: 'ok' | 'refuse') => {
  const unit = await start(t);
  const old = unit.credentialOf(await unit.join());
  let fresh: Login | undefined;
  const client = await speaker(unit.dial, old, {
    'credential.rotate': (input) => {
      const { credential } = input as unknown as { credential: { userName: string; password: string } };
      fresh = { username: credential.userName, password: credential.password };
      return answer === 'ok' ? { ok: true } : { ok: false, error: { code: 'read_only', message: 'no room' } };
    },
  });
  await until(() => unit.agent.channel.isConnected(old.username), 'the line');
  const works = async (login: Login | undefined): Promise<boolean> => {
    const line = await unit.dial({ ...login, clientId: 'try' }).catch(() => undefined);
    await line?.endAsync();
    return line !== undefined;
  };
  return { ...unit, old, client, works, fresh: () => fresh };
};

t.test('rotation: both credentials hold until the new one is used, then only that', async (t) => {
  const { agent, old, works, fresh } = await rotating(t, 'ok');
  const stored = agent.registry.record(old.username)?.secretHash;
  t.match(await agent.rotation.rotate(old.username), { state: 'confirmed' });
  t.not(fresh()?.password, old.password);
  t.equal(await works(old), true, 'the old one, meanwhile');
  t.equal(await works(fresh()), true);
  await until(() => !agent.registry.record(old.username)?.secretHash?.equals(stored ?? Buffer.alloc(0)), 'the change');
  t.equal(await works(old), false, 'it ended with the first use of the new one');
  t.equal(await works(fresh()), true);
  const pending = () => agent.store.hub.orm.select().from(credentialRotation).all().length;
  await until(() => pending() === 0, 'the rotation to be over');
});

t.test('rotation: a device that says no keeps what it has', async (t) => {
  const { agent, old, works, fresh } = await rotating(t, 'refuse');
  await t.rejects(agent.rotation.rotate(old.username), { code: 'device_refused', message: 'no room' });
  t.equal(await works(fresh()), false, 'the refused one never holds');
  t.equal(await works(old), true);
});

t.test('rotation: a confirmed new one that is never used ends the old one; its claim gets another', async (t) => {
  const { agent, old, client, works, fresh, join, credentialOf, forward } = await rotating(t, 'ok');
  await agent.rotation.rotate(old.username);
  await client.endAsync();
  forward(16 * 60_000);
  await agent.rotation.tick();
  t.equal(await works(old), false);
  const rescued = credentialOf(await join());
  t.equal(rescued.username, old.username, 'the same device');
  t.equal(await works(fresh()), false, 'what got lost holds no more');
  t.equal(await works(rescued), true);
  t.match(await join(), { status: 'refused', reason: 'delivered' }, 'once');
});

t.test('rotation: a device that goes on with the old one keeps it', async (t) => {
  const { agent, old, works, fresh, forward } = await rotating(t, 'ok');
  await agent.rotation.rotate(old.username);
  t.equal(await works(old), true);
  forward(16 * 60_000);
  await agent.rotation.tick();
  t.equal(await works(old), true);
  t.equal(await works(fresh()), false);
  t.match(
    await agent.rotation.rotate(old.username).catch((error) => error),
    { code: 'link_lost' },
    'it is not connected',
  );
});

t.test('rotation: one at a time; a second one never takes away what the device may just have stored', async (t) => {
  const { agent, old, works, fresh, forward } = await rotating(t, 'ok');
  const twice = await Promise.allSettled([agent.rotation.rotate(old.username), agent.rotation.rotate(old.username)]);
  t.match(twice, [{ status: 'fulfilled' }, { status: 'rejected', reason: { code: 'conflict' } }]);
  await t.rejects(agent.rotation.rotate(old.username), { code: 'conflict' }, 'both still hold');
  t.equal(await works(fresh()), true);
  forward(16 * 60_000);
  await agent.rotation.tick();
  t.equal(await works(fresh()), true);
  t.equal(await works(old), false);
});

t.test('secrets are on disk as hashes only', async (t) => {
  const { agent, old, fresh } = await rotating(t, 'ok');
  await agent.rotation.rotate(old.username);
  const rows = JSON.stringify([
    agent.store.hub.orm.select().from(device).all(),
    agent.store.hub.orm.select().from(credentialRotation).all(),
  ]);
  t.notOk(rows.includes(old.password));
  t.notOk(rows.includes(fresh()?.password ?? '?'));
});

/** What a stranger may send, as bytes on the wire. */
const connect = (clientId: string) =>
  mqttPacket.generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clientId,
    clean: true,
    keepalive: 30,
    username: 'join',
  });
const publish = (clientId: string, payload: string | Buffer) =>
  mqttPacket.generate({
    cmd: 'publish',
    topic: `hh/1/join/${clientId}`,
    payload,
    qos: 0,
    dup: false,
    retain: false,
  });

/** Writes the pieces one by one and waits for the other side to close, or for a moment. */
const speak = (port: number, pieces: readonly Uint8Array[]): Promise<void> =>
  new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => {
      const next = (index: number): void => {
        const piece = pieces[index];
        if (!piece || socket.destroyed) {
          setTimeout(() => socket.destroy(), 5);
          return;
        }
        socket.write(piece, () => next(index + 1));
      };
      next(0);
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.resume();
  });

t.test('fuzz: joining by split, cut, corrupted, reordered and huge bytes harms nobody', async (t) => {
  const { agent, dial, join, credentialOf } = await start(t);
  const login = credentialOf(await join());
  const neighbour = await dial({ ...login, clientId: 'calm' });
  const port = Number(new URL(agent.mqttUrl ?? '').port);
  const request = JSON.stringify({ ...queueMachine, serial: 'FUZZ', claim: 'f'.repeat(43) });
  const body = fc.oneof(
    fc.json(),
    fc.string({ unit: 'binary', maxLength: 400 }),
    fc.nat(request.length).map((length) => request.slice(0, length)),
    fc
      .dictionary(fc.constantFrom('v', 'vendor', 'model', 'serial', 'firmware', 'claim', '__proto__'), fc.jsonValue())
      .map((more) => JSON.stringify({ ...queueMachine, serial: 'FUZZ', ...more })),
    fc.constantFrom('['.repeat(100_000), 'x'.repeat(262_144), `{"v":1,"serial":"${'9'.repeat(100_000)}"}`, ''),
  );
  const damage = fc.record({
    body,
    cuts: fc.array(fc.integer({ min: 1, max: 600 }), { maxLength: 8 }),
    flips: fc.array(fc.tuple(fc.nat(600), fc.integer({ min: 1, max: 255 })), { maxLength: 3 }),
    order: fc.constantFrom('right', 'publish first', 'twice', 'truncated'),
  });
  const wire = ({ body, flips, order }: { body: string; flips: [number, number][]; order: string }): Buffer => {
    const [hello, say] = [connect('fz'), publish('fz', body)];
    const whole = {
      right: [hello, say],
      'publish first': [say, hello],
      twice: [hello, hello, say],
      truncated: [hello, say.subarray(0, say.length >> 1)],
    }[order] as Buffer[];
    const bytes = Buffer.concat(whole);
    for (const [at, mask] of flips) if (at < bytes.length) bytes[at] = (bytes[at] ?? 0) ^ mask;
    return bytes;
  };
  const round = (numRuns: number) =>
    fc.assert(
      fc.asyncProperty(damage, async (one) => {
        const bytes = wire(one);
        const pieces: Buffer[] = [];
        let from = 0;
        for (const cut of [...one.cuts, bytes.length]) {
          if (from < bytes.length) pieces.push(bytes.subarray(from, from + cut));
          from += cut;
        }
        await speak(port, pieces);
        return neighbour.connected;
      }),
      { numRuns },
    );
  await round(100);
  const before = await heldBytes('heapUsed');
  await round(250);
  t.ok((await heldBytes('heapUsed')) - before < 32 * 1_048_576, 'memory is flat');
  await neighbour.publishAsync(`hh/1/d/${login.username}/telemetry`, '{"values":{"waiting":1}}', { qos: 1 });
  await until(() => agent.broker?.clients.length === 1, 'nobody but the neighbour is left');
  const strangers = agent.registry.list().filter(({ deviceId }) => deviceId !== login.username);
  t.ok(
    strangers.every(({ identity }) => identity.vendor.length > 0 && identity.serial.length <= 200),
    'whoever got in said who it is',
  );
  t.match(await join({ ...queueMachine, serial: 'QM2', claim: 'd'.repeat(43) }), { status: 'accepted' });
});

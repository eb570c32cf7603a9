import { randomBytes } from 'node:crypto';
import { connect as connectTcp, type Socket } from 'node:net';
import { uuidv7 } from '@hallhub/shared';
import { unitTopics } from '@hallhub/shared/wire';
import mqtt from 'mqtt';
import pino from 'pino';
import t from 'tap';
import { plainAdmission, type Refusal } from '../listeners/index.js';
import { connectPacket, dial, makeTestPki, packet, publishPacket, until, untilClosed } from '../listeners/testing.js';
import { type CloudBrokerOptions, openCloudBroker } from './open-cloud-broker.js';

const log = pino({ level: process.env.LOG ?? 'silent' });
const secret = 's'.repeat(72);
/** For half of its messages at least: on a busy machine single ones wait for longer, whoever is attacked. */
const unharmedMs = 2_500;

const setup = async (t: { teardown(fn: () => unknown): unknown }, options: Partial<CloudBrokerOptions> = {}) => {
  const refused: Refusal[] = [];
  const floods: string[] = [];
  let heard = 0;
  const broker = await openCloudBroker({
    ...{ host: '127.0.0.1', port: 0, log },
    authenticator: { authenticateUnit: async (_unitId, given) => given === secret },
    onRefused: (refusal) => refused.push(refusal),
    onFlood: (unitId, turn) => floods.push(`${unitId} ${turn}`),
    ...options,
  });
  broker.onMessage(() => heard++);
  const { hostname, port } = new URL(broker.url!);
  const sockets: Socket[] = [];
  const tcp = (localAddress = '127.0.0.1'): Socket => {
    const socket = connectTcp({ host: hostname, port: Number(port), localAddress });
    socket.on('error', () => {});
    sockets.push(socket);
    return socket;
  };
  /** Connected, with CONNACK read. */
  const unit = async (unitId = uuidv7(), keepaliveS = 30) => {
    const socket = tcp();
    socket.write(connectPacket({ userName: unitId, password: secret, keepaliveS }));
    await new Promise((resolve, reject) => {
      socket.once('data', resolve);
      socket.once('close', () => reject(new Error('not let in')));
    });
    return { socket, unitId };
  };
  const neighbourId = uuidv7();
  const neighbour = await mqtt.connectAsync(broker.url!, {
    username: neighbourId,
    password: secret,
    reconnectPeriod: 0,
  });
  t.teardown(async () => {
    await neighbour.endAsync(true);
    for (const socket of sockets) socket.destroy();
    await broker.close();
  });
  /** Publishes as a live unit while `attack` runs: how long half of its acknowledgements, or more, take at the most, ms. */
  const during = async (attack: () => Promise<unknown>, pauseMs = 2): Promise<number> => {
    let isOver = false;
    const tookMs: number[] = [];
    const attacking = attack().finally(() => {
      isOver = true;
    });
    while (!isOver || tookMs.length === 0) {
      const startMs = performance.now();
      await neighbour.publishAsync(unitTopics.heartbeat(neighbourId), '{}', { qos: 1 });
      tookMs.push(performance.now() - startMs);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    await attacking;
    tookMs.sort((a, b) => a - b);
    return tookMs[Math.floor((tookMs.length - 1) / 2)] ?? Number.NaN;
  };
  return { broker, refused, floods, tcp, unit, neighbour, during, heard: () => heard };
};

const text = (value: string) => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]);
};

t.test('packets nobody should send end the connection, one by one', async (t) => {
  const { unit, tcp, during, neighbour } = await setup(t);
  const before: Record<string, Buffer> = {
    'garbage first': Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    'PUBLISH first': publishPacket('x', Buffer.from('y')),
    'a CONNECT of 256 MB': Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]),
    'a CONNECT cut short': packet(0x10, text('MQTT')),
    'another protocol name': packet(0x10, Buffer.concat([text('HTTP'), Buffer.from([4, 2, 0, 30]), text('c')])),
    'reserved bits in CONNECT': packet(0x10, Buffer.concat([text('MQTT'), Buffer.from([4, 3, 0, 30]), text('c')])),
  };
  const own = (unitId: string) => unitTopics.heartbeat(unitId);
  const after: Record<string, (unitId: string) => Buffer> = {
    'a second CONNECT': (unitId) => connectPacket({ userName: unitId, password: secret }),
    'QoS 2': (unitId) => packet(0x34, Buffer.concat([text(own(unitId)), Buffer.from([0, 1]), Buffer.from('x')])),
    'QoS 3': (unitId) => packet(0x36, Buffer.concat([text(own(unitId)), Buffer.from([0, 1]), Buffer.from('x')])),
    'an empty topic': () => packet(0x32, Buffer.concat([text(''), Buffer.from([0, 1])])),
    'a wildcard in a topic': (unitId) => publishPacket(`hh/1/u/${unitId}/+`, Buffer.from('x')),
    'a topic of 1,000 levels': () => publishPacket('/'.repeat(1_000), Buffer.from('x')),
    $SYS: () => publishPacket('$SYS/x', Buffer.from('x')),
    'a topic with a NUL': (unitId) => publishPacket(`${own(unitId)}\0`, Buffer.from('x')),
    'dots instead of levels': (unitId) => publishPacket(`hh/1/u/${unitId}/../${uuidv7()}/hello`, Buffer.from('x')),
    'SUBSCRIBE to nothing': () => packet(0x82, Buffer.from([0, 1])),
    'a topic longer than its packet': () => packet(0x32, Buffer.from([0xff, 0xff, 1, 2])),
    'an oversize PUBLISH': (unitId) => publishPacket(own(unitId), Buffer.alloc(300_000)),
    'a length of five bytes': () => Buffer.from([0x32, 0xff, 0xff, 0xff, 0xff, 0x01]),
    'packet type 15': () => Buffer.from([0xf0, 0]),
    'packet type 0': () => Buffer.from([0x00, 0]),
    'a CONNACK': () => Buffer.from([0x20, 2, 0, 0]),
  };
  const medianMs = await during(async () => {
    for (const [name, bytes] of Object.entries(before)) {
      const socket = tcp();
      socket.write(bytes);
      await untilClosed(socket);
      t.pass(name);
    }
    for (const [name, bytes] of Object.entries(after)) {
      const { socket, unitId } = await unit();
      socket.write(bytes(unitId));
      await untilClosed(socket);
      t.pass(name);
    }
  });
  t.ok(medianMs < unharmedMs, `a neighbour waits ${medianMs.toFixed(0)} ms`);
  t.ok(neighbour.connected);
});

t.test('300 connections of noise, cut up anyhow', async (t) => {
  const { unit, during, neighbour } = await setup(t);
  const medianMs = await during(async () => {
    for (let i = 0; i < 300; i++) {
      const { socket } = await unit();
      const noise = randomBytes(1 + (i % 700));
      // Half of them begin as a packet should.
      if (i % 2) noise[0] = [0x32, 0x82, 0xa2, 0x40, 0x62, 0xc0][i % 6]!;
      for (let at = 0; at < noise.length; at += 97) socket.write(noise.subarray(at, at + 97));
      socket.end();
      await untilClosed(socket);
    }
  });
  t.ok(medianMs < unharmedMs, `${medianMs.toFixed(0)} ms`);
  t.ok(neighbour.connected);
});

t.test('filters: odd names, too many of them, floods', async (t) => {
  const { unit, during, refused } = await setup(t);
  const subscribe = (filters: readonly string[]) =>
    packet(
      0x82,
      Buffer.concat([Buffer.from([0, 9]), ...filters.map((filter) => Buffer.concat([text(filter), Buffer.from([1])]))]),
    );
  const { socket, unitId } = await unit();
  const granted = (filters: readonly string[]) => {
    const answer = new Promise<Buffer>((resolve) => socket.once('data', resolve));
    socket.write(subscribe(filters));
    return answer.then((bytes) => [...bytes.subarray(4)]);
  };
  t.same(
    await granted(['__proto__', 'constructor', '#', '+/+', '$SYS/#', `$share/g/${unitTopics.down(unitId)}`]),
    Array(6).fill(128),
  );
  const many = Array.from({ length: 40 }, (_one, i) => `hh/1/u/${unitId}/down/x${i}`);
  const answers: number[] = [];
  for (const filter of many) answers.push(...(await granted([filter])));
  t.equal(answers.filter((code) => code === 1).length, 16, 'sixteen filters a unit');
  const flooder = await unit();
  const medianMs = await during(async () => {
    flooder.socket.write(Buffer.alloc(60_000, Buffer.from([0xc0, 0])));
    await untilClosed(flooder.socket);
  });
  t.ok(
    refused.some((one) => one.reason === 'flood' && one.unitId === flooder.unitId),
    'PINGREQ without end',
  );
  t.ok(medianMs < unharmedMs, `${medianMs.toFixed(0)} ms`);
});

t.test('a unit that floods is slowed down and told once; its neighbour is not', async (t) => {
  const { unit, during, floods, heard } = await setup(t, {
    rates: { messagesPerSecond: 50, bytesPerSecond: 1_048_576 },
  });
  const { socket, unitId } = await unit();
  const message = publishPacket(unitTopics.up(unitId, 'live'), Buffer.alloc(64));
  let acknowledged = 0;
  socket.on('data', (chunk: Buffer) => {
    acknowledged += chunk.length / 4;
  });
  let seconds = 0;
  // 25 ms between two of the neighbour's messages: well below what a unit may send.
  const medianMs = await during(async () => {
    const startMs = performance.now();
    socket.write(Buffer.concat(Array(5_000).fill(message)));
    await until(() => floods.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    seconds = (performance.now() - startMs) / 1_000;
  }, 25);
  t.same(floods, [`${unitId} began`]);
  t.ok(
    acknowledged <= 50 * (10 + seconds) + 400,
    `${acknowledged} of 5,000 in ${seconds.toFixed(1)} s: ten seconds' worth at once, then its rate, and what one read brought`,
  );
  t.ok(heard() > 0);
  t.ok(medianMs < unharmedMs, `${medianMs.toFixed(0)} ms`);
  socket.destroy();
  await until(() => floods.length === 2);
  t.equal(floods[1], `${unitId} ended`);
});

t.test('one that does not read ends; answers to others do not wait for it', async (t) => {
  const { broker, unit, during, refused } = await setup(t, { drainTimeoutMs: 3_000 });
  const { socket, unitId } = await unit();
  socket.write(packet(0x82, Buffer.concat([Buffer.from([0, 1]), text(unitTopics.down(unitId)), Buffer.from([1])])));
  await new Promise((resolve) => socket.once('data', resolve));
  socket.pause();
  const big = 'x'.repeat(200_000);
  const medianMs = await during(async () => {
    for (let i = 0; i < 200; i++) void broker.publish(unitTopics.downAck(unitId), big);
    await until(() => refused.some((one) => one.reason === 'slow_reader' && one.unitId === unitId));
    await until(() => broker.connections() === 1);
  });
  t.ok(medianMs < unharmedMs, `${medianMs.toFixed(0)} ms`);
  await broker.publish(unitTopics.downAck(unitId), big);
  t.pass('what is for a unit that is away goes nowhere');
});

t.test('half-open: one that says nothing any more ends by its keep-alive', async (t) => {
  const { unit, broker } = await setup(t);
  const { socket } = await unit(uuidv7(), 1);
  t.equal(broker.connections(), 2);
  await untilClosed(socket);
  t.equal(broker.connections(), 1);
});

t.test('after TLS, nothing; half a handshake; plain text', async (t) => {
  const pki = await makeTestPki();
  const { broker, during, refused } = await setup(t, {
    secure: { host: '127.0.0.1', port: 0, pki, admission: { ...plainAdmission, proveWithinMs: 5_000 } },
  });
  const { hostname, port } = new URL(broker.secureUrl!);
  const medianMs = await during(async () => {
    const ends = [untilClosed(await dial(broker.secureUrl!, pki, await pki.issue(uuidv7())))];
    for (const bytes of [Buffer.alloc(0), Buffer.from([0x16, 3, 1, 2, 0, 1]), connectPacket({ userName: uuidv7() })]) {
      const socket = connectTcp({ host: hostname, port: Number(port) });
      socket.write(bytes);
      ends.push(untilClosed(socket));
    }
    await Promise.all(ends);
  });
  t.same(refused.map(({ reason }) => reason).sort(), ['not_proved', 'not_proved', 'not_proved', 'tls']);
  t.ok(medianMs < unharmedMs, `${medianMs.toFixed(0)} ms`);
});

t.test('thousands of idle sockets: who is live goes on, who is real still gets in', async (t) => {
  const { tcp, unit, during, refused } = await setup(t, {
    plainAdmission: { ...plainAdmission, maxUnproven: 500, maxWaiting: 1_000, maxPerAddress: 600 },
  });
  let waitedMs = 0;
  let turnedAway = 0;
  const medianMs = await during(async () => {
    for (let i = 0; i < 3_000; i++) {
      tcp(`127.0.1.${1 + (i % 10)}`);
      if (i % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const startMs = performance.now();
    // Who waited for longer than two seconds is turned away, and comes again, as units do.
    while (!(await unit().catch(() => undefined))) turnedAway++;
    waitedMs = performance.now() - startMs;
  });
  t.ok(waitedMs < 60_000, `a unit waited ${waitedMs.toFixed(0)} ms, and came ${turnedAway + 1} times`);
  t.ok(refused.length > 0);
  t.ok(medianMs < unharmedMs, `${medianMs.toFixed(0)} ms`);
});

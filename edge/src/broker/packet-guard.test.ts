import fc from 'fast-check';
import mqttPacket from 'mqtt-packet';
import t from 'tap';
import { fitsFilter, mayPublish, maySubscribe } from './access.js';
import { FloodGate } from './flood-gate.js';
import { PacketGuard } from './packet-guard.js';

const connect = mqttPacket.generate({
  cmd: 'connect',
  protocolId: 'MQTT',
  protocolVersion: 4,
  clientId: 'x',
  clean: true,
  keepalive: 10,
});
const publish = (bytes: number) =>
  mqttPacket.generate({ cmd: 'publish', topic: 't', payload: Buffer.alloc(bytes), qos: 0, dup: false, retain: false });

t.test('lets through what is in order, however it is cut', (t) => {
  const stream = Buffer.concat([
    connect,
    publish(0),
    publish(127),
    publish(128),
    publish(20_000),
    Buffer.from([0xc0, 0]),
    publish(5),
  ]);
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 3_000 }), { maxLength: 60 }), (cuts) => {
      const guard = new PacketGuard({ maxBytes: 20_100 });
      let from = 0;
      for (const cut of [...cuts, stream.length]) {
        if (guard.accept(stream.subarray(from, from + cut)) !== undefined) return false;
        from += cut;
      }
      return true;
    }),
  );
  t.end();
});

t.test('whatever comes, in whatever pieces, it says the same and never throws', (t) => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 400 }),
    fc.uint8Array({ maxLength: 200 }).map((tail) => Buffer.concat([connect, tail])),
  );
  fc.assert(
    fc.property(bytes, fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 20 }), (stream, cuts) => {
      const whole = new PacketGuard({ maxBytes: 300 }).accept(stream);
      const guard = new PacketGuard({ maxBytes: 300 });
      let from = 0;
      let said: string | undefined;
      for (const cut of [...cuts, stream.length]) {
        said ??= guard.accept(stream.subarray(from, from + cut));
        from += cut;
      }
      return said === whole;
    }),
    { numRuns: 3_000 },
  );
  t.end();
});

t.test('stops at the header of what is too long', (t) => {
  const guard = new PacketGuard({ maxBytes: 1_000 });
  t.equal(guard.accept(connect), undefined);
  t.match(guard.accept(publish(1_001).subarray(0, 5)), /over 1000/);
  t.end();
});

t.test('a first packet that is no CONNECT, a huge CONNECT, a length without end', (t) => {
  t.match(new PacketGuard({ maxBytes: 1_000 }).accept(publish(1)), /no CONNECT/);
  t.match(new PacketGuard({ maxBytes: 1_000_000 }).accept(Buffer.from([0x10, 0xff, 0xff, 0x03])), /over/);
  t.match(new PacketGuard({ maxBytes: 1_000 }).accept(Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff])), /malformed/);
  t.match(new PacketGuard({ maxBytes: 1_000 }).accept(Buffer.from('GET / HTTP/1.1\r\n')), /no CONNECT/);
  t.end();
});

t.test('a flood is slowed to the rate, then put out; a burst is not a flood', (t) => {
  const gate = new FloodGate({ messagesPerSecond: 200, bytesPerSecond: 1_000_000 }, 0);
  for (let i = 0; i < 2_000; i++) t.equal(gate.count(0).delayMs, 0) || t.bailout();
  const first = gate.count(0);
  t.ok(first.began && first.delayMs > 0 && !first.disconnect);
  let [now, disconnected] = [0, false];
  for (let i = 0; i < 40_000 && !disconnected; i++) {
    now += 1;
    disconnected = gate.count(now).disconnect;
  }
  t.ok(disconnected);
  t.ok(now >= 6_000);
  const calm = new FloodGate({ messagesPerSecond: 200, bytesPerSecond: 1_000_000 }, 0);
  for (let ms = 0; ms < 60_000; ms += 6) if (calm.count(ms).delayMs > 0) t.fail('166 messages a second are allowed');
  t.end();
});

t.test('bytes are a flood as messages are', (t) => {
  const gate = new FloodGate({ messagesPerSecond: 200, bytesPerSecond: 10_000 }, 0);
  t.equal(gate.count(0, 100_000).delayMs, 0, 'ten seconds’ worth at once');
  t.match(gate.count(0, 20_000), { delayMs: 2_000, began: true, disconnect: false });
  t.match(gate.count(0, 300_000), { disconnect: true }, 'a debt of more than half a minute');
  t.end();
});

t.test('packets that are no PUBLISH are counted, too', (t) => {
  const guard = new PacketGuard({ maxBytes: 1_000, packetsPerSecond: 10 });
  const ping = Buffer.from([0xc0, 0]);
  t.equal(guard.accept(connect, 0), undefined);
  for (let i = 0; i < 99; i++) t.equal(guard.accept(ping, 0), undefined) || t.bailout();
  t.match(guard.accept(ping, 0), /too many packets/);
  const calm = new PacketGuard({ maxBytes: 1_000, packetsPerSecond: 10 });
  calm.accept(connect, 0);
  for (let i = 1; i < 600; i++) t.equal(calm.accept(ping, i * 100), undefined) || t.bailout();
  for (let i = 0; i < 500; i++) t.equal(calm.accept(publish(1), 60_000), undefined) || t.bailout();
  t.end();
});

t.test('one account, a device each: its client id stands in its rights', (t) => {
  const rights = ['shellies/{clientId}/#'];
  const account = { userName: 'shelly', password: 'x', publish: rights, subscribe: rights };
  const as = (clientId: string) => ({ kind: 'account' as const, account, clientId });
  t.ok(mayPublish(as('plug-1'), 'shellies/plug-1/relay/0'));
  t.notOk(mayPublish(as('plug-1'), 'shellies/plug-2/relay/0'));
  t.ok(maySubscribe(as('plug-1'), 'shellies/plug-1/relay/+/command'));
  t.notOk(maySubscribe(as('plug-1'), 'shellies/+/relay/0'));
  for (const sly of ['+', '#', 'a/b', '', '+/#', '{clientId}'])
    t.notOk(maySubscribe(as(sly), 'shellies/plug-1/relay/0'), `a client that calls itself ${sly}`);
  t.end();
});

t.test('filters', (t) => {
  t.ok(fitsFilter('a/+/c', 'a/b/c'));
  t.ok(fitsFilter('a/#', 'a/b/c'));
  t.ok(fitsFilter('a/#', 'a'));
  t.notOk(fitsFilter('a/+', 'a/b/c'));
  t.notOk(fitsFilter('#', '$SYS/x'));
  const account = { userName: 'shelly', password: 'x', publish: ['shelly/#'], subscribe: ['shelly/+/cmd', '#'] };
  const principal = { kind: 'account' as const, account, clientId: 'c' };
  t.ok(maySubscribe(principal, 'shelly/one/cmd'));
  t.notOk(maySubscribe(principal, 'hh/1/d/x/command'), 'ours is nobody’s, whatever the list says');
  t.notOk(maySubscribe(principal, '#'));
  t.notOk(maySubscribe(principal, '$SYS/#'));
  t.end();
});

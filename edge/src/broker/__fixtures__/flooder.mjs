// A client that sends as fast as its socket takes it, until it is put out: flooder.mjs PORT KIND SECONDS
import net from 'node:net';
import mqttPacket from 'mqtt-packet';

const [port, kind, seconds] = process.argv.slice(2);
const { generate } = mqttPacket;
const packets = {
  tiny: generate({ cmd: 'publish', topic: 'site/f', payload: '1', qos: 0, dup: false, retain: false }),
  acknowledged: generate({
    cmd: 'publish',
    topic: 'site/f',
    payload: '1',
    qos: 1,
    messageId: 7,
    dup: false,
    retain: false,
  }),
  large: generate({ cmd: 'publish', topic: 'site/f', payload: 'x'.repeat(200_000), qos: 0, dup: false, retain: false }),
  pings: Buffer.from([0xc0, 0]),
  subscriptions: generate({ cmd: 'subscribe', messageId: 9, subscriptions: [{ topic: 'site/f/+', qos: 1 }] }),
};
const piece = Buffer.concat(Array.from({ length: kind === 'large' ? 1 : 500 }, () => packets[kind]));
const socket = net.connect(Number(port), '127.0.0.1');
let sent = 0;
let end = 0;
const finish = (why) => {
  console.log(JSON.stringify({ why, sent }));
  process.exit(0);
};
socket.on('error', () => finish('closed'));
socket.on('close', () => finish('closed'));
socket.write(
  generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clientId: 'flooder',
    clean: true,
    keepalive: 60,
    username: 'site',
    password: Buffer.from('pass'),
  }),
);
const pump = () => {
  while (Date.now() < end) {
    sent += piece.length;
    if (!socket.write(piece)) return socket.once('drain', () => setImmediate(pump));
  }
  finish('time');
};
// Once it is let in: what comes before is another matter.
socket.once('data', () => {
  socket.on('data', () => {});
  end = Date.now() + Number(seconds) * 1000;
  setTimeout(() => finish('time'), Number(seconds) * 1000 + 200);
  pump();
});

import { once } from 'node:events';
import net from 'node:net';
import t from 'tap';
import { parseOptions } from './options.mjs';
import { choosePorts, nextFreePort, probePort, requirePort } from './ports.mjs';

const occupied = async (t) => {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return server.address().port;
};
const free = () => nextFreePort({ from: 20_000 + Math.floor(Math.random() * 10_000), taken: [] });

t.test('a port in use is refused with the option that changes it and a port that works', async (t) => {
  const port = await occupied(t);
  t.equal(await probePort(port), 'EADDRINUSE');
  const failure = await requirePort({ port, option: '--port', what: 'the console' }).catch((error) => error);
  t.match(failure.message, `Port ${port} for the console is in use`);
  t.match(failure.hint, /npm start -- --port \d+/);
  const suggested = Number(/--port (\d+)/.exec(failure.hint)[1]);
  t.equal(await probePort(suggested), undefined);
});

t.test('brokers give way on default ports, never on ports that were asked for; the console never', async (t) => {
  const port = await occupied(t);
  const console = await free();
  const options = { ...parseOptions(['--port', String(console)]), mqttPort: port, edgePort: port };
  const ports = await choosePorts(options);
  t.equal(ports.console, console);
  t.ok(ports.mqtt > port && ports.edge > ports.mqtt, 'two different free ports');
  await t.rejects(choosePorts({ ...options, fixedPorts: { mqtt: true, edge: false } }), { hint: /--mqtt-port/ });
  await t.rejects(choosePorts({ ...options, fixedPorts: { mqtt: false, edge: true } }), { hint: /--edge-port/ });
  await t.rejects(choosePorts({ ...options, port }), { hint: /--port/ });
});

t.test('a part that does not run needs no port', async (t) => {
  const port = await occupied(t);
  const options = parseOptions(['--only', 'edge', '--port', String(port)]);
  t.same(Object.keys(await choosePorts({ ...options, edgePort: await free() })), ['edge']);
});

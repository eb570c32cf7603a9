import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import { systemClock } from '@hallhub/shared';
import { lineSchema } from '@hallhub/shared/profile';
import t, { type Test } from 'tap';
import { serialLinkOpener, tcpLinkOpener } from '../links/index.js';
import { noPtys, openPtyPair } from '../links/test-pty-pair.js';
import { TestHost } from '../test-host.js';
import { modbusConfigSchema } from './config.js';
import { ModbusAdapter } from './modbus-adapter.js';
import { ModbusClient } from './modbus-client.js';
import { testProfile } from './test-profile.js';
import { ModbusSlaves } from './test-slaves.js';

/** A slave nobody here wrote. pymodbus imports pyserial even for TCP: an empty stand-in does where it is not installed. */
const server = `
import sys, types
for name in ("serial", "serial_asyncio"):
    try: __import__(name)
    except ImportError:
        module = types.ModuleType(name); module.create_serial_connection = None; sys.modules[name] = module
from pymodbus.server import StartTcpServer
from pymodbus.datastore import ModbusSequentialDataBlock, ModbusServerContext, ModbusSlaveContext
registers = [0] * 600
registers[0:4] = [4711, 235, 0x4148, 0]
registers[500] = 77
slave = ModbusSlaveContext(di=ModbusSequentialDataBlock(0, [1] * 64), co=ModbusSequentialDataBlock(0, [0] * 64),
    hr=ModbusSequentialDataBlock(0, registers), ir=ModbusSequentialDataBlock(0, list(range(600))), zero_mode=True)
StartTcpServer(context=ModbusServerContext(slaves={1: slave}, single=False), address=("127.0.0.1", int(sys.argv[1])))
`;

const python = '/usr/bin/python3';
const noPymodbus =
  spawnSync(python, ['-c', 'import pymodbus']).status === 0
    ? false
    : 'pymodbus is missing: apt-get install python3-pymodbus';
const noMbpoll = spawnSync('mbpoll', ['-V']).error ? 'mbpoll is missing: apt-get install mbpoll' : false;

const freePort = async (): Promise<number> => {
  const probe = net.createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as net.AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
};

const startPymodbus = async (t: Test): Promise<{ port: number; child: ChildProcess }> => {
  const port = await freePort();
  const child = spawn(python, ['-c', server, String(port)], { stdio: 'ignore' });
  t.teardown(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  for (const deadline = Date.now() + 20_000; ; ) {
    const isUp = await new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (isUp) return { port, child };
    if (Date.now() > deadline || child.exitCode !== null) throw new Error('pymodbus did not start in 20 s');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};

t.test('pymodbus: every function code that the client has', { skip: noPymodbus }, async (t) => {
  const { port } = await startPymodbus(t);
  const link = await tcpLinkOpener({ host: '127.0.0.1', port }).open(new AbortController().signal);
  const client = new ModbusClient(link, 'mbap', systemClock);
  t.teardown(() => client.close());
  const options = { unitId: 1, timeoutMs: 3_000 };
  await client.writeRegisters(100, [7, 8, 9], options);
  await client.writeRegister(103, 0xff, options);
  await client.maskWrite(103, { andMask: 0xfff0, orMask: 5 }, options);
  await client.writeCoil(5, true, options);
  await client.writeCoils(6, [true, false, true], options);
  t.same([...(await client.read('holding', 100, 4, options))], [7, 8, 9, 0xf5]);
  t.same([...(await client.read('input', 40, 3, options))], [40, 41, 42]);
  t.same([...(await client.read('coil', 4, 6, options))], [0, 1, 1, 0, 1, 0]);
  t.same([...(await client.read('discrete', 0, 9, options))], Array(9).fill(1));
  t.same(
    [...(await client.readWriteRegisters({ address: 100, count: 2 }, { address: 100, values: [1] }, options))],
    [1, 8],
  );
  await t.rejects(client.read('holding', 5_000, 1, options), { code: 'device_refused', context: { exception: 2 } });
});

t.test('pymodbus: found, polled, killed, and back when it is', { skip: noPymodbus, timeout: 60_000 }, async (t) => {
  const { port, child } = await startPymodbus(t);
  const config = modbusConfigSchema.parse({ id: 'bus', url: `tcp://127.0.0.1:${port}` });
  const host = new TestHost([testProfile], 'bus');
  const adapter = new ModbusAdapter(config, host);
  t.teardown(() => adapter.stop());
  host.onFound = (view) => adapter.attach(view);
  await adapter.start();
  await host.until('values', () => host.value('temperature') === 23.5 && host.value('far') === 77, 20_000);
  t.match(host.foundDevices[0], { profileId: 'acme/probe-1', certainty: 'certain' });
  child.kill('SIGKILL');
  await host.until('the loss is told', () => host.evidence.some((one) => one.reason === 'link_down'));
});

t.test(
  'mbpoll agrees with what was written over a pty in RTU',
  { skip: noPtys() ?? noMbpoll, timeout: 60_000 },
  async (t) => {
    const line = lineSchema.parse({ baudRate: 19_200, parity: 'even' });
    const pair = await openPtyPair();
    const slaves = new ModbusSlaves(3);
    const far = await serialLinkOpener(pair.far, line).open(new AbortController().signal);
    t.teardown(async () => {
      await far.close();
      await pair.remove();
    });
    far.listen({ data: (bytes) => slaves.serveRtu(bytes, (reply) => far.write(reply)), closed: () => undefined });
    const link = await serialLinkOpener(pair.near, line).open(new AbortController().signal);
    const client = new ModbusClient(link, 'rtu', systemClock);
    await client.writeRegisters(10, [1234, 5678], { unitId: 3, timeoutMs: 2_000 });
    await client.close();
    const mbpoll = spawn('mbpoll', [
      '-m',
      'rtu',
      '-b',
      '19200',
      '-P',
      'even',
      '-a',
      '3',
      '-0',
      '-r',
      '10',
      '-c',
      '2',
      '-t',
      '4',
      '-1',
      pair.near,
    ]);
    let output = '';
    mbpoll.stdout.on('data', (bytes: Buffer) => {
      output += bytes.toString();
    });
    await once(mbpoll, 'close');
    t.match(output, /\[10\]:\s+1234[\s\S]*\[11\]:\s+5678/);
  },
);

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { openPtyLink } from '../../links/pty-link.js';
import { serveModbusRtu } from './modbus-rtu-server.js';
import { type ModbusSlave, openModbusTcpServer } from './modbus-tcp-server.js';
import { RegisterBank } from './register-bank.js';

const python = '/usr/bin/python3';
const master = fileURLToPath(new URL('./__fixtures__/pymodbus-master.py', import.meta.url));
const missing = (program: string, args: string[], what: string) =>
  spawnSync(program, args).status === 0 ? undefined : `${what} is missing: apt-get install ${what}`;
const noPymodbus = missing(python, ['-c', 'import pymodbus, serial'], 'python3-pymodbus python3-serial');
const noMbpoll = spawnSync('mbpoll', ['-V']).error ? 'mbpoll is missing: apt-get install mbpoll' : undefined;
const noSocat = missing('socat', ['-V'], 'socat');

const newSlave = (): ModbusSlave & { bank: RegisterBank } => {
  const bank = new RegisterBank();
  bank.setFloat('input', 0, 230.5);
  bank.setWords(
    'holding',
    10,
    Array.from({ length: 200 }, (_, i) => i + 1),
  );
  for (let i = 0; i < 10; i++) {
    bank.coils.set(i, false);
    bank.discretes.set(i, i % 2 === 1);
  }
  return { bank, identification: ['Acme', 'M1', '1.0'] };
};

interface Line {
  /** How masters are told where the slave is. */
  readonly pymodbus: string[];
  readonly mbpoll: { options: string[]; target: string };
}

const overTcp = async (t: Test, slave: ModbusSlave): Promise<Line> => {
  const server = await openModbusTcpServer(new Map([[1, slave]]));
  t.teardown(() => server[Symbol.asyncDispose]());
  const port = String(server.port);
  return { pymodbus: ['tcp', port], mbpoll: { options: ['-m', 'tcp', '-p', port], target: '127.0.0.1' } };
};

/** The slave on its own pty, the master on one of socat's. */
const overPtys = async (t: Test, slave: ModbusSlave): Promise<Line> => {
  const link = openPtyLink();
  serveModbusRtu(link, new Map([[1, slave]]));
  const path = join(t.testdir({}), 'line');
  const socat = spawn('socat', [`pty,raw,echo=0,link=${path}`, `open:${link.path},raw,echo=0`], { stdio: 'ignore' });
  t.teardown(async () => {
    const gone = once(socat, 'exit');
    socat.kill();
    await gone;
    link[Symbol.dispose]();
  });
  for (const deadline = Date.now() + 60_000; !existsSync(path); ) {
    if (Date.now() > deadline) throw new Error('socat made no pty in a minute');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const options = ['-m', 'rtu', '-b', '19200', '-P', 'none'];
  return { pymodbus: ['rtu', path], mbpoll: { options, target: path } };
};

const run = async (program: string, args: readonly string[]): Promise<string> => {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (bytes: Buffer) => {
      out += bytes;
    });
  }
  await once(child, 'close');
  return out;
};

for (const [name, skip, open] of [
  ['TCP', undefined, overTcp],
  ['RTU over ptys', noSocat, overPtys],
] as const) {
  const noPeer = (no: string | undefined) => ({ timeout: 300_000, ...((no ?? skip) ? { skip: no ?? skip } : {}) });

  t.test(`pymodbus as the master, ${name}: every function code`, noPeer(noPymodbus), async (t) => {
    const slave = newSlave();
    const line = await open(t, slave);
    const out = await run(python, [master, ...line.pymodbus]);
    const told = JSON.parse(out.trim().split('\n').at(-1) ?? '') as Record<string, unknown>;
    t.match(told, {
      coils: Array(10).fill(false),
      discretes: [false, true, false, true, false, true, false, true],
      holding: [1, 2, 3],
      input: [0x4366, 0x8000],
      writeCoil: 'ok',
      writeRegister: 'ok',
      writeCoils: 'ok',
      writeRegisters: 'ok',
      mask: 'ok',
      exchange: [77, 0xab34, 5, 6],
      after: [false, true, true, false, true, false, false, false],
      lacking: { exception: 2 },
      tooMany: { exception: 3 },
      unknown: { exception: 1 },
      identity: { 0: 'Acme', 1: 'M1', 2: '1.0' },
    });
    t.equal(slave.bank.holding.get(11), 0xab34);
  });

  t.test(`mbpoll as the master, ${name}: reads and writes all tables`, noPeer(noMbpoll), async (t) => {
    const { bank, ...rest } = newSlave();
    const { options, target } = (await open(t, { bank, ...rest })).mbpoll;
    const ask = (what: string[], values: string[] = []) =>
      run('mbpoll', [...options, '-o', '10', '-a', '1', '-0', '-1', ...what, target, ...values]);
    t.match(await ask(['-t', '3:float', '-B', '-r', '0']), /\[0\]:\s+230\.5/);
    t.match(await ask(['-t', '4', '-r', '10', '-c', '3']), /\[10\]:\s+1\s+\[11\]:\s+2\s+\[12\]:\s+3/);
    t.match(await ask(['-t', '1', '-r', '0', '-c', '4']), /\[0\]:\s+0\s+\[1\]:\s+1\s+\[2\]:\s+0\s+\[3\]:\s+1/);
    await ask(['-t', '4', '-r', '20'], ['1234']);
    t.equal(bank.holding.get(20), 1234, 'function code 6');
    await ask(['-t', '4', '-r', '21'], ['7', '8', '9']);
    t.same(
      [21, 22, 23].map((at) => bank.holding.get(at)),
      [7, 8, 9],
      'function code 16',
    );
    await ask(['-t', '0', '-r', '3'], ['1']);
    t.equal(bank.coils.get(3), true, 'function code 5');
    await ask(['-t', '0', '-r', '4'], ['1', '0', '1']);
    t.match(await ask(['-t', '0', '-r', '3', '-c', '4']), /\[3\]:\s+1\s+\[4\]:\s+1\s+\[5\]:\s+0\s+\[6\]:\s+1/);
    t.match(await ask(['-t', '4', '-r', '9000']), /Illegal data address/i);
  });
}

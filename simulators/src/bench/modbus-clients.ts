import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import ModbusRtu from 'modbus-serial';
import { modbusConfigSchema } from '../../../edge/src/adapters/modbus/config.js';
import { ModbusAdapter } from '../../../edge/src/adapters/modbus/modbus-adapter.js';
import { benchDevice, idleHost } from './idle-host.js';
import { meterBlocks, meterPoints, meterProfile } from './modbus-meter.js';
import { measured, pause, type Rate, type Target } from './modbus-rate.js';
import { cpuSecondsOf } from './process-figures.js';

const warmUpMs = 300;
const run = promisify(execFile);

/** The adapter: planned blocks, decoded and ranged values, presence evidence, fair bus. */
export const withAdapter = async (target: Target): Promise<Rate> => {
  const url = `tcp://127.0.0.1:${target.port}`;
  const profile = meterProfile();
  const host = idleHost(profile);
  const adapter = new ModbusAdapter(modbusConfigSchema.parse({ id: 'bench', url, discover: false }), host);
  adapter.attach(benchDevice('bench', `${url}#${target.unitId}`, profile));
  await adapter.start();
  try {
    await pause(warmUpMs);
    const before = adapter.counters();
    const rate = await measured(target, () => adapter.counters().pointsRead ?? 0);
    const { requests = 0, pointsRead = 0 } = adapter.counters();
    const perRequest = (pointsRead - (before.pointsRead ?? 0)) / (requests - (before.requests ?? 0));
    if (Math.abs(perRequest - meterPoints / meterBlocks.length) > 1) {
      throw new Error('the adapter did not plan the same blocks');
    }
    return rate;
  } finally {
    await adapter.stop();
  }
};

type Bare = InstanceType<typeof ModbusRtu.default>;
type Block = (typeof meterBlocks)[number];

/** One block, its floats read off the reply; registers and bits as the library gives them. */
const readBlock = async (client: Bare, block: Block): Promise<readonly (number | boolean)[]> => {
  const { table, address, count, points } = block;
  if (table === 'coil') return (await client.readCoils(address, count)).data.slice(0, points);
  if (table === 'holding') return (await client.readHoldingRegisters(address, count)).data;
  const { buffer } = await client.readInputRegisters(address, count);
  return Array.from({ length: points }, (_, i) => buffer.readFloatBE(i * 4));
};

const readPoint = async (client: Bare, { table, address, words }: Block, point: number): Promise<number | boolean> => {
  const at = address + point * words;
  if (table === 'coil') return (await client.readCoils(at, 1)).data[0] ?? false;
  if (table === 'holding') return (await client.readHoldingRegisters(at, 1)).data[0] ?? 0;
  return (await client.readInputRegisters(at, 2)).buffer.readFloatBE(0);
};

/** Rounds of the client library in a loop; a round adds what it read. */
const withLibrary = async (target: Target, round: (client: Bare, add: (points: number) => void) => Promise<void>) => {
  const client = new ModbusRtu.default();
  await client.connectTCP('127.0.0.1', { port: target.port });
  client.setID(target.unitId);
  client.setTimeout(1_000);
  let [points, stopped] = [0, false];
  const loop = (async () => {
    while (!stopped) {
      await round(client, (more) => {
        points += more;
      });
    }
  })();
  try {
    await pause(warmUpMs);
    return await measured(target, () => points);
  } finally {
    stopped = true;
    await loop;
    await new Promise<void>((resolve) => client.close(() => resolve()));
  }
};

/** The client library in a loop over the same blocks, with the least that makes points of them. */
export const withBareClient = (target: Target): Promise<Rate> =>
  withLibrary(target, async (client, add) => {
    for (const block of meterBlocks) add((await readBlock(client, block)).length);
  });

/** The client library, one request a point. */
export const withNaiveClient = (target: Target): Promise<Rate> =>
  withLibrary(target, async (client, add) => {
    for (const block of meterBlocks) {
      for (let point = 0; point < block.points; point++) {
        await readPoint(client, block, point);
        add(1);
      }
    }
  });

/** libmodbus's C client over the same blocks; undefined where there is no compiler or no libmodbus-dev. */
export const withLibmodbus = async (target: Target): Promise<Rate | undefined> => {
  const source = fileURLToPath(new URL('../../../simulators/src/bench/libmodbus-client.c', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-libmodbus-'));
  const program = join(folder, 'client');
  try {
    const compiled = await run('gcc', ['-O2', source, '-o', program, '-lmodbus']).catch(() => undefined);
    if (!compiled) return undefined;
    const blocks = meterBlocks.flatMap(({ table, address, count, points }) => [table[0], address, count, points]);
    const serverCpuS = cpuSecondsOf(target.serverPid);
    const { stdout } = await run(program, [target.port, target.unitId, target.forMs, ...blocks].map(String));
    const [points = 0, seconds = 1, cpuS = 0] = stdout.trim().split(' ').map(Number);
    return {
      pointsPerSecond: points / seconds,
      ownShare: cpuS / seconds,
      serverShare: (cpuSecondsOf(target.serverPid) - serverCpuS) / seconds,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

import ModbusRtu from 'modbus-serial';
import { modbusConfigSchema } from '../../../edge/src/adapters/modbus/config.js';
import { ModbusAdapter } from '../../../edge/src/adapters/modbus/modbus-adapter.js';
import { startPart } from '../e2e/part-process.js';
import { digits, type Figure, runBench } from './bench-run.js';
import { benchDevice, idleHost } from './idle-host.js';
import { floatingUnit, meterBlocks, meterPoints, meterProfile, stillUnit } from './modbus-meter.js';
import { cpuSecondsOf } from './process-figures.js';
import { median } from './statistics.js';

interface Rate {
  readonly pointsPerSecond: number;
  /** Of one core. */
  readonly ownShare: number;
  readonly serverShare: number;
}

interface Target {
  readonly port: number;
  readonly unitId: number;
  readonly serverPid: number;
  readonly forMs: number;
}

const measured = async ({ serverPid, forMs }: Target, count: () => number): Promise<Rate> => {
  const [before, cpu, serverCpuS, startMs] = [count(), process.cpuUsage(), cpuSecondsOf(serverPid), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, forMs));
  const seconds = (performance.now() - startMs) / 1_000;
  const used = process.cpuUsage(cpu);
  return {
    pointsPerSecond: (count() - before) / seconds,
    ownShare: (used.user + used.system) / 1_000_000 / seconds,
    serverShare: (cpuSecondsOf(serverPid) - serverCpuS) / seconds,
  };
};

const warmUpMs = 300;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The adapter: planned blocks, decoded and ranged values, presence evidence, fair bus. */
const withAdapter = async (target: Target): Promise<Rate> => {
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

/** One block, its floats read off the reply; registers and bits as the library gives them. */
const readBare = async (client: Bare, block: (typeof meterBlocks)[number]): Promise<readonly (number | boolean)[]> => {
  const { table, address, count, points } = block;
  if (table === 'coil') return (await client.readCoils(address, count)).data.slice(0, points);
  if (table === 'holding') return (await client.readHoldingRegisters(address, count)).data;
  const { buffer } = await client.readInputRegisters(address, count);
  return Array.from({ length: points }, (_, i) => buffer.readFloatBE(i * 4));
};

/** The client library in a loop over the same blocks, with the least that makes points of them. */
const withBareClient = async (target: Target): Promise<Rate> => {
  const client = new ModbusRtu.default();
  await client.connectTCP('127.0.0.1', { port: target.port });
  client.setID(target.unitId);
  client.setTimeout(1_000);
  let [points, stopped] = [0, false];
  const loop = (async () => {
    while (!stopped) {
      for (const block of meterBlocks) points += (await readBare(client, block)).length;
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

const compare = async (target: Target, rounds: number, tell: (text: string) => void): Promise<Figure> => {
  const pairs: { adapter: Rate; bare: Rate }[] = [];
  const still = target.unitId === stillUnit;
  for (let round = -1; round < rounds; round++) {
    const bareFirst = round % 2 === 0;
    const early = bareFirst ? await withBareClient(target) : undefined;
    const adapter = await withAdapter(target);
    const bare = early ?? (await withBareClient(target));
    // The first round warms everything up.
    if (round < 0) continue;
    pairs.push({ adapter, bare });
    const ratio = adapter.pointsPerSecond / bare.pointsPerSecond;
    tell(
      `${still ? 'still' : 'floating'} values, round ${round + 1} of ${rounds}: ${ratio.toFixed(2)} of the bare client`,
    );
  }
  const of = (side: 'adapter' | 'bare', field: keyof Rate) => median(pairs.map((pair) => pair[side][field]));
  const percent = (share: number) => Math.round(share * 100);
  const ratio = median(pairs.map(({ adapter, bare }) => adapter.pointsPerSecond / bare.pointsPerSecond));
  return {
    what: `points read, against the bare client (${still ? 'nothing changed since the last read' : 'every value another one'})`,
    value: Number(ratio.toFixed(2)),
    unit: '×',
    aim: { atLeast: 0.9 },
    detail: `${digits(of('adapter', 'pointsPerSecond'))} points/s against ${digits(of('bare', 'pointsPerSecond'))}, ${meterPoints} points in ${meterBlocks.length} reads, one request at a time; client ${percent(of('adapter', 'ownShare'))} % of a core against ${percent(of('bare', 'ownShare'))} %, the slave's process ${percent(of('adapter', 'serverShare'))} %`,
  };
};

await runBench(async ({ progress, quick }) => {
  const [rounds, forMs] = quick ? [3, 700] : [11, 1_500];
  await using server = await startPart('simulators/src/bench/modbus-server.ts', { args: [], built: true });
  const target = { port: Number(server.ready.port), serverPid: server.pid, forMs };
  const figures: Figure[] = [];
  for (const unitId of [floatingUnit, stillUnit]) figures.push(await compare({ ...target, unitId }, rounds, progress));
  return figures;
});

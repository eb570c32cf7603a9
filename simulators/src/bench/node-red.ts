import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type PartProcess, startPart } from '../e2e/part-process.js';
import { TestHall } from '../e2e/test-hall.js';
import { waitUntil } from '../e2e/wait-until.js';
import { freePort } from '../free-port.js';
import { digits, type Figure, runBench } from './bench-run.js';
import { type Liveliness, meterBlocks, meterPoints, meterProfileId, meterProfileText } from './modbus-meter.js';
import { pause } from './modbus-rate.js';
import { installNodeRed, startNodeRed } from './node-red-peer.js';
import { cpuSecondsOf, residentMemoryOf } from './process-figures.js';

const meters = 20;
const everyMs = 500;
const offered = (meters * meterPoints * 1_000) / everyMs;

interface Trial {
  readonly folder: string;
  readonly forMs: number;
  readonly settleMs: number;
  readonly liveliness: Liveliness;
}

interface Cost {
  readonly pointsPerSecond: number;
  readonly cpuShare: number;
  readonly memoryMb: number;
}

const startMeters = (liveliness: Liveliness) =>
  startPart('simulators/src/bench/modbus-server.ts', { args: [String(meters), liveliness], built: true });

const requestsOf = async (server: PartProcess): Promise<number> => {
  const seen = server.messages.filter(({ type }) => type === 'requests').length;
  server.ask({ type: 'count' });
  const answers = () => server.messages.filter(({ type }) => type === 'requests');
  await waitUntil('the meters to count', async () => answers().length > seen, { withinMs: 5_000, everyMs: 5 });
  return Number(answers().at(-1)?.count);
};

/** What a running poller read, by the meters' own count, and what it spent. */
const costOf = async (server: PartProcess, pid: number, forMs: number): Promise<Cost> => {
  const [before, cpuS, startMs] = [await requestsOf(server), cpuSecondsOf(pid), performance.now()];
  await pause(forMs);
  const seconds = (performance.now() - startMs) / 1_000;
  const requests = (await requestsOf(server)) - before;
  return {
    pointsPerSecond: (requests * meterPoints) / meterBlocks.length / seconds,
    cpuShare: (cpuSecondsOf(pid) - cpuS) / seconds,
    memoryMb: residentMemoryOf(pid).nowBytes / 1_000_000,
  };
};

const untilPolling = (server: PartProcess, what: string, log: () => string) =>
  waitUntil(`${what} to poll`, async () => (await requestsOf(server)) > meters * meterBlocks.length * 4, {
    withinMs: 60_000,
    everyMs: 200,
    seen: () => log().slice(-2_000),
  });

/** The unit: polled, checked, kept in the outbox, sent up and acknowledged by a cloud that stored it. */
const withHallHub = async ({ folder, forMs, settleMs, liveliness }: Trial): Promise<Cost> => {
  await using server = await startMeters(liveliness);
  const profiles = join(folder, 'profiles');
  const file = join(profiles, `${meterProfileId}.yaml`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, meterProfileText(everyMs));
  const bus = {
    ...{ id: 'meters', url: `tcp://127.0.0.1:${server.ready.port}`, discover: true, profile: meterProfileId },
    unitIds: Array.from({ length: meters }, (_, i) => i + 1),
  };
  await using hall = await TestHall.open({ built: true, edge: { profiles, modbus: [bus] } });
  await untilPolling(server, 'the unit', () => hall.edge.log());
  await pause(settleMs);
  const cost = await costOf(server, hall.edge.pid, forMs);
  const { lanes } = JSON.parse((await hall.hub('outbox', '--json')).out) as { lanes: { pending: number }[] };
  const pending = lanes.reduce((sum, lane) => sum + lane.pending, 0);
  if (pending > meters * 20) throw new Error(`${pending} rows were not sent up: the unit did not keep pace`);
  return cost;
};

const withNodeRed = async ({ folder, forMs, settleMs, liveliness }: Trial): Promise<Cost> => {
  const { folder: installed } = await installNodeRed();
  await using server = await startMeters(liveliness);
  const mqttPort = await freePort();
  const broker = spawn('mosquitto', ['-p', String(mqttPort)], { stdio: 'ignore' });
  try {
    const modbusPort = Number(server.ready.port);
    await using nodeRed = startNodeRed(installed, join(folder, 'node-red'), { modbusPort, mqttPort, meters, everyMs });
    await untilPolling(server, 'Node-RED', nodeRed.log);
    await pause(settleMs);
    return await costOf(server, nodeRed.pid, forMs);
  } finally {
    broker.kill();
  }
};

const perCpuSecond = ({ pointsPerSecond, cpuShare }: Cost) => pointsPerSecond / cpuShare;

const side = ({ pointsPerSecond, cpuShare, memoryMb }: Cost) =>
  `${digits(pointsPerSecond)} points/s with ${(cpuShare * 100).toFixed(1)} % of a core and ${Math.round(memoryMb)} MB`;

const names = { floating: 'every value another one at every read', calm: 'one value in twelve another one' } as const;

await runBench(async ({ progress, quick }) => {
  const [forMs, settleMs] = quick ? [5_000, 3_000] : [30_000, 10_000];
  const aim = { atLeast: 5 };
  const titleOf = (liveliness: Liveliness) =>
    `points for a CPU-second, polled and published, against Node-RED (${names[liveliness]})`;
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-bench-node-red-'));
  try {
    const installed = await installNodeRed().catch((error: Error) => error);
    if (installed instanceof Error) {
      const why = `Node-RED cannot be installed: ${installed.message.split('\n')[0]}`;
      return [{ what: titleOf('floating'), value: null, unit: '×', aim, detail: why }];
    }
    progress(`Node-RED ${installed.version} is installed; ${meters} meters, ${digits(offered)} points/s`);
    const figures: Figure[] = [];
    for (const liveliness of ['floating', 'calm'] as const) {
      const trial = { folder, forMs, settleMs, liveliness };
      const theirs = await withNodeRed(trial);
      progress(`Node-RED, ${names[liveliness]}: ${side(theirs)}`);
      const ours = await withHallHub(trial);
      progress(`the unit, ${names[liveliness]}: ${side(ours)}`);
      figures.push({
        what: titleOf(liveliness),
        value: Number((perCpuSecond(ours) / perCpuSecond(theirs)).toFixed(2)),
        unit: '×',
        aim,
        detail: `${side(ours)} (kept on disk, sent up and acknowledged) against ${side(theirs)} (Node-RED ${installed.version}, node-red-contrib-modbus 5.45.2, QoS 1 to mosquitto, nothing kept); ${meters} meters with ${meterPoints} points each in ${meterBlocks.length} reads every ${everyMs} ms`,
      });
    }
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { LocalClient } from '../../../edge/src/cli/local-client.js';
import { startPart } from '../e2e/part-process.js';
import { TestHall } from '../e2e/test-hall.js';
import { waitUntil } from '../e2e/wait-until.js';
import { freePort } from '../free-port.js';
import { loadProfiles, profileFolder } from '../profiled/load-profiles.js';
import { digits, type Figure, runBench } from './bench-run.js';
import { planErrands, runErrands, type Told } from './command-round.js';
import { DeviceFleet } from './device-fleet.js';
import { meterProfileId, meterProfileText } from './modbus-meter.js';
import { pause } from './modbus-rate.js';
import { cpuSecondsOf, residentMemoryOf } from './process-figures.js';
import { quantile } from './statistics.js';

const corpusDevices = 158;
const gateways = 5;
const probes = 2;
const probesPerSecond = 20;
const fastEveryMs = 1_000;

/** The configuration that `npm start` writes for such devices. */
const launcherConfig = async (folder: string, port: number, devices: unknown[]): Promise<Record<string, unknown>> => {
  const { writeEdgeConfig } = (await import(new URL('../../../.dev/start/unit-files.mjs', import.meta.url).href)) as {
    writeEdgeConfig(options: object): { file: string };
  };
  const { file } = writeEdgeConfig({ folder, port, hallName: '压力大厅', devices });
  const config = parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  return { ...config, onvif: { ...(config.onvif as object), discover: false } };
};

const pointsRead = async (client: LocalClient): Promise<number> => {
  const { checks } = await client.call('doctor', {});
  return checks.reduce((sum, { facts }) => {
    const counters = (facts as { counters?: Record<string, number> } | undefined)?.counters;
    return sum + (counters?.pointsRead ?? 0);
  }, 0);
};

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;

/** Slowest 5 % of one protocol's, for the table. */
const perProtocol = (told: readonly Told[]): string =>
  [...new Set(told.map(({ protocol }) => protocol))]
    .sort()
    .map((protocol) => {
      const own = told.filter((one) => one.protocol === protocol).map(({ tookMs }) => tookMs);
      return `${protocol} ${digits(quantile(own, 0.5))} / ${digits(quantile(own, 0.95))} ms (${own.length})`;
    })
    .join(', ');

await runBench(async ({ progress, quick }): Promise<Figure[]> => {
  const [settleMs, forMs] = quick ? [10_000, 15_000] : [30_000, 60_000];
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-bench-hall-'));
  try {
    const profiles = join(folder, 'profiles');
    cpSync(profileFolder(), profiles, { recursive: true });
    const meterFile = join(profiles, `${meterProfileId}.yaml`);
    mkdirSync(dirname(meterFile), { recursive: true });
    writeFileSync(meterFile, meterProfileText(fastEveryMs));
    const edgePort = await freePort();
    const edgeMqtt = `mqtt://127.0.0.1:${edgePort}`;
    await using peers = await startPart('simulators/src/bench/hall-peers.ts', {
      args: [join(folder, 'peers'), edgeMqtt, String(corpusDevices), String(gateways)],
      built: true,
    });
    const { devices, count, models } = peers.ready as unknown as { devices: unknown[]; count: number; models: number };
    const config = await launcherConfig(join(folder, 'unit'), edgePort, devices);
    await using hall = await TestHall.open({ built: true, edge: { ...config, profiles } });
    using client = await LocalClient.open(String(hall.edge.ready.socket), join(hall.dir, 'edge'));
    const known = async () => (await client.call('devices.list', {})).devices;
    const isLive = ({ state, presence }: Awaited<ReturnType<typeof known>>[number]) =>
      state === 'active' && presence === 'online';
    const online = async () => (await known()).filter(isLive).length;
    /** The devices that are known and not there, as one line. */
    const away = async () =>
      (await known())
        .filter((one) => !isLive(one))
        .map(({ identity, address, state, presence, reason }) =>
          [identity.model, address, state === 'active' ? presence : state, reason].filter(Boolean).join(' '),
        )
        .join('; ');
    let seen = 0;
    await waitUntil(
      'the hall to be online',
      async () => {
        seen = await online();
        return seen >= count;
      },
      { withinMs: 180_000, everyMs: 1_000, seen: () => `${seen} of ${count}` },
    ).catch(async (error: Error) => progress(`${error.message}; not there: ${await away()}`));
    await using fleet = await DeviceFleet.join({ url: edgeMqtt, count: probes, serialPrefix: 'PROBE' });
    progress(`${seen + probes} devices of ${models} models online`);
    await pause(settleMs);
    const errands = await planErrands(client, loadProfiles());
    const sentMs = new Map<string, number>();
    const acknowledgedMs: number[] = [];
    const stop = new AbortController();
    const sending = fleet.send(probesPerSecond, stop.signal, {
      sent: ({ device, number }) => void sentMs.set(`${device}/${number}`, performance.now()),
      acknowledged: ({ device, number }) =>
        void acknowledgedMs.push(performance.now() - (sentMs.get(`${device}/${number}`) ?? Number.NaN)),
    });
    const [points, cpuS, peersCpuS, beganMs] = [
      await pointsRead(client),
      cpuSecondsOf(hall.edge.pid),
      cpuSecondsOf(peers.pid),
      performance.now(),
    ];
    await pause(forMs);
    const seconds = (performance.now() - beganMs) / 1_000;
    const rate = ((await pointsRead(client)) - points) / seconds;
    const share = (cpuSecondsOf(hall.edge.pid) - cpuS) / seconds;
    const peersShare = (cpuSecondsOf(peers.pid) - peersCpuS) / seconds;
    const memory = residentMemoryOf(hall.edge.pid);
    const told = await runErrands(errands);
    stop.abort();
    await sending;
    const failed = told.filter((one) => one.failed !== undefined);
    for (const one of failed) progress(`${one.protocol} ${one.what}: ${one.failed}`);
    const still = await online();
    const times = told.map(({ tookMs }) => tookMs);
    const load = `${still} devices of ${models} models over four protocols, ${digits(rate)} Modbus points/s and what the others say`;
    return [
      {
        what: `the agent's share of a core, ${still} devices at ${digits(rate)} points/s`,
        value: Number((share * 100).toFixed(1)),
        unit: '%',
        aim: { atMost: 50 },
        detail: `${load}; the simulated devices took ${percent(peersShare)}`,
      },
      {
        what: `the agent's resident memory under that load`,
        value: Math.round(memory.nowBytes / 1_000_000),
        unit: 'MB',
        aim: { atMost: 200 },
        detail: `at most ${digits(memory.peakBytes / 1_000_000)} MB since its start`,
      },
      {
        what: 'a change told by a device to the outbox on disk under that load, p99',
        value: Number(quantile(acknowledgedMs, 0.99).toFixed(1)),
        unit: 'ms',
        detail: `p50 ${digits(quantile(acknowledgedMs, 0.5))} ms, ${acknowledgedMs.length} messages of MQTT devices from publish to acknowledgement; readings of polled devices wait up to 250 ms for larger commits`,
      },
      {
        what: 'a command under that load, call to end, p95',
        value: Number(quantile(times, 0.95).toFixed(1)),
        unit: 'ms',
        aim: { atMost: 100 },
        detail: `p50 / p95 by protocol: ${perProtocol(told)}; ${failed.length} of ${told.length} failed`,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

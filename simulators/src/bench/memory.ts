import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPart } from '../e2e/part-process.js';
import { TestHall } from '../e2e/test-hall.js';
import { waitUntil } from '../e2e/wait-until.js';
import { freePort } from '../free-port.js';
import type { SimulatedDevice } from '../hall-parts.js';
import { digits, runBench } from './bench-run.js';
import { cpuSecondsOf, residentMemoryOf } from './process-figures.js';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
/** The six kinds of the demonstration hall; its second camera is of one of them. */
const sixDevices = ['queue-machine', 'evaluator', 'energy-meter', 'led-display', 'id-card-reader', 'camera'];
const megabytes = (bytes: number) => bytes / 1_000_000;

/** edge.yaml's sections for the simulated hall, as `npm start` writes them. */
const edgeSections = (devices: readonly SimulatedDevice[], edgePort: number) => {
  const named = (name: string) => {
    const device = devices.find((one) => one.name === name);
    if (!device) throw new Error(`the simulators have no ${name}`);
    return device;
  };
  const camera = named('camera');
  return {
    broker: { host: '127.0.0.1', port: edgePort },
    modbus: [{ id: 'meters', url: named('energy-meter').endpoint, unitIds: [1], discover: true }],
    serial: ['led-display', 'id-card-reader'].map((id) => ({ id, path: named(id).endpoint, discover: true })),
    onvif: { discover: false, hosts: [camera.endpoint], username: camera.username, password: camera.password },
  };
};

await runBench(async ({ progress, quick }) => {
  const forMs = quick ? 10_000 : 60_000;
  const folder = mkdtempSync(join(tmpdir(), 'hallhub-bench-memory-'));
  try {
    const edgePort = await freePort();
    await using simulators = await startPart('simulators/src/main.ts', {
      args: ['--data', folder, '--edge-mqtt', `mqtt://127.0.0.1:${edgePort}`, '--only', sixDevices.join(',')],
      built: true,
    });
    const devices = simulators.ready.devices as readonly SimulatedDevice[];
    await using hall = await TestHall.open({ built: true, edge: edgeSections(devices, edgePort) });
    const online = async () => {
      const all = await hall.api.all<{ state: string; presence: string }>('/devices');
      return all.filter(({ state, presence }) => state === 'active' && presence === 'online').length;
    };
    await waitUntil('every device to be online', async () => (await online()) === devices.length, {
      withinMs: 90_000,
      everyMs: 500,
    });
    progress(`${devices.length} devices online; ${forMs / 1_000} s of work`);
    const cpuS = cpuSecondsOf(hall.edge.pid);
    await pause(forMs);
    const memory = residentMemoryOf(hall.edge.pid);
    const share = (cpuSecondsOf(hall.edge.pid) - cpuS) / (forMs / 1_000);
    return [
      {
        what: `the agent's resident memory, ${devices.length} devices, after ${forMs / 1_000} s`,
        value: Math.round(megabytes(memory.nowBytes)),
        unit: 'MB',
        aim: { atMost: 120 },
        detail: `at most ${digits(megabytes(memory.peakBytes))} MB since its start; ${(share * 100).toFixed(1)} % of a core; ${await online()} devices online at the end`,
      },
    ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

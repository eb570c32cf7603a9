import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startPart } from '../e2e/part-process.js';
import { digits, type Figure, runBench } from './bench-run.js';
import type { GeneratorTask } from './load/generator.js';
import { built, type Generators, type LoadOutcome } from './load/generators.js';
import { LoadRig } from './load/load-rig.js';
import { insist, isFull, percentOfCore, probeUnits, probing, sleep, tenths } from './load/load-shape.js';
import type { Target } from './load/load-unit.js';

/** As units do whose line came back at the same moment: the first attempt within seconds, then by back-off. */
const spreadMs = 5_000;
const rowsOfBatch = 10;

interface Watched {
  readonly storm: LoadOutcome;
  readonly live: LoadOutcome;
}

const loader = new URL('../../../.dev/bench/built-code.mjs', import.meta.url).href;

const startSink = async (rig: LoadRig, batchesPerSecond: number) => {
  const credentials = (await rig.pki()).serverCredentials();
  const file = join(rig.folder, 'sink.json');
  writeFileSync(file, JSON.stringify({ credentials, batchesPerSecond }), { mode: 0o600 });
  const nodeArgs = built ? [`--import=${loader}`] : [];
  return startPart('simulators/src/bench/load/sink.ts', { args: [file], built, nodeArgs });
};

/** A live p99 over as long as the storm lasts. */
const watch = async (load: Generators, probe: Generators, task: GeneratorTask, aboutMs: number): Promise<Watched> => {
  let isOver = false;
  const storming = load.run(task, isFull ? 3_600_000 : 220_000).finally(() => {
    isOver = true;
  });
  const seen: LoadOutcome[] = [];
  while (!isOver) seen.push(await probe.run(probing(aboutMs)));
  const storm = insist('the storm', await storming);
  const whole = seen.length > 1 ? seen.slice(0, -1) : seen;
  return { storm, live: whole.reduce((a, b) => (a.p99Ms > b.p99Ms ? a : b)) };
};

await runBench(async ({ progress, quick }) => {
  const [units, batches, forMs] = quick ? [200, 10, 5_000] : [2_000, isFull ? 200 : 10, 10_000];
  await using rig = await LoadRig.open();
  progress('making units and certificates');
  const watched = await rig.units({ count: probeUnits, devices: 1 });
  const cards = await rig.units({ count: units, devices: 4, certificates: true });
  await using probe = await rig.generators(watched, 1);
  await using load = await rig.generators(cards, 1);
  await probe.run({ kind: 'connect', target: rig.plain, spreadMs: 500 });
  await probe.run(probing(3_000));
  const alone = insist('alone', await probe.run(probing(forMs)));
  progress(`nobody else: p99 ${digits(alone.p99Ms)} ms`);

  const storm = (target: Target) => ({ kind: 'storm', target, spreadMs, batches, rows: rowsOfBatch }) as const;
  const [cpu, generatorS] = [rig.cpu(), load.cpuSeconds()];
  const real = await watch(load, probe, storm(await rig.secure()), forMs);
  const [now, generatorNow] = [rig.cpu(), load.cpuSeconds()];
  const { tookMs } = real.storm;
  const perSecond = (real.storm.batches * 1_000) / tookMs;
  progress(`storm over after ${digits(tookMs / 1_000)} s: live p99 ${digits(real.live.p99Ms)} ms`);
  await load.run({ kind: 'cut' });
  await sleep(2_000);

  const sink = await startSink(rig, Math.ceil(perSecond));
  const { hostname: host, port } = new URL(String(sink.ready.mqtts));
  const calm = await watch(load, probe, storm({ ...(await rig.secure()), host, port: Number(port) }), forMs);
  await sink.stop();
  progress(`the same against a sink: live p99 ${digits(calm.live.p99Ms)} ms`);
  const count = units.toLocaleString('en-US');
  return [
    {
      what: `${count} units return with ${batches} batches each: live p99 during it, against the same load on a sink`,
      ...{ value: Number((real.live.p99Ms / calm.live.p99Ms).toFixed(2)), unit: '×' },
      aim: { atMost: 2 },
      detail: `p50 / p99 ${digits(real.live.p50Ms)} / ${digits(real.live.p99Ms)} ms (the worst ${forMs / 1_000} s) against ${digits(calm.live.p50Ms)} / ${digits(calm.live.p99Ms)} ms; ${digits(alone.p50Ms)} / ${digits(alone.p99Ms)} ms with no load at all`,
    },
    {
      what: `${count} units caught up after`,
      ...{ value: tenths(tookMs / 1_000), unit: 's' },
      detail: `${real.storm.batches.toLocaleString('en-US')} batches of ${rowsOfBatch} rows, ${digits(perSecond)}/s; half of the units after ${digits(real.storm.halfDoneMs / 1_000)} s; ${real.storm.refused} attempts were turned away; of a core: cloud ${percentOfCore(now.cloud - cpu.cloud, tookMs)}, PostgreSQL ${percentOfCore(now.postgres - cpu.postgres, tookMs)}, generator ${percentOfCore(generatorNow - generatorS, tookMs)}`,
    },
  ] satisfies Figure[];
});

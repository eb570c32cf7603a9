import { digits, type Figure, runBench } from './bench-run.js';
import type { Generators, LoadOutcome } from './load/generators.js';
import { LoadRig } from './load/load-rig.js';
import { insist, percentOfCore, probeUnits, probing, sleep, tenths } from './load/load-shape.js';
import { residentMemoryOf } from './process-figures.js';

const localAddresses = Array.from({ length: 8 }, (_, i) => `127.0.0.${i + 10}`);
const settleMs = 5_000;

interface Wave {
  readonly outcome: LoadOutcome;
  readonly meanwhile: LoadOutcome;
  readonly kilobytesEach: number;
  readonly cloudCpuS: number;
  readonly generatorCpuS: number;
}

/** All of them come, with somebody watching one live device; and what they cost the cloud once they are there. */
const bring = async (
  rig: LoadRig,
  load: Generators,
  probe: Generators,
  options: { secure: boolean; spreadMs: number },
) => {
  const cloud = rig.clouds[0]?.pid ?? 0;
  const target = options.secure ? await rig.secure() : rig.plain;
  const [beforeBytes, cpu, generatorCpu] = [residentMemoryOf(cloud).nowBytes, rig.cpu(), load.cpuSeconds()];
  let over = false;
  const watched: LoadOutcome[] = [];
  const watching = (async () => {
    while (!over) watched.push(await probe.run(probing(5_000)));
  })();
  const outcome = insist('connecting', await load.run({ kind: 'connect', target, spreadMs: options.spreadMs }));
  over = true;
  const [cloudCpuS, generatorCpuS] = [rig.cpu().cloud - cpu.cloud, load.cpuSeconds() - generatorCpu];
  await watching;
  await sleep(settleMs);
  const kilobytesEach = (residentMemoryOf(cloud).nowBytes - beforeBytes) / 1024 / outcome.units;
  const worst = watched.reduce((a, b) => (a.p99Ms > b.p99Ms ? a : b));
  return { outcome, meanwhile: worst, kilobytesEach, cloudCpuS, generatorCpuS } satisfies Wave;
};

await runBench(async ({ progress, quick }) => {
  const counts = quick ? { plain: 1_000, secure: 300 } : { plain: 10_000, secure: 5_000 };
  const forMs = quick ? 5_000 : 15_000;
  await using rig = await LoadRig.open();
  progress('making units and certificates');
  const watched = await rig.units({ count: probeUnits, devices: 1 });
  const plainUnits = await rig.units({ count: counts.plain, devices: 1 });
  const secureUnits = await rig.units({ count: counts.secure, devices: 1, certificates: true });
  await using probe = await rig.generators(watched, 1);
  await using plain = await rig.generators(plainUnits, 1, localAddresses);
  await using secure = await rig.generators(secureUnits, 1, localAddresses);
  await probe.run({ kind: 'connect', target: rig.plain, spreadMs: 500 });
  await probe.run(probing(3_000));
  const calm = insist('calm', await probe.run(probing(forMs)));

  const figures: Figure[] = [];
  const tell = (name: string, wave: Wave) => {
    const { outcome, meanwhile } = wave;
    const { units, tookMs, refused } = outcome;
    progress(`${units} by ${name} in ${digits(tookMs / 1_000)} s; meanwhile p99 ${digits(meanwhile.p99Ms)} ms`);
    figures.push(
      {
        what: `${units.toLocaleString('en-US')} units by ${name}: memory of the cloud process for each`,
        ...{ value: tenths(wave.kilobytesEach), unit: 'kB' },
        detail: `connected, greeted and heard every 15 s; ${digits(residentMemoryOf(rig.clouds[0]?.pid ?? 0).nowBytes / 1_048_576)} MB in all`,
      },
      {
        what: `${name}: units connected and greeted a second`,
        ...{ value: Math.round((units * 1_000) / tookMs), unit: '/s' },
        detail: `half of them after ${digits(outcome.halfDoneMs / 1_000)} s, all after ${digits(tookMs / 1_000)} s; ${refused} attempts were turned away and made again; cloud ${percentOfCore(wave.cloudCpuS, tookMs)} of a core, generators ${percentOfCore(wave.generatorCpuS, tookMs)}`,
      },
      {
        what: `${name}: a live device meanwhile, reading to commit, p99`,
        ...{ value: tenths(meanwhile.p99Ms), unit: 'ms' },
        detail: `of the worst five seconds, p50 ${digits(meanwhile.p50Ms)} ms; before anybody came p50 / p99 ${digits(calm.p50Ms)} / ${digits(calm.p99Ms)} ms`,
      },
    );
  };
  tell('plain TCP', await bring(rig, plain, probe, { secure: false, spreadMs: counts.plain * 2 }));
  tell('mutual TLS', await bring(rig, secure, probe, { secure: true, spreadMs: counts.secure * 10 }));
  const cpu = rig.cpu();
  const held = insist('with all connected', await probe.run(probing(forMs)));
  const now = rig.cpu();
  figures.push({
    what: `${(counts.plain + counts.secure).toLocaleString('en-US')} units connected: a live device, reading to commit, p99`,
    ...{ value: tenths(held.p99Ms), unit: 'ms' },
    detail: `p50 ${digits(held.p50Ms)} ms, ${digits(held.p99Ms / calm.p99Ms)} times the p99 before; heartbeats and all take ${percentOfCore(now.cloud - cpu.cloud, forMs)} of a core of the cloud and ${percentOfCore(now.postgres - cpu.postgres, forMs)} of PostgreSQL`,
  });
  return figures;
});

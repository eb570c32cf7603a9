import { digits, type Figure, runBench } from './bench-run.js';
import type { LoadOutcome } from './load/generators.js';
import { LoadRig } from './load/load-rig.js';
import { percentOfCore, sleep } from './load/load-shape.js';
import { median } from './statistics.js';

const rows = 10;

interface Round {
  readonly perSecond: number;
  readonly outcome: LoadOutcome;
  readonly shares: string;
}

await runBench(async ({ progress, quick }) => {
  const [units, forMs, rounds] = quick ? [50, 4_000, 1] : [200, 15_000, 3];
  await using rig = await LoadRig.open({ broker: true });
  const cards = await rig.units({ count: units, devices: 4 });
  await using load = await rig.generators(cards, 1);
  await load.run({ kind: 'connect', target: rig.plain, spreadMs: 1_000 });
  await load.run({ kind: 'flood', rows, forMs: 4_000 });

  const measure = async (clouds: number): Promise<Round> => {
    while (rig.clouds.length < clouds) await rig.startCloud();
    while (rig.clouds.length > clouds) await rig.stopCloud();
    await sleep(1_000);
    await load.run({ kind: 'flood', rows, forMs: 2_000 });
    const [cpu, brokerS, generatorS] = [rig.cpu(), rig.brokerCpu(), load.cpuSeconds()];
    const outcome = await load.run({ kind: 'flood', rows, forMs });
    const now = rig.cpu();
    const shares = `cloud ${percentOfCore(now.cloud - cpu.cloud, forMs)}, PostgreSQL ${percentOfCore(now.postgres - cpu.postgres, forMs)}, mosquitto ${percentOfCore(rig.brokerCpu() - brokerS, forMs)}, generator ${percentOfCore(load.cpuSeconds() - generatorS, forMs)}`;
    const perSecond = (outcome.rows * 1_000) / forMs;
    progress(`${clouds} cloud: ${digits(perSecond)} rows/s`);
    return { perSecond, outcome, shares };
  };

  const pairs: { one: Round; two: Round }[] = [];
  for (let i = 0; i < rounds; i++) {
    // Each first in every other round.
    if (i % 2 === 0) pairs.push({ one: await measure(1), two: await measure(2) });
    else {
      const two = await measure(2);
      pairs.push({ one: await measure(1), two });
    }
  }
  const ratio = median(pairs.map(({ one, two }) => two.perSecond / one.perSecond));
  const { one, two } = pairs.find((pair) => pair.two.perSecond / pair.one.perSecond === ratio) ?? pairs[0]!;
  const of = ({ perSecond, outcome, shares }: Round) =>
    `${digits(perSecond)} rows/s (${digits((outcome.batches * 1_000) / forMs)} transactions/s, p50 ${digits(outcome.p50Ms)} ms; of a core: ${shares})`;
  return [
    {
      what: 'two cloud processes and mosquitto against one and mosquitto: rows a second',
      ...{ value: Number(ratio.toFixed(2)), unit: '×' },
      detail: `${units} units, one batch of ${rows} rows in flight each: ${of(two)} against ${of(one)}; everything shares this machine's cores`,
    },
  ] satisfies Figure[];
});

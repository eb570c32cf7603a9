import { digits, type Figure, runBench } from './bench-run.js';
import { LoadRig } from './load/load-rig.js';
import { insist, isFull, tenths } from './load/load-shape.js';
import { residentMemoryOf } from './process-figures.js';
import { median } from './statistics.js';

const everyMs = 5_000;
const megabytes = (bytes: number) => bytes / 1_048_576;

await runBench(async ({ progress, quick }) => {
  const forMs = isFull ? 3_600_000 : quick ? 20_000 : 120_000;
  await using rig = await LoadRig.open();
  const cards = await rig.units({ count: 100, devices: 10 });
  await using load = await rig.generators(cards, 1);
  await load.run({ kind: 'connect', target: rig.plain, spreadMs: 1_000 });
  const pid = rig.clouds[0]?.pid ?? 0;
  const seen: number[] = [];
  let rows = 0;
  for (const startMs = performance.now(); performance.now() - startMs < forMs; ) {
    rows += insist('steady', await load.run({ kind: 'steady', everyMs: 2_000, devices: 10, forMs: everyMs })).rows;
    seen.push(megabytes(residentMemoryOf(pid).nowBytes));
    if (seen.length % 12 === 0) progress(`${digits(rows)} readings, ${digits(seen.at(-1) ?? 0)} MB`);
  }
  const quarter = Math.max(1, Math.floor(seen.length / 4));
  const [early, late] = [median(seen.slice(quarter, 2 * quarter)), median(seen.slice(-quarter))];
  return [
    {
      what: `memory of the cloud process over ${digits(forMs / 60_000)} minutes of 500 readings/s: last quarter against the second`,
      ...{ value: Number((late / early).toFixed(2)), unit: '×' },
      aim: { atMost: 1.1 },
      detail: `${tenths(early)} MB, then ${tenths(late)} MB; at most ${tenths(Math.max(...seen))} MB; ${rows.toLocaleString('en-US')} readings of 100 units`,
    },
  ] satisfies Figure[];
});

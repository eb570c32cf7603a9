import { startPart } from '../e2e/part-process.js';
import { digits, type Figure, runBench } from './bench-run.js';
import { withAdapter, withBareClient, withLibmodbus, withNaiveClient } from './modbus-clients.js';
import { floatingUnit, meterBlocks, meterPoints, stillUnit } from './modbus-meter.js';
import type { Rate, Target } from './modbus-rate.js';
import { median } from './statistics.js';

interface Comparison {
  readonly what: string;
  readonly aim: number;
  readonly peer: (target: Target) => Promise<Rate>;
  readonly detail: string;
}

const percent = (share: number) => Math.round(share * 100);

/** The adapter and its peer in turns, each first in every other round; the first round warms everything up. */
const compare = async (
  target: Target,
  { what, aim, peer, detail }: Comparison,
  rounds: number,
  tell: (text: string) => void,
): Promise<Figure> => {
  const pairs: { adapter: Rate; other: Rate }[] = [];
  for (let round = -1; round < rounds; round++) {
    const early = round % 2 === 0 ? await peer(target) : undefined;
    const adapter = await withAdapter(target);
    const other = early ?? (await peer(target));
    if (round < 0) continue;
    pairs.push({ adapter, other });
    tell(
      `${what}, round ${round + 1} of ${rounds}: ${(adapter.pointsPerSecond / other.pointsPerSecond).toFixed(2)} times`,
    );
  }
  const of = (side: 'adapter' | 'other', field: keyof Rate) => median(pairs.map((pair) => pair[side][field]));
  const ratio = median(pairs.map(({ adapter, other }) => adapter.pointsPerSecond / other.pointsPerSecond));
  return {
    what,
    value: Number(ratio.toFixed(2)),
    unit: '×',
    aim: { atLeast: aim },
    detail: `${digits(of('adapter', 'pointsPerSecond'))} points/s against ${digits(of('other', 'pointsPerSecond'))}, ${detail}, one request at a time; client ${percent(of('adapter', 'ownShare'))} % of a core against ${percent(of('other', 'ownShare'))} %, the slave's process ${percent(of('adapter', 'serverShare'))} %`,
  };
};

/** Told beside, without an aim: what a C client makes of the same slave. */
const libmodbusFigure = async (target: Target, rounds: number): Promise<Figure> => {
  const what = "points read, against libmodbus's C client (every value another one)";
  const pairs: { adapter: Rate; c: Rate }[] = [];
  for (let round = 0; round < rounds; round++) {
    const c = await withLibmodbus(target);
    if (!c) return { what, value: null, unit: '×', detail: 'gcc or libmodbus-dev is missing' };
    pairs.push({ adapter: await withAdapter(target), c });
  }
  const c = median(pairs.map((pair) => pair.c.pointsPerSecond));
  const ratio = median(pairs.map((pair) => pair.adapter.pointsPerSecond / pair.c.pointsPerSecond));
  return {
    what,
    value: Number(ratio.toFixed(2)),
    unit: '×',
    detail: `the C client reads ${digits(c)} points/s with ${percent(median(pairs.map((pair) => pair.c.ownShare)))} % of a core; the slave's process ${percent(median(pairs.map((pair) => pair.c.serverShare)))} %`,
  };
};

await runBench(async ({ progress, quick }) => {
  const [rounds, forMs] = quick ? [3, 700] : [11, 1_500];
  await using server = await startPart('simulators/src/bench/modbus-server.ts', { args: [], built: true });
  const target = { port: Number(server.ready.port), serverPid: server.pid, forMs };
  const blocks = `${meterPoints} points in ${meterBlocks.length} reads`;
  const bare = { aim: 0.9, peer: withBareClient, detail: blocks };
  const floating = { ...target, unitId: floatingUnit };
  const few = Math.ceil(rounds / 2);
  return [
    await compare(
      floating,
      { what: 'points read, against the bare client (every value another one)', ...bare },
      rounds,
      progress,
    ),
    await compare(
      { ...target, unitId: stillUnit },
      { what: 'points read, against the bare client (nothing changed since the last read)', ...bare },
      rounds,
      progress,
    ),
    await compare(
      floating,
      {
        what: 'points read, against one read a point',
        aim: 10,
        peer: withNaiveClient,
        detail: `${blocks} against ${meterPoints} reads`,
      },
      few,
      progress,
    ),
    await libmodbusFigure(floating, few),
  ];
});

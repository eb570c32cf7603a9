import { ApiClient } from '../e2e/api-client.js';
import { digits, type Figure, runBench } from './bench-run.js';
import { type BigTables, makeBigTables, tableProperties } from './load/big-tables.js';
import { LoadRig } from './load/load-rig.js';
import { isFull, tenths } from './load/load-shape.js';
import { quantile } from './statistics.js';

const dayMs = 86_400_000;
const iso = (ms: number) => new Date(ms).toISOString();

interface NamedQuery {
  readonly name: string;
  readonly path: (turn: number) => string;
}

/** What the console asks for most, each time about another device or day. */
const queriesOf = ({ deviceIds, toMs }: BigTables): NamedQuery[] => {
  const device = (turn: number) => deviceIds[(turn * 7_919) % deviceIds.length] ?? '';
  const property = (turn: number) => tableProperties[turn % tableProperties.length] ?? '';
  const history = (turn: number, days: number, maxPoints: number) => {
    const endMs = Math.min(Date.now(), toMs) - (turn % (30 - days + 1)) * dayMs;
    const query = new URLSearchParams({
      ...{ property: property(turn), from: iso(endMs - days * dayMs), to: iso(endMs), maxPoints: String(maxPoints) },
    });
    return `/devices/${device(turn)}/history?${query}`;
  };
  const day = (ms: number) => iso(ms).slice(0, 10);
  return [
    { name: 'overview of all halls', path: () => '/overview' },
    { name: "a device's day", path: (turn) => history(turn, 1, 1_000) },
    { name: "a device's month", path: (turn) => history(turn, 30, 1_000) },
    { name: 'proof of a month', path: () => `/proof?from=${day(toMs - 30 * dayMs)}&to=${day(toMs - dayMs)}&limit=50` },
    { name: 'list of alarms', path: () => '/alarms?limit=50' },
    { name: 'flow by the hour, a week', path: (turn) => history(turn, 7, 168) },
  ];
};

await runBench(async ({ progress, quick }) => {
  const samples = isFull ? 100_000_000 : quick ? 1_000_000 : 5_000_000;
  const turns = quick ? 20 : 100;
  await using rig = await LoadRig.open();
  const units = await rig.units({ count: 200, devices: 10 });
  const startMs = performance.now();
  const tables = await makeBigTables(rig.database.ownerPool, units, { samples, progress });
  const size = `${tables.samples.toLocaleString('en-US')} points of ${tables.points.toLocaleString('en-US')} properties over 30 days, ${digits(tables.bytes / 2 ** 30)} GiB, made in ${digits((performance.now() - startMs) / 1_000)} s`;
  progress(size);
  const { http, firstUser } = rig.ready;
  const api = new ApiClient(http);
  await api.signInFirst(firstUser.userName, firstUser.oneTimePassword, 'A big table of our own 1');
  const figures: Figure[] = [];
  for (const { name, path } of queriesOf(tables)) {
    const took: number[] = [];
    for (let turn = 0; turn < turns; turn++) {
      const beganMs = performance.now();
      await api.get(path(turn)).catch((cause: unknown) => {
        throw new Error(`${name}, ${digits(performance.now() - beganMs)} ms after it was asked for: ${cause}`, {
          cause,
        });
      });
      took.push(performance.now() - beganMs);
    }
    const [p50, p95] = [quantile(took, 0.5), quantile(took, 0.95)];
    progress(`${name}: p95 ${digits(p95)} ms`);
    figures.push({
      what: `${name}, p95`,
      ...{ value: tenths(p95), unit: 'ms' },
      aim: { atMost: 200 },
      detail: `p50 ${digits(p50)} ms, slowest ${digits(quantile(took, 1))} ms of ${turns}, one after the other through the API; ${size}`,
    });
  }
  return figures;
});

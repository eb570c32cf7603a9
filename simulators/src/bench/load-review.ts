import { ApiClient } from '../e2e/api-client.js';
import { digits, type Figure, runBench } from './bench-run.js';
import { type BigFindings, makeBigFindings } from './load/big-findings.js';
import { LoadRig } from './load/load-rig.js';
import { tenths } from './load/load-shape.js';
import { quantile } from './statistics.js';

const dayMs = 86_400_000;
const days = 30;

interface NamedQuery {
  readonly name: string;
  readonly atMostMs: number;
  readonly path: (turn: number) => string;
}

const list = (query: string) => `/review/items?limit=100&${query}`;

/** What reviewers ask for, each time about another camera, type or day. */
const queriesOf = ({ deviceIds }: BigFindings): NamedQuery[] => {
  const nowMs = Date.now();
  const span = (fromDays: number, toDays: number) =>
    `from=${new Date(nowMs - fromDays * dayMs).toISOString()}&to=${new Date(nowMs - toDays * dayMs).toISOString()}`;
  const types = ['absence', 'crowding', 'intrusion', 'loitering', 'queue_length'];
  const filters = [
    () => 'state=open',
    () => '',
    () => 'state=open&order=oldest',
    (turn: number) => `deviceId=${deviceIds[(turn * 7_919) % deviceIds.length]}`,
    (turn: number) => `algorithm=${types[turn % types.length]}&state=open`,
    (turn: number) => `severity=critical&decision=false&${span((turn % 28) + 2, turn % 28)}`,
    (turn: number) => `state=decided&${span((turn % 29) + 1, turn % 29)}`,
    () => `q=${encodeURIComponent('脱岗')}`,
  ];
  return [
    {
      name: 'review list, filters in turn',
      atMostMs: 100,
      path: (turn) => list(filters[turn % filters.length]!(turn)),
    },
    {
      name: 'review list, words that stand nowhere',
      atMostMs: 500,
      path: (turn) => list(`q=${encodeURIComponent(`没有的词${turn}`)}`),
    },
    { name: 'statistics of a month', atMostMs: 500, path: () => `/vision/statistics?${span(days, 0)}` },
    {
      name: 'statistics of a day',
      atMostMs: 100,
      path: (turn) => `/vision/statistics?${span((turn % 29) + 1, turn % 29)}`,
    },
    { name: 'precision of every rule', atMostMs: 2_000, path: () => '/review/precision' },
    {
      name: 'run report of a month',
      atMostMs: 4_000,
      path: () => `/vision/report?period=${new Date(nowMs - 2 * dayMs).toISOString().slice(0, 7)}`,
    },
  ];
};

await runBench(async ({ progress, quick }) => {
  const findings = quick ? 20_000 : 200_000;
  await using rig = await LoadRig.open();
  const units = await rig.units({ count: 50, devices: 4 });
  const tables = await makeBigFindings(rig.database.ownerPool, units, { findings, days });
  const size = `${findings.toLocaleString('en-US')} findings of ${tables.deviceIds.length} cameras in ${days} days, ${digits(tables.bytes / 2 ** 20)} MiB`;
  progress(size);
  const { http, firstUser } = rig.ready;
  const api = new ApiClient(http);
  await api.signInFirst(firstUser.userName, firstUser.oneTimePassword, 'A big table of our own 1');
  const figures: Figure[] = [];
  for (const { name, path, atMostMs } of queriesOf(tables)) {
    const turns = quick ? 8 : atMostMs > 1_000 ? 10 : 80;
    const took: number[] = [];
    for (let turn = 0; turn < turns; turn++) {
      const beganMs = performance.now();
      await api.get(path(turn));
      took.push(performance.now() - beganMs);
    }
    const p95 = quantile(took, 0.95);
    progress(`${name}: p50 ${digits(quantile(took, 0.5))}, p95 ${digits(p95)} ms`);
    figures.push({
      what: `${name}, p95`,
      ...{ value: tenths(p95), unit: 'ms' },
      aim: { atMost: atMostMs },
      detail: `p50 ${digits(quantile(took, 0.5))} ms, slowest ${digits(quantile(took, 1))} ms of ${turns}, one after the other through the API; ${size}`,
    });
  }
  return figures;
});

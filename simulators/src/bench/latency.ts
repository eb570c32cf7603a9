import { type PartProcess, startPart } from '../e2e/part-process.js';
import { TestHall } from '../e2e/test-hall.js';
import { waitUntil } from '../e2e/wait-until.js';
import { type BenchContext, digits, type Figure, runBench } from './bench-run.js';
import { cpuSecondsBelow, cpuSecondsOf } from './process-figures.js';

interface Outcome {
  readonly sent: number;
  readonly arrived: number;
  readonly failed: number;
  readonly sendingMs: number;
  readonly sentPerSecond: number;
  readonly arrivedPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly acknowledgedP50Ms: number;
  readonly acknowledgedP99Ms: number;
  readonly broken?: string;
}

/** CPU seconds of each process. `rig` is this one: it carries the uplink's bytes. */
type Spent = Record<'edge' | 'cloud' | 'postgres' | 'generator' | 'rig', number>;

interface Measured extends Outcome {
  readonly ratePerSecond: number;
  readonly devices: number;
  /** While messages were sent, of one core. */
  readonly share: Spent;
  /** Until the last message had arrived. */
  readonly cpuPer100k: Spent;
}

const spentSoFar = (hall: TestHall, generator: PartProcess): Spent => ({
  edge: cpuSecondsOf(hall.edge.pid),
  cloud: cpuSecondsOf(hall.cloud.pid),
  postgres: cpuSecondsBelow(hall.cloud.pid),
  generator: cpuSecondsOf(generator.pid),
  rig: cpuSecondsOf(process.pid),
});

const between = (from: Spent, to: Spent, factor: number): Spent => ({
  edge: (to.edge - from.edge) * factor,
  cloud: (to.cloud - from.cloud) * factor,
  postgres: (to.postgres - from.postgres) * factor,
  generator: (to.generator - from.generator) * factor,
  rig: (to.rig - from.rig) * factor,
});

interface Load {
  readonly ratePerSecond: number;
  readonly devices: number;
  readonly forMs: number;
}

const measure = async (hall: TestHall, load: Load): Promise<Measured> => {
  const plan = {
    ...load,
    mqtt: hall.edgeMqtt,
    origin: hall.api.origin,
    userName: 'admin',
    password: hall.password,
    serialPrefix: `L${load.ratePerSecond}-${Date.now().toString(36)}`,
    warmUpMs: 5_000,
    drainMs: 60_000,
  };
  await using generator = await startPart('simulators/src/bench/latency-generator.ts', {
    args: [JSON.stringify(plan)],
    built: true,
    readyWithinMs: 180_000,
  });
  const said = (type: string, withinMs: number) =>
    waitUntil(`the generator to say ${type}`, async () => generator.messages.find((one) => one.type === type), {
      withinMs,
      everyMs: 20,
      seen: () => generator.log().slice(-500),
    });
  await said('begin', plan.warmUpMs + 30_000);
  const before = spentSoFar(hall, generator);
  const beganMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, load.forMs));
  const share = between(before, spentSoFar(hall, generator), 1_000 / (performance.now() - beganMs));
  const outcome = (await said('drained', plan.drainMs + 30_000)) as unknown as Outcome;
  const cpuPer100k = between(before, spentSoFar(hall, generator), 100_000 / outcome.sent);
  return { ...load, ...outcome, share, cpuPer100k };
};

/** Within two parts in a hundred of what was asked for, from the device to the browser, nothing having taken the backlog. */
const isHeld = ({ ratePerSecond, sentPerSecond, arrivedPerSecond, sent, arrived, broken }: Measured): boolean =>
  broken === undefined &&
  arrived >= sent * 0.99 &&
  Math.min(sentPerSecond, arrivedPerSecond) >= ratePerSecond * 0.98 - 5;

/** Messages a second that were sent, arrived, and arrived as live ones. */
const reachedBy = ({ sentPerSecond, arrivedPerSecond, sent, arrived }: Measured): number =>
  Math.min(sentPerSecond, arrivedPerSecond) * Math.min(1, arrived / sent);

const percent = (share: number) => `${Math.round(share * 100)} %`;

const sharesOf = ({ share }: Measured): string =>
  `of a core: edge ${percent(share.edge)}, cloud ${percent(share.cloud)}, PostgreSQL ${percent(share.postgres)}, generator ${percent(share.generator)}, relay of the uplink ${percent(share.rig)}`;

const boundOf = ({ share }: Measured): string => {
  const all = Object.values(share).reduce((sum, one) => sum + one, 0);
  const [busiest, most] = Object.entries(share).sort((a, b) => b[1] - a[1])[0] ?? ['nothing', 0];
  return most > 0.85 ? `bound by one core of the ${busiest}` : `all of it takes ${percent(all)} of a core`;
};

const latencyFigure = (measured: Measured): Figure => {
  const { ratePerSecond, devices, p50Ms, p99Ms, maxMs, acknowledgedP50Ms, acknowledgedP99Ms } = measured;
  const what = `device to browser at ${ratePerSecond.toLocaleString('en-US')} messages/s, p50 / p99`;
  const missing = measured.sent - measured.arrived;
  const facts = [
    `${devices} devices`,
    `the unit's acknowledgement after ${digits(acknowledgedP50Ms)} / ${digits(acknowledgedP99Ms)} ms`,
    sharesOf(measured),
    ...(measured.failed > 0 ? [`${measured.failed} messages were not acknowledged`] : []),
    ...(missing > 0 ? [`${missing} of ${measured.sent} were not shown live (backlog)`] : []),
    ...(measured.broken === undefined ? [] : [`the browser's stream ended: ${measured.broken}`]),
  ];
  if (!isHeld(measured)) {
    const reached = digits(reachedBy(measured));
    return {
      what,
      value: null,
      unit: 'ms',
      shown: `${reached}/s reached`,
      detail: [boundOf(measured), ...facts].join('; '),
    };
  }
  return {
    what,
    value: Number(p99Ms.toFixed(1)),
    unit: 'ms',
    shown: `${digits(p50Ms)} / ${digits(p99Ms)} ms`,
    detail: [`slowest ${digits(maxMs)} ms`, ...facts].join('; '),
  };
};

const costFigure = ({ ratePerSecond, cpuPer100k }: Measured): Figure => {
  const { edge, cloud, postgres, generator } = cpuPer100k;
  return {
    what: 'CPU for 100,000 messages, end to end',
    value: Number((edge + cloud + postgres).toFixed(1)),
    unit: 's',
    detail: `edge ${digits(edge)} s, cloud ${digits(cloud)} s, PostgreSQL ${digits(postgres)} s, at ${ratePerSecond.toLocaleString('en-US')} messages/s; the generator took ${digits(generator)} s`,
  };
};

const loads = (quick: boolean): Load[] => {
  const forMs = quick ? 5_000 : 20_000;
  return [
    { ratePerSecond: 100, devices: 20, forMs },
    { ratePerSecond: 1_000, devices: 50, forMs },
    { ratePerSecond: 5_000, devices: 100, forMs },
  ];
};

/** What a rate that could not be held left behind is not to burden the next one. */
const outboxEmpty = async (hall: TestHall): Promise<void> => {
  const empty = async () => {
    const { lanes } = JSON.parse((await hall.hub('outbox', '--json')).out) as { lanes: { pending: number }[] };
    return lanes.every(({ pending }) => pending === 0);
  };
  await waitUntil('the outbox to drain', empty, { withinMs: 120_000, everyMs: 1_000 });
};

const run = async ({ progress, quick }: BenchContext): Promise<Figure[]> => {
  const figures: Figure[] = [];
  await using hall = await TestHall.open({ built: true });
  const tell = (measured: Measured) => {
    const figure = latencyFigure(measured);
    progress(`${figure.what}: ${figure.shown}`);
    figures.push(figure);
  };
  for (const load of loads(quick)) {
    const measured = await measure(hall, load);
    tell(measured);
    if (load.ratePerSecond === 1_000) figures.push(costFigure(measured));
    if (isHeld(measured)) continue;
    // What it can hold, with a fifth to spare.
    const lower = Math.max(50, Math.floor((reachedBy(measured) * 0.8) / 50) * 50);
    await outboxEmpty(hall);
    tell(await measure(hall, { ...load, ratePerSecond: lower }));
  }
  return figures;
};

await runBench(run);

import { readFileSync } from 'node:fs';
import { Backoff } from '@hallhub/shared';
import { heartbeatIntervalMs } from '@hallhub/shared/wire';
import { LoadUnit, type Target, type UnitCard } from './load-unit.js';

/**
 * A share of the units as a process of its own. Its argument is a file `{units, localAddress?}`; it is told what to do by its
 * parent, one thing at a time, and answers each with `{type:'done', id, …}`.
 */
export type GeneratorTask =
  | { readonly kind: 'connect'; readonly target: Target; readonly spreadMs: number }
  /** Readings of all devices of a unit every so often; what a commit holds up goes with the next batch. */
  | { readonly kind: 'steady'; readonly everyMs: number; readonly devices: number; readonly forMs: number }
  /** Each unit sends its next batch as soon as the last one is answered. */
  | { readonly kind: 'flood'; readonly rows: number; readonly forMs: number }
  /** Every unit comes back and sends what it kept. */
  | {
      readonly kind: 'storm';
      readonly target: Target;
      readonly spreadMs: number;
      readonly batches: number;
      readonly rows: number;
    }
  | { readonly kind: 'cut' };

export interface GeneratorOutcome {
  readonly units: number;
  /** Attempts to connect that were turned away. */
  readonly refused: number;
  readonly rows: number;
  readonly batches: number;
  readonly tookMs: number;
  /** Reading to answer, tenths of a millisecond. */
  readonly latencies: readonly number[];
  /** When each unit was done, ms from the start. */
  readonly doneMs: readonly number[];
  /** Readings that were not committed in time, and units that gave up. */
  readonly failed: number;
  readonly error?: string;
}

const given = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as {
  units: UnitCard[];
  localAddresses?: string[];
};
let units: LoadUnit[] = [];
const drainMs = 20_000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

const rowOf = (deviceId: string, number: number): string =>
  `{"kind":"sample","at":${Date.now()},"deviceId":"${deviceId}","values":{"voltageL1":${(2200 + (number % 97)) / 10},"currentL1":${(number % 313) / 10},"powerL1":${number % 7000}}}`;

/** Somewhere, so that they do not come in step. */
const phase = (everyMs: number): number => Math.random() * everyMs;

const tally = () => {
  const startMs = performance.now();
  const seen = { refused: 0, rows: 0, batches: 0, failed: 0, latencies: [] as number[], doneMs: [] as number[] };
  let error: string | undefined;
  return {
    seen,
    sinceMs: () => performance.now() - startMs,
    fault: (cause: unknown) => {
      seen.failed++;
      error ??= String(cause);
    },
    outcome: (tookMs: number): GeneratorOutcome => ({
      ...{ units: units.filter(({ connected }) => connected).length, tookMs, ...seen },
      ...(error === undefined ? {} : { error }),
    }),
  };
};

/** As a unit does: a first attempt somewhere within the spread, then by its back-off. */
const comeBack = async (unit: LoadUnit, spreadMs: number, onRefused: () => void): Promise<void> => {
  const backoff = new Backoff({ firstMs: 1_000, maxMs: 60_000, jitter: 0.5 });
  await pause(phase(spreadMs));
  for (;;) {
    try {
      await unit.connect();
      beat(unit);
      return;
    } catch {
      onRefused();
      await pause(backoff.nextMs());
    }
  }
};

const beat = (unit: LoadUnit): void => {
  const next = () => {
    if (!unit.connected) return;
    unit.heartbeat();
    setTimeout(next, heartbeatIntervalMs).unref();
  };
  setTimeout(next, phase(heartbeatIntervalMs)).unref();
};

const meet = (target: Target): void => {
  const { localAddresses = [] } = given;
  units = given.units.map((card, i) => new LoadUnit(card, target, localAddresses[i % localAddresses.length]));
};

const tasks = {
  connect: async ({ target, spreadMs }: Extract<GeneratorTask, { kind: 'connect' }>) => {
    meet(target);
    const t = tally();
    await Promise.all(
      units.map(async (unit) => {
        await comeBack(unit, spreadMs, () => t.seen.refused++);
        t.seen.doneMs.push(Math.round(t.sinceMs()));
      }),
    );
    return t.outcome(t.sinceMs());
  },

  steady: async ({ everyMs, devices, forMs }: Extract<GeneratorTask, { kind: 'steady' }>) => {
    const t = tally();
    const run = async (unit: LoadUnit): Promise<void> => {
      const pending: { row: string; atMs: number }[] = [];
      const deviceIds = unit.card.deviceIds.slice(0, devices);
      let sending: Promise<void> | undefined;
      const flush = async (): Promise<void> => {
        while (pending.length > 0) {
          const taken = pending.splice(0, 500);
          const done = await unit.commit(
            'live',
            taken.map(({ row }) => row),
            () => t.sinceMs() > forMs + drainMs,
          );
          if (!done) {
            t.seen.failed += taken.length;
            return;
          }
          const nowMs = performance.now();
          t.seen.rows += taken.length;
          t.seen.batches++;
          for (const { atMs } of taken) t.seen.latencies.push(Math.round((nowMs - atMs) * 10));
        }
      };
      await pause(phase(everyMs));
      for (let turn = 0; t.sinceMs() < forMs; turn++) {
        const beganMs = performance.now();
        for (const [i, deviceId] of deviceIds.entries()) {
          pending.push({ row: rowOf(deviceId, turn * 31 + i), atMs: beganMs });
        }
        sending ??= flush()
          .catch(t.fault)
          .finally(() => {
            sending = undefined;
          });
        await pause(Math.max(0, everyMs - (performance.now() - beganMs)));
      }
      await sending;
    };
    await Promise.all(units.map(run));
    return t.outcome(forMs);
  },

  flood: async ({ rows, forMs }: Extract<GeneratorTask, { kind: 'flood' }>) => {
    const t = tally();
    const over = () => t.sinceMs() > forMs;
    await Promise.all(
      units.map(async (unit) => {
        const { deviceIds } = unit.card;
        for (let turn = 0; !over(); turn++) {
          const batch = Array.from({ length: rows }, (_, i) =>
            rowOf(deviceIds[i % deviceIds.length] as string, turn + i),
          );
          const beganMs = performance.now();
          if (!(await unit.commit('live', batch)) || over()) continue;
          t.seen.rows += rows;
          t.seen.batches++;
          t.seen.latencies.push(Math.round((performance.now() - beganMs) * 10));
        }
      }),
    ).catch(t.fault);
    return t.outcome(forMs);
  },

  storm: async ({ target, spreadMs, batches, rows }: Extract<GeneratorTask, { kind: 'storm' }>) => {
    meet(target);
    const t = tally();
    await Promise.all(
      units.map(async (unit) => {
        const { deviceIds } = unit.card;
        let sent = 0;
        while (sent < batches) {
          if (!unit.connected) await comeBack(unit, sent === 0 ? spreadMs : 1_000, () => t.seen.refused++);
          const batch = Array.from({ length: rows }, (_, i) =>
            rowOf(deviceIds[i % deviceIds.length] as string, sent + i),
          );
          if (!(await unit.commit('backlog', batch))) continue;
          sent++;
          t.seen.batches++;
          t.seen.rows += rows;
        }
        t.seen.doneMs.push(Math.round(t.sinceMs()));
      }),
    ).catch(t.fault);
    return t.outcome(t.sinceMs());
  },

  cut: async () => {
    const t = tally();
    for (const unit of units) unit.cut();
    return t.outcome(0);
  },
};

process.on('message', (message: { type: string; id?: number; task?: GeneratorTask }) => {
  if (message.type === 'stop' || !message.task) process.exit(0);
  const run = tasks[message.task.kind] as (task: GeneratorTask) => Promise<GeneratorOutcome>;
  void run(message.task).then(
    (outcome) => process.send?.({ type: 'done', id: message.id, ...outcome }),
    (error: unknown) => {
      process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
      process.exit(1);
    },
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.({ type: 'ready' });

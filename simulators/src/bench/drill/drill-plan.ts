import type { ProxyMode } from '../../faults/tcp-proxy.js';

/** What the drill does to its units and to what they stand on. */
export type DrillFault =
  | { readonly kind: 'line'; readonly mode: ProxyMode; readonly units: readonly number[]; readonly delayMs?: number }
  | { readonly kind: 'lossy'; readonly units: readonly number[] }
  | { readonly kind: 'clock'; readonly units: readonly number[]; readonly offsetMs: number }
  | { readonly kind: 'fill'; readonly units: readonly number[] }
  | { readonly kind: 'kill-units'; readonly worker: number }
  | { readonly kind: 'kill-cloud'; readonly which: 0 | 1 }
  | { readonly kind: 'kill-broker' }
  | { readonly kind: 'stop-database'; readonly how: 'clean' | 'crash' };

export interface PlannedFault {
  /** Since the beginning of the faults. */
  readonly atMs: number;
  readonly forMs: number;
  readonly fault: DrillFault;
}

export interface PlanOptions {
  readonly units: number;
  readonly workers: number;
  readonly smallUnits: readonly number[];
  readonly forMs: number;
  readonly random: () => number;
}

/** Three rows of faults that run beside each other: lines, units, and what everybody stands on (one at a time). Decided by the seed alone. */
export const planFaults = (options: PlanOptions): PlannedFault[] => {
  const { forMs, random } = options;
  const between = (from: number, to: number) => from + random() * (to - from);
  const scale = Math.min(1, forMs / 300_000);
  const planned: PlannedFault[] = [];
  const row = (
    pauseMs: [number, number],
    lastsMs: [number, number],
    pick: () => DrillFault | undefined,
    apart: boolean,
  ) => {
    let atMs = between(...pauseMs) * 0.5;
    while (atMs < forMs) {
      const fault = pick();
      const length = Math.min(between(...lastsMs), forMs - atMs);
      if (fault) planned.push({ atMs, forMs: length, fault });
      atMs += (apart ? length : 0) + between(...pauseMs);
    }
  };
  const short = (from: number, to: number): [number, number] => [
    Math.max(1_000, from * scale),
    Math.max(2_000, to * scale),
  ];
  row(short(3_000, 9_000), short(4_000, 40_000), () => lineFault(options), false);
  row(short(8_000, 20_000), short(4_000, 30_000), () => unitFault(options), false);
  const turns = foundationFaults(random);
  row(short(15_000, 45_000), short(2_000, 20_000), () => turns.next().value as DrillFault, true);
  return planned.sort((a, b) => a.atMs - b.atMs);
};

const someUnits = ({ units, random }: PlanOptions): number[] => {
  const share = 0.03 + 0.17 * random();
  const count = Math.max(1, Math.round(units * share));
  const first = Math.floor(random() * units);
  return Array.from({ length: count }, (_, at) => (first + at) % units);
};

const lineFault = (options: PlanOptions): DrillFault => {
  const { random } = options;
  const units = someUnits(options);
  const kind = random();
  if (kind < 0.35) return { kind: 'line', mode: 'cut', units };
  if (kind < 0.55) return { kind: 'line', mode: 'blackhole', units };
  if (kind < 0.8) return { kind: 'line', mode: 'pass', delayMs: Math.round(300 + 2_500 * random()), units };
  return { kind: 'lossy', units };
};

const unitFault = (options: PlanOptions): DrillFault => {
  const { random, workers, smallUnits } = options;
  const kind = random();
  if (kind < 0.4) return { kind: 'kill-units', worker: Math.floor(random() * workers) };
  if (kind < 0.6 && smallUnits.length > 0) {
    return { kind: 'fill', units: [smallUnits[Math.floor(random() * smallUnits.length)] as number] };
  }
  // Up to two hours, forwards and back: across the turn of hours.
  const offsetMs = Math.round((random() * 2 - 1) * 7_200_000);
  return { kind: 'clock', units: someUnits(options), offsetMs };
};

/** In turn, so that a short drill meets all of them. */
function* foundationFaults(random: () => number): Generator<DrillFault, never> {
  for (;;) {
    yield { kind: 'kill-cloud', which: 0 };
    yield { kind: 'kill-broker' };
    yield { kind: 'stop-database', how: random() < 0.5 ? 'clean' : 'crash' };
    yield { kind: 'kill-cloud', which: 1 };
  }
}

import { readFileSync } from 'node:fs';
import type { LoadOutcome } from './generators.js';

export const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Of one core. */
export const percentOfCore = (seconds: number, wallMs: number): string =>
  `${Math.round((seconds * 100_000) / wallMs)} %`;

export const tenths = (value: number): number => Number(value.toFixed(1));

/** A loop of units that somebody looks at: each says one reading twice a second. */
export const probeUnits = 20;
export const probing = (forMs: number) => ({ kind: 'steady', everyMs: 500, devices: 1, forMs }) as const;

/** The whole of a load that takes longer than the suite of benches has time for. */
export const isFull = process.argv.includes('--full');

export const insist = (what: string, outcome: LoadOutcome): LoadOutcome => {
  if (outcome.failed > 0)
    throw new Error(`${what}: ${outcome.failed} failed: ${outcome.error ?? 'not committed in time'}`);
  return outcome;
};

/** Connected sockets a process may have; the kernel's word, not the shell's. */
export const openFilesOf = (pid: number): number =>
  Number(/^Max open files +(\d+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1] ?? 0);

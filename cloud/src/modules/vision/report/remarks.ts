import { z } from '@hono/zod-openapi';
import type { RulePrecision } from '../review-contract.js';
import type { Statistics } from '../statistics-contract.js';
import { advisedThreshold } from '../suggest-threshold.js';

/** What a report says in words. Shares are of 1. */
export const remarkSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('nothing') }),
  z.object({ kind: z.literal('more'), share: z.number(), before: z.int() }),
  z.object({ kind: z.literal('fewer'), share: z.number(), before: z.int() }),
  z.object({ kind: z.literal('most'), algorithm: z.string(), findings: z.int(), share: z.number() }),
  z.object({ kind: z.literal('place'), name: z.string(), findings: z.int(), share: z.number() }),
  z.object({ kind: z.literal('hour'), hour: z.int(), findings: z.int(), share: z.number() }),
  z.object({ kind: z.literal('waiting'), findings: z.int(), share: z.number() }),
  z.object({
    kind: z.literal('rule'),
    name: z.string(),
    camera: z.string(),
    precision: z.number(),
    decided: z.int(),
    to: z.number().nullable().describe('A threshold that would have been better'),
  }),
  z.object({ kind: z.literal('camera'), name: z.string(), hallName: z.string(), uptime: z.number(), outages: z.int() }),
  z.object({ kind: z.literal('allUp'), cameras: z.int() }),
  z.object({ kind: z.literal('refused'), rows: z.int() }),
]);
export type Remark = z.infer<typeof remarkSchema>;

/** Below so many a share says nothing. */
const leastCompared = 10;
const leastChange = 0.1;
const leastWaiting = 0.1;
const leastDecided = 10;
const poorPrecision = 0.7;
const poorUptime = 0.98;
const mostOfOneKind = 3;

interface Known {
  readonly totals: Statistics;
  readonly before: number;
  readonly topHours: readonly { readonly hour: number; readonly findings: number }[];
  readonly rules: readonly RulePrecision[];
  readonly cameras: readonly {
    readonly name: string;
    readonly hallName: string;
    readonly uptime: number | null;
    readonly outages: number;
  }[];
}

/** All cameras were there. */
const allUp = (cameras: Known['cameras']): Remark[] => {
  const heard = cameras.filter(({ uptime }) => uptime !== null);
  const isUp = heard.length > 0 && heard.every(({ uptime }) => (uptime ?? 0) >= poorUptime);
  return isUp ? [{ kind: 'allUp', cameras: heard.length }] : [];
};

/** What stands out: first what somebody has to do something about. */
export const remarksOf = (known: Known): Remark[] => {
  const { totals } = known;
  const remarks: Remark[] = [...aboutCameras(known.cameras), ...aboutRules(known.rules)];
  if (totals.refused > 0) remarks.push({ kind: 'refused', rows: totals.refused });
  if (totals.findings === 0) return [...remarks, { kind: 'nothing' }, ...allUp(known.cameras)];
  const share = (count: number) => count / totals.findings;
  if (totals.open >= leastCompared && share(totals.open) >= leastWaiting) {
    remarks.push({ kind: 'waiting', findings: totals.open, share: share(totals.open) });
  }
  const change = known.before === 0 ? 0 : (totals.findings - known.before) / known.before;
  if (known.before >= leastCompared && Math.abs(change) >= leastChange) {
    remarks.push({ kind: change > 0 ? 'more' : 'fewer', share: Math.abs(change), before: known.before });
  }
  const [type] = totals.byAlgorithm;
  if (type)
    remarks.push({ kind: 'most', algorithm: type.algorithm, findings: type.findings, share: share(type.findings) });
  const [hall, another] = totals.byHall;
  if (hall && another) {
    remarks.push({ kind: 'place', name: hall.name, findings: hall.findings, share: share(hall.findings) });
  }
  const [hour] = known.topHours;
  if (hour) remarks.push({ kind: 'hour', ...hour, share: share(hour.findings) });
  return [...remarks, ...allUp(known.cameras)];
};

const aboutCameras = (cameras: Known['cameras']): Remark[] => {
  const heard = cameras.flatMap((camera) => (camera.uptime === null ? [] : [{ ...camera, uptime: camera.uptime }]));
  const poor = heard.filter(({ uptime }) => uptime < poorUptime).sort((a, b) => a.uptime - b.uptime);
  return poor.slice(0, mostOfOneKind).map(({ name, hallName, uptime, outages }) => ({
    ...{ kind: 'camera', name, hallName, uptime, outages },
  }));
};

const aboutRules = (rules: Known['rules']): Remark[] =>
  rules
    .flatMap((rule) => (rule.precision === null ? [] : [{ ...rule, precision: rule.precision }]))
    .filter(({ decided, precision }) => decided >= leastDecided && precision < poorPrecision)
    .sort((a, b) => a.precision - b.precision)
    .slice(0, mostOfOneKind)
    .map((rule) => ({
      ...{ kind: 'rule', name: rule.name, camera: rule.deviceName, precision: rule.precision, decided: rule.decided },
      to: advisedThreshold(rule),
    }));

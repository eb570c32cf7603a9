import type { Label } from '@hallhub/shared';
import type { Severity } from '@hallhub/shared/wire';
import type { HallRule } from './active-rule.js';
import { type UnitRuleKind, unitRuleKinds } from './tables.js';

/** A rule about the unit itself. `limit`: hours of runway, days of certificate; null where the condition is yes or no. */
export interface UnitRule {
  readonly key: string;
  readonly kind: UnitRuleKind;
  readonly severity: Severity;
  readonly label: Label;
  readonly limit: number | null;
  /** Over at this value. */
  readonly clearLimit: number | null;
  readonly forMs: number;
}

const rule = (
  kind: UnitRuleKind,
  severity: Severity,
  label: Label,
  more: Partial<Pick<UnitRule, 'limit' | 'clearLimit' | 'forMs'>> = {},
): UnitRule => ({ key: kind, kind, severity, label, limit: null, clearLimit: null, forMs: 0, ...more });

/** Hold in every hall, unless it has its own rule of that kind. */
export const defaultUnitRules: readonly UnitRule[] = [
  rule(
    'unit_runway',
    'warning',
    { zh: '断网续航不足', en: 'Little room left for an outage' },
    {
      ...{ limit: 12, clearLimit: 18, forMs: 600_000 },
    },
  ),
  rule(
    'unit_certificate',
    'warning',
    { zh: '单元证书即将到期', en: 'The unit’s certificate ends soon' },
    {
      ...{ limit: 14, clearLimit: 15 },
    },
  ),
  rule(
    'unit_clock',
    'warning',
    { zh: '单元时钟不可信', en: 'The unit’s clock is not to be trusted' },
    {
      forMs: 600_000,
    },
  ),
  rule('unit_seal', 'critical', { zh: '单元与云端记录不一致', en: 'Unit and cloud do not have the same rows' }),
  rule('unit_fault', 'notice', { zh: '单元报告自身故障', en: 'The unit reports a fault of its own' }),
];

export const isUnitRuleKind = (kind: string): kind is UnitRuleKind =>
  (unitRuleKinds as readonly string[]).includes(kind);

/** A hall's own rule of a kind stands alone; switched off it means none. */
export const unitRulesOf = (hallRules: readonly HallRule[]): UnitRule[] =>
  defaultUnitRules.flatMap((standard) => {
    const own = hallRules.find(({ kind }) => kind === standard.kind);
    if (!own) return [standard];
    if (!own.enabled) return [];
    const limit = own.limitValue ?? standard.limit;
    return [
      {
        ...standard,
        ...{ key: `rule:${own.id}`, severity: own.severity, label: own.label, forMs: own.forMs, limit },
        clearLimit: own.clearLimit ?? limit,
      },
    ];
  });

/** What is known of a unit now; undefined: nothing new is known (it is away, or has never said). */
export interface UnitFacts {
  readonly runwayHours: number | undefined;
  readonly certificateDays: number | undefined;
  readonly clockTrusted: boolean | undefined;
  readonly sealsDiffer: boolean;
  /** Minutes since it last reported a fault of its own. */
  readonly faultMinutes: number | undefined;
}

export type Standing = 'beyond' | 'between' | 'back' | 'unknown';

const newFaultMinutes = 15;
const quietMinutes = 60;

const below = (value: number | undefined, unitRule: UnitRule): Standing => {
  if (value === undefined || unitRule.limit === null) return 'unknown';
  if (value < unitRule.limit) return 'beyond';
  return value >= (unitRule.clearLimit ?? unitRule.limit) ? 'back' : 'between';
};

/** Between limit and clear limit nothing changes: an alarm does not flutter. */
export const standingOf = (unitRule: UnitRule, facts: UnitFacts): Standing => {
  switch (unitRule.kind) {
    case 'unit_runway':
      return below(facts.runwayHours, unitRule);
    case 'unit_certificate':
      return below(facts.certificateDays, unitRule);
    case 'unit_clock':
      return facts.clockTrusted === undefined ? 'unknown' : facts.clockTrusted ? 'back' : 'beyond';
    case 'unit_seal':
      return facts.sealsDiffer ? 'beyond' : 'back';
    case 'unit_fault': {
      const minutes = facts.faultMinutes ?? Number.POSITIVE_INFINITY;
      return minutes < newFaultMinutes ? 'beyond' : minutes < quietMinutes ? 'between' : 'back';
    }
  }
};

export const valueFor = (unitRule: UnitRule, facts: UnitFacts): number | null => {
  const value = unitRule.kind === 'unit_runway' ? facts.runwayHours : facts.certificateDays;
  if (unitRule.limit === null || value === undefined) return null;
  return Math.round(value * 10) / 10;
};

import type { Label } from '@hallhub/shared';
import type { Property } from '@hallhub/shared/thing';
import type { AlarmRule, NewAlarmRule } from '../../api/alarms.js';
import type { Device } from '../../api/devices.js';
import { formatUnit } from '../../format/ucum.js';

/** A rule as the form holds it: times in seconds, what is left empty undefined. */
export interface RuleFields {
  hallId: string;
  deviceId?: string | null;
  kind: AlarmRule['kind'];
  property?: string;
  op?: 'gt' | 'lt';
  limit?: number | null;
  clearLimit?: number | null;
  forSeconds?: number | null;
  severity: AlarmRule['severity'];
  zh?: string;
  en?: string;
}

/** The numeric properties of some devices, each once: only numbers have limits. */
export function numericProperties(devices: readonly Pick<Device, 'thing'>[]): Property[] {
  const all = devices.flatMap((device) => device.thing?.properties ?? []);
  const numbers = all.filter(({ type, access }) => access !== 'w' && (type === 'number' || type === 'integer'));
  return numbers.filter((property, index) => numbers.findIndex(({ id }) => id === property.id) === index);
}

/** Over means over when the value is back on the good side: `above 80, until below 90` can never end. */
export function clearsOnGoodSide({
  kind,
  op,
  limit,
  clearLimit,
}: Pick<RuleFields, 'op' | 'limit' | 'clearLimit'> & { kind?: RuleFields['kind'] }): boolean {
  if (limit === null || limit === undefined || clearLimit === null || clearLimit === undefined) return true;
  return op === 'lt' || (kind && isAboutUnit(kind)) ? clearLimit >= limit : clearLimit <= limit;
}

/** Hours of runway, days of certificate; the other conditions of a unit are yes or no. */
export const unitLimits: Partial<Record<AlarmRule['kind'], { unit: 'h' | 'd'; limit: number; clearLimit: number }>> = {
  unit_runway: { unit: 'h', limit: 12, clearLimit: 18 },
  unit_certificate: { unit: 'd', limit: 14, clearLimit: 15 },
};

export const isAboutUnit = (kind: AlarmRule['kind']): boolean => kind.startsWith('unit_');

const named = {
  device_offline: { zh: '设备离线', en: 'Device offline' },
  unit_offline: { zh: '智能互动单元离线', en: 'Unit offline' },
  unit_runway: { zh: '断网续航不足', en: 'Little room left for an outage' },
  unit_certificate: { zh: '单元证书即将到期', en: 'The unit’s certificate ends soon' },
  unit_clock: { zh: '单元时钟不可信', en: 'The unit’s clock is not to be trusted' },
  unit_seal: { zh: '单元与云端记录不一致', en: 'Unit and cloud do not have the same rows' },
  unit_fault: { zh: '单元报告自身故障', en: 'The unit reports a fault of its own' },
};

/** `总有功功率 > 100 W`: the text of a rule that the person gave none, in both languages. */
export function nameOfRule(
  { kind, property, op, limit }: Pick<RuleFields, 'kind' | 'property' | 'op' | 'limit'>,
  model: Pick<Property, 'label' | 'unit'> | undefined,
): Label {
  if (kind !== 'threshold') return named[kind];
  const condition = [op === 'lt' ? '<' : '>', limit, formatUnit(model?.unit)].filter((part) => part !== undefined);
  const say = (name: string | undefined) => [name ?? property, ...condition].join(' ');
  return { zh: say(model?.label.zh), en: say(model?.label.en) };
}

/** What the API takes. `named` is the label of a rule that the person gave no name. */
export function toRule(fields: RuleFields, named: Label): NewAlarmRule {
  const threshold = fields.kind === 'threshold';
  const limited = threshold || unitLimits[fields.kind] !== undefined;
  const zh = fields.zh?.trim();
  const en = fields.en?.trim();
  return {
    hallId: fields.hallId,
    deviceId: isAboutUnit(fields.kind) ? null : (fields.deviceId ?? null),
    kind: fields.kind,
    property: threshold ? (fields.property ?? null) : null,
    op: threshold ? (fields.op ?? 'gt') : null,
    limit: limited ? (fields.limit ?? null) : null,
    clearLimit: limited ? (fields.clearLimit ?? null) : null,
    forMs: Math.round((fields.forSeconds ?? 0) * 1_000),
    severity: fields.severity,
    label: zh ? { zh, ...(en ? { en } : {}) } : named,
    enabled: true,
  };
}

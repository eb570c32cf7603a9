import type { Label } from '@hallhub/shared';
import type { Severity } from '@hallhub/shared/thing';
import { queryOptions } from '@tanstack/react-query';
import { etagOf } from './etag.js';
import { del, get, post, put } from './request.js';

export interface RepairRule {
  hallId: string | null;
  fromSeverity: Severity;
  kind: string;
  levels: Partial<Record<Severity, string>>;
  enabled: boolean;
  afterSeconds: number;
  quietSeconds: number;
  reopenHours: number;
  mostPerHour: number;
}

export interface TicketLink {
  id: string;
  number: string;
}

export interface RepairLogLine {
  alarmId: string;
  what: 'opened' | 'joined' | 'reopened' | 'held';
  at: string;
  raisedAt: string;
  clearedAt: string | null;
  message: Label;
  severity: Severity;
  hallName: string;
  device: { id: string; name: string } | null;
  ticket: TicketLink | null;
}

export interface RuleMatch {
  fromSeverity?: Severity | undefined;
  algorithms?: string[] | undefined;
  ruleIds?: string[] | undefined;
  deviceIds?: string[] | undefined;
  when: 'confirmed' | 'seen';
  worst?: number | undefined;
}

export interface RuleDraft {
  name: string;
  source: string;
  hallId: string | null;
  enabled: boolean;
  kind: string;
  level: string | null;
  match: RuleMatch;
  preset: Record<string, unknown>;
  count: number;
  withinMinutes: number;
  mergeMinutes: number;
  mostPerHour: number;
}

export type RuleHintName =
  | 'source_unknown'
  | 'kind_missing'
  | 'level_unknown'
  | 'preset_unknown'
  | 'preset_invalid'
  | 'preset_late'
  | 'first_step_asks'
  | 'source_silent'
  | 'every_answer'
  | 'at_once'
  | 'no_place';
export interface RuleHint {
  hint: RuleHintName;
  grave: boolean;
  fields?: { key: string; label: Label }[];
}

export type Outcome = 'opened' | 'joined' | 'counted' | 'held' | 'failed';

export interface IntakeRule extends RuleDraft {
  id: string;
  kindLabel: Label | null;
  hallName: string | null;
  hints: RuleHint[];
  lately: Record<Outcome, number>;
  lastAt: string | null;
  updatedBy: string | null;
  updatedAt: string;
  version: number;
}

export interface IntakeSource {
  id: string;
  label: Label;
  feed: 'finding' | 'event';
  asksAnswers: boolean;
  algorithms: string[];
  lastAt: string | null;
}

export interface IntakeLogLine {
  ruleId: string;
  ruleName: string | null;
  source: string;
  outcome: Outcome;
  text: string;
  reason: string | null;
  at: string;
  notedAt: string;
  hallName: string;
  device: { id: string; name: string };
  ticket: TicketLink | null;
}

const everyMs = 15_000;

export const repairRulesQuery = queryOptions({
  queryKey: ['repair-rules', 'list'],
  queryFn: ({ signal }) => get<{ items: RepairRule[] }>('/repair-rules', { signal }).then(({ items }) => items),
});
export const saveRepairRules = (items: RepairRule[]) => put<{ items: RepairRule[] }>('/repair-rules', { items });
export const repairLogQuery = queryOptions({
  queryKey: ['repair-rules', 'log'],
  queryFn: ({ signal }) =>
    get<{ items: RepairLogLine[]; heldNow: number }>('/repair-rules/log', { query: { limit: 100 }, signal }),
  refetchInterval: everyMs,
});

export const intakeSourcesQuery = queryOptions({
  queryKey: ['intake-rules', 'sources'],
  queryFn: ({ signal }) => get<{ items: IntakeSource[] }>('/intake-sources', { signal }).then(({ items }) => items),
  staleTime: 60_000,
});
export const intakeRulesQuery = queryOptions({
  queryKey: ['intake-rules', 'list'],
  queryFn: ({ signal }) => get<{ items: IntakeRule[] }>('/intake-rules', { signal }).then(({ items }) => items),
  refetchInterval: everyMs,
});
export const intakeLogQuery = queryOptions({
  queryKey: ['intake-rules', 'log'],
  queryFn: ({ signal }) =>
    get<{ items: IntakeLogLine[] }>('/intake-rules/log', { query: { limit: 100 }, signal }).then(({ items }) => items),
  refetchInterval: everyMs,
});
export const checkRule = (draft: RuleDraft) => post<{ hints: RuleHint[] }>('/intake-rules/check', draft);
export const saveRule = (draft: RuleDraft, rule: Pick<IntakeRule, 'id' | 'version'> | undefined) =>
  rule
    ? put<IntakeRule>(`/intake-rules/${rule.id}`, draft, { ifMatch: etagOf(rule) })
    : post<IntakeRule>('/intake-rules', draft);
export const deleteRule = (rule: Pick<IntakeRule, 'id' | 'version'>) =>
  del(`/intake-rules/${rule.id}`, { ifMatch: etagOf(rule) });

export const draftOfRule = (rule: IntakeRule): RuleDraft => ({
  ...{ name: rule.name, source: rule.source, hallId: rule.hallId, enabled: rule.enabled, kind: rule.kind },
  ...{ level: rule.level, match: rule.match, preset: rule.preset, count: rule.count },
  ...{ withinMinutes: rule.withinMinutes, mergeMinutes: rule.mergeMinutes, mostPerHour: rule.mostPerHour },
});

export interface DeviceRepair {
  ticketId: string;
  number: string;
  title: string;
  state: Label;
  outcome: 'closed' | 'cancelled' | 'merged' | null;
  madeAt: string;
  repairedAt: string | null;
  endedAt: string | null;
  tookMs: number | null;
  alarms: number;
  reopened: number;
  replaceAdvised: boolean;
  cause: Label | null;
  method: Label | null;
  diagnosis: string | null;
  result: string | null;
  parts: string | null;
  partsCost: number | null;
}
export interface DeviceRepairs {
  items: DeviceRepair[];
  total: number;
  /** In halls where the reader may see none. */
  elsewhere: number;
  repaired: number;
  meanTimeToRepairMs: number | null;
  partsCost: number;
  failures: number;
  replaceAdvised: boolean;
}
export const deviceRepairsQuery = (deviceId: string) =>
  queryOptions({
    queryKey: ['repairs', deviceId],
    queryFn: ({ signal }) => get<DeviceRepairs>(`/devices/${deviceId}/repairs`, { signal }),
  });

export interface TicketFinding {
  id: string;
  itemId: string;
  number: string;
  algorithm: string;
  rule: string;
  camera: { id: string; name: string };
  startedAt: string;
}
export const ticketFindingsQuery = (ticketId: string) =>
  queryOptions({
    queryKey: ['tickets', ticketId, 'findings'],
    queryFn: ({ signal }) => get<{ items: TicketFinding[] }>(`/tickets/${ticketId}/findings`, { signal }),
  });

export interface CaseOfItem {
  ticketId: string;
  number: string;
  title: string;
  state: Label;
  outcome: 'closed' | 'cancelled' | 'merged' | null;
  at: string;
  by: string | null;
  findingIds: string[];
  mayOpen: boolean;
  result: {
    outcome: string;
    at: string;
    isTrue: boolean | null;
    result: string | null;
    checkedBy: Label | null;
    checkWords: string | null;
  } | null;
}
export const itemCasesQuery = (itemId: string) =>
  queryOptions({
    queryKey: ['review', 'cases', itemId],
    queryFn: ({ signal }) =>
      get<{ items: CaseOfItem[] }>(`/review/items/${itemId}/cases`, { signal }).then(({ items }) => items),
  });
export const makeCase = (itemId: string) => post<{ items: CaseOfItem[] }>(`/review/items/${itemId}/cases`, {});

export interface DeviceToReplace {
  deviceId: string;
  name: string;
  hallId: string;
  hallName: string;
  failures: number;
}

export const devicesToReplaceQuery = queryOptions({
  queryKey: ['repairs', 'to-replace'],
  queryFn: ({ signal }) => get<{ items: DeviceToReplace[] }>('/repairs/to-replace', { signal }),
  staleTime: 60_000,
});

import type { Label } from '@hallhub/shared';
import type { Severity } from '@hallhub/shared/wire';
import type { Tx } from '../../../db/index.js';
import { answerLabels, type IntakeSource } from './catalogue.js';

/** A line of the inbox. */
export interface InboxRow {
  id: string;
  tenant_id: string;
  source: string;
  key: string;
  what: 'seen' | 'confirmed' | 'undone';
  hall_id: string;
  device_id: string;
  at: Date;
  data: Record<string, unknown>;
  attempts: number;
}

/** What happened, as rules ask for it and tickets tell it. */
export interface Occurrence {
  readonly tenantId: string;
  readonly source: IntakeSource;
  readonly key: string;
  readonly what: InboxRow['what'];
  readonly hallId: string;
  readonly deviceId: string;
  readonly at: Date;
  readonly severity: Severity;
  readonly algorithm: string | null;
  readonly ruleId: string | null;
  /** Of an answer, 5 the best. */
  readonly rank: number | null;
  readonly finding: { readonly id: string; readonly itemId: string; readonly pictureIds: readonly string[] } | null;
  readonly title: string;
  readonly text: string;
  /** Values for fields of these names, where a kind has them. */
  readonly named: Readonly<Record<string, string>>;
  readonly place: string;
}

interface Place {
  hall_name: string;
  time_zone: string;
  address: string | null;
  device_name: string;
  device_class: string;
  counter_name: string | null;
  counter_code: string | null;
}

const severities: readonly string[] = ['info', 'notice', 'warning', 'critical'];
const isSeverity = (value: unknown): value is Severity => typeof value === 'string' && severities.includes(value);

/** Undefined: it is not (any more) what its source is about. */
export const readOccurrence = async (tx: Tx, row: InboxRow, source: IntakeSource): Promise<Occurrence | undefined> => {
  const { rows } = await tx.$client.query<Place>(
    `SELECT h.name AS hall_name, h.time_zone, h.address, coalesce(nullif(d.name, ''), d.model || ' ' || d.serial) AS device_name, d.device_class,
       c.name AS counter_name, c.code AS counter_code
     FROM devices d JOIN halls h ON h.tenant_id = d.tenant_id AND h.id = d.hall_id
       LEFT JOIN counters c ON c.tenant_id = d.tenant_id AND c.id = d.counter_id
     WHERE d.tenant_id = $1 AND d.id = $2`,
    [row.tenant_id, row.device_id],
  );
  const [place] = rows;
  if (!place) return undefined;
  return source.feed === 'finding' ? readFinding(tx, row, { source, place }) : readEvent(tx, row, { source, place });
};

const base = (row: InboxRow, source: IntakeSource) => ({
  ...{ tenantId: row.tenant_id, source, key: row.key, what: row.what },
  ...{ hallId: row.hall_id, deviceId: row.device_id, at: row.at },
});

const timeText = (at: Date, timeZone: string): string =>
  new Intl.DateTimeFormat('zh-CN', {
    ...{ timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
  }).format(at);

interface Of {
  readonly source: IntakeSource;
  readonly place: Place;
}

const readFinding = async (tx: Tx, row: InboxRow, { source, place }: Of): Promise<Occurrence | undefined> => {
  const { rows } = await tx.$client.query<{
    item_id: string;
    number: string;
    rule_id: string;
    rule_name: string;
    algorithm: string;
    severity: Severity;
    count: string | null;
    detail: string | null;
    decision: string | null;
    experimental: boolean;
    began: { evidence?: { id: string; role: string }[] } | null;
    ended: { evidence?: { id: string; role: string }[] } | null;
  }>(
    `SELECT item_id, number, rule_id, rule_name, algorithm, severity, count, detail, decision, experimental, began, ended
     FROM review_findings WHERE tenant_id = $1 AND id = $2::uuid`,
    [row.tenant_id, row.key],
  );
  const [found] = rows;
  // Taken back before anybody looked.
  if (!found || (row.what === 'confirmed' && found.decision !== 'accepted')) return undefined;
  const pictures = [...(found.began?.evidence ?? []), ...(found.ended?.evidence ?? [])].filter(
    ({ role }) => role !== 'clip',
  );
  const seen = [found.count === null ? '' : `数量 ${found.count}`, found.detail ?? ''].filter((part) => part !== '');
  return {
    ...base(row, source),
    ...{ severity: found.severity, algorithm: found.algorithm, ruleId: found.rule_id, rank: null },
    finding: { id: row.key, itemId: found.item_id, pictureIds: [...new Set(pictures.map(({ id }) => id))].slice(0, 8) },
    title: `${found.rule_name}（${place.device_name}）`,
    text: [
      `${place.hall_name} ${place.device_name} 于 ${timeText(row.at, place.time_zone)} 发现：${found.rule_name}`,
      ...(seen.length > 0 ? [seen.join('，')] : []),
      `发现编号 ${found.number}${row.what === 'confirmed' ? '，已由审核人员确认' : ''}${found.experimental ? '；该算法为试验性' : ''}`,
    ].join('\n'),
    ...{ named: {}, place: placeText(place) },
  };
};

const placeText = (place: Place): string => [place.address ?? place.hall_name, place.device_name].join(' ');

const readEvent = async (tx: Tx, row: InboxRow, { source, place }: Of): Promise<Occurrence | undefined> => {
  if (source.classes.length > 0 && !source.classes.includes(place.device_class)) return undefined;
  const { data } = row;
  const answer = source.answers?.fields.map((field) => data[field]).find((value) => typeof value === 'string');
  const rank = source.answers === undefined ? null : (source.answers.ranks[String(answer)] ?? null);
  // No answer was given (`none`), or it is one that this version does not know: nothing to complain of.
  if (source.answers !== undefined && rank === null) return undefined;
  const algorithm = source.algorithmField === undefined ? undefined : data[source.algorithmField];
  const counter = place.counter_name ?? place.device_name;
  const staff = rank === null ? null : await staffAt(tx, row);
  const said: Label | undefined = rank === null ? undefined : answerLabels[rank];
  const what = said ? `评价“${said.zh}”` : source.label.zh;
  const facts = [
    ...(staff === null ? [] : [`工号 ${staff}`]),
    ...(typeof data.ticket === 'string' ? [`排队号 ${data.ticket}`] : []),
  ];
  return {
    ...base(row, source),
    severity: isSeverity(data.severity) ? data.severity : 'info',
    ...{ algorithm: typeof algorithm === 'string' ? algorithm : null, ruleId: null, rank, finding: null },
    title: `${counter}：${what}`,
    text: `${place.hall_name} ${counter} 于 ${timeText(row.at, place.time_zone)} 收到${what}${facts.length > 0 ? `（${facts.join('，')}）` : ''}`,
    named: { against: [place.hall_name, counter, ...(staff === null ? [] : [`工号 ${staff}`])].join(' ') },
    place: placeText(place),
  };
};

const signedOnMs = 16 * 3_600_000;

/** Whose number was told to the evaluator last before the answer, unless they signed off since. */
const staffAt = async (tx: Tx, row: InboxRow): Promise<string | null> => {
  const { rows } = await tx.$client.query<{ name: string; staff: string | null }>(
    `SELECT name, input ->> 'staff' AS staff FROM commands WHERE tenant_id = $1 AND device_id = $2 AND issued_at <= $3 AND issued_at >= $4
       AND state = 'succeeded' AND (name = 'signOff' OR (name IN ('signOn', 'prompt') AND input ->> 'staff' <> ''))
     ORDER BY issued_at DESC LIMIT 1`,
    [row.tenant_id, row.device_id, row.at, new Date(row.at.getTime() - signedOnMs)],
  );
  const [last] = rows;
  return last === undefined || last.name === 'signOff' ? null : last.staff;
};

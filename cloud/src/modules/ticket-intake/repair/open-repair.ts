import { labelText } from '@hallhub/shared/thing';
import type { TicketKind } from '@hallhub/shared/ticket';
import type { Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { readKind } from '../../ticket-kinds/kind-book.js';
import { makeTicket } from '../../tickets/make-ticket.js';
import { openTicket } from '../../tickets/store/change-ticket.js';
import { say, tried } from '../acts.js';
import { adviseFrom, countFailures } from './count-failures.js';
import type { RaisedAlarm } from './find-repairs.js';

const hourMs = 3_600_000;
const repeatWithinMs = 30 * 24 * hourMs;
/** News of a flapping alarm: the first few, then every tenth. */
export const isTold = (place: number): boolean => place <= 5 || place % 10 === 0;

type Outcome = 'opened' | 'joined' | 'reopened' | 'held';

/**
 * One running repair for a device: its first alarm opens it, all others join it; the same alarm soon after the close reopens it. False: no
 * ticket can be made now, because its kind takes none or too many were made in this hour.
 */
export const openRepair = async (tx: Tx, ctx: VerbContext, alarm: RaisedAlarm): Promise<boolean> => {
  // Two processes, or two alarms of one device: the second waits and finds what the first has made.
  await tx.$client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 4703))', [alarm.source_id]);
  const { rows: known } = await tx.$client.query<{ ticket_id: string | null; open: boolean }>(
    `SELECT k.ticket_id, a.cleared_at IS NULL AS open FROM alarms a LEFT JOIN repair_alarms k ON k.tenant_id = a.tenant_id AND k.alarm_id = a.id
     WHERE a.tenant_id = $1 AND a.id = $2`,
    [alarm.tenant_id, alarm.id],
  );
  // Somebody else has done it, or it ended while this one waited.
  if (!known[0]?.open || known[0].ticket_id !== null) return true;
  const text = labelText(alarm.message, 'zh');
  const running = await findRunning(tx, alarm);
  if (running !== undefined) {
    await note(tx, ctx, alarm, { ticketId: running, what: 'joined' });
    await tellJoined(tx, ctx, alarm, { ticketId: running, text });
    return true;
  }
  const before = await findBefore(tx, alarm);
  if (before && ctx.clock.now() - before.ended_at.getTime() <= alarm.reopen_hours * hourMs) {
    const minutes = Math.max(1, Math.round((ctx.clock.now() - before.ended_at.getTime()) / 60_000));
    const opinion = `结单后 ${minutes} 分钟告警再次发生：${text}`;
    if (await tried(tx, ctx, before.id, { do: 'reopen', opinion })) {
      await note(tx, ctx, alarm, { ticketId: before.id, what: 'reopened' });
      return true;
    }
  }
  const published = await readKind(tx, alarm.tenant_id, alarm.kind);
  if (!published) return false;
  if (await isFull(tx, ctx, alarm)) {
    await note(tx, ctx, alarm, { ticketId: null, what: 'held' });
    return false;
  }
  const ticketId = await makeRepair(tx, ctx, alarm, { kind: published.kind, text });
  await note(tx, ctx, alarm, { ticketId, what: 'opened' });
  if (before) {
    await tried(tx, ctx, ticketId, { do: 'link', ticket: before.id, how: 'related' });
    await say(tx, ctx, ticketId, `重复故障：同一告警上次由 ${before.number} 处理`);
  }
  return true;
};

/** Whoever made it: people may have reported the device before its alarm came. Locked, so that it does not close meanwhile. */
const findRunning = async (tx: Tx, alarm: RaisedAlarm): Promise<string | undefined> => {
  const { rows } = await tx.$client.query<{ id: string }>(
    alarm.device_id === null
      ? `SELECT t.id FROM tickets t WHERE t.tenant_id = $1 AND t.status <> 'ended' AND t.kind = $2 AND t.id IN (SELECT k.ticket_id FROM repair_alarms k
           JOIN repair_watches w ON w.tenant_id = k.tenant_id AND w.ticket_id = k.ticket_id
           JOIN alarms a ON a.tenant_id = k.tenant_id AND a.id = k.alarm_id WHERE k.tenant_id = $1 AND a.device_id IS NULL AND a.unit_id = $3)
         ORDER BY t.made_at DESC LIMIT 1 FOR NO KEY UPDATE OF t`
      : `SELECT t.id FROM tickets t WHERE t.tenant_id = $1 AND t.status <> 'ended' AND t.kind = $2 AND t.device_id = $3
         ORDER BY t.made_at DESC LIMIT 1 FOR NO KEY UPDATE OF t`,
    [alarm.tenant_id, alarm.kind, alarm.source_id],
  );
  return rows[0]?.id;
};

/** The repair of the same alarm that closed last. */
const findBefore = async (
  tx: Tx,
  alarm: RaisedAlarm,
): Promise<{ readonly id: string; readonly number: string; readonly ended_at: Date } | undefined> => {
  const { rows } = await tx.$client.query<{ id: string; number: string; ended_at: Date }>(
    `SELECT t.id, t.number, t.ended_at FROM alarms a JOIN repair_alarms k ON k.tenant_id = a.tenant_id AND k.alarm_id = a.id
     JOIN tickets t ON t.tenant_id = k.tenant_id AND t.id = k.ticket_id
     WHERE a.tenant_id = $1 AND a.unit_id = $2 AND coalesce(a.device_id, a.unit_id) = $3 AND a.rule_key = $4 AND a.raised_at >= $5
       AND t.status = 'ended' AND t.outcome = 'closed' AND t.kind = $6 AND t.ended_at >= $5
     ORDER BY t.ended_at DESC LIMIT 1`,
    [
      ...[alarm.tenant_id, alarm.unit_id, alarm.source_id, alarm.rule_key],
      ...[new Date(alarm.raised_at.getTime() - 2 * repeatWithinMs), alarm.kind],
    ],
  );
  return rows[0];
};

const isFull = async (tx: Tx, ctx: VerbContext, alarm: RaisedAlarm): Promise<boolean> => {
  // One after another for a rule: two processes do not both take the last place.
  await tx.$client.query('SELECT 1 FROM repair_rules WHERE id = $1 FOR NO KEY UPDATE', [alarm.rule_id]);
  const { rows } = await tx.$client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM repair_alarms WHERE tenant_id = $1 AND rule_id = $2 AND what = 'opened' AND at > $3`,
    [alarm.tenant_id, alarm.rule_id, new Date(ctx.clock.now() - hourMs)],
  );
  return (rows[0]?.count ?? 0) >= alarm.most_per_hour;
};

const note = async (
  tx: Tx,
  ctx: VerbContext,
  alarm: RaisedAlarm,
  { ticketId, what }: { readonly ticketId: string | null; readonly what: Outcome },
): Promise<void> => {
  await tx.$client.query(
    `INSERT INTO repair_alarms AS k (tenant_id, alarm_id, ticket_id, what, rule_id, at, place)
     VALUES ($1, $2, $3, $4, $5, $6, 1 + (SELECT count(*) FROM repair_alarms o WHERE o.tenant_id = $1 AND o.ticket_id = $3))
     ON CONFLICT (tenant_id, alarm_id) DO UPDATE SET ticket_id = excluded.ticket_id, what = excluded.what, rule_id = excluded.rule_id,
       place = excluded.place, at = CASE WHEN excluded.what = 'held' THEN k.at ELSE excluded.at END`,
    [alarm.tenant_id, alarm.id, ticketId, what, alarm.rule_id, new Date(ctx.clock.now())],
  );
  if (ticketId === null) return;
  await tx.$client.query('INSERT INTO repair_watches (tenant_id, ticket_id) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    alarm.tenant_id,
    ticketId,
  ]);
};

/** It says so in the history, and a worse alarm makes the repair a worse one. */
const tellJoined = async (
  tx: Tx,
  ctx: VerbContext,
  alarm: RaisedAlarm,
  { ticketId, text }: { readonly ticketId: string; readonly text: string },
): Promise<void> => {
  const { rows } = await tx.$client.query<{ place: number; again: boolean }>(
    `SELECT k.place, EXISTS (SELECT 1 FROM repair_alarms o JOIN alarms a ON a.tenant_id = o.tenant_id AND a.id = o.alarm_id
       WHERE o.tenant_id = $1 AND o.ticket_id = $3 AND o.alarm_id <> $2 AND a.rule_key = $4) AS again
     FROM repair_alarms k WHERE k.tenant_id = $1 AND k.alarm_id = $2`,
    [alarm.tenant_id, alarm.id, ticketId, alarm.rule_key],
  );
  const { place = 1, again = false } = rows[0] ?? {};
  if (isTold(place)) {
    const which = place > 5 ? `（第 ${place} 次）` : '';
    await say(tx, ctx, ticketId, again ? `告警再次发生${which}：${text}` : `该设备另有告警并入本单${which}：${text}`);
  }
  const { state, world } = await openTicket(tx, ctx, { ticketId, lock: true });
  const ids = world.kind.levels.map(({ id }) => id);
  const level = alarm.levels[alarm.severity];
  if (level !== undefined && ids.indexOf(level) > ids.indexOf(state.level ?? '')) {
    await tried(tx, ctx, ticketId, { do: 'setLevel', level, opinion: `告警升级：${text}`.slice(0, 2_000) });
  }
};

const makeRepair = async (
  tx: Tx,
  ctx: VerbContext,
  alarm: RaisedAlarm,
  { kind, text }: { readonly kind: TicketKind; readonly text: string },
): Promise<string> => {
  const level = alarm.levels[alarm.severity];
  const failures = alarm.device_id === null ? 0 : (await countFailures(tx, ctx, alarm.device_id)) + 1;
  const { id } = await makeTicket(tx, ctx, {
    ...{ kind: alarm.kind, hallId: alarm.hall_id, deviceId: alarm.device_id, parentId: null },
    fields: fieldsOf(kind, alarm, { text, replaceAdvised: failures >= adviseFrom }),
    level: kind.levels.some((one) => one.id === level) ? (level ?? null) : null,
    ...{ source: 'alarm', alarmId: alarm.id, origin: { system: 'alarm', key: alarm.id } },
  });
  return id;
};

const fieldsOf = (
  kind: TicketKind,
  alarm: RaisedAlarm,
  { text, replaceAdvised }: { readonly text: string; readonly replaceAdvised: boolean },
): Record<string, string | boolean> => {
  const fields: Record<string, string | boolean> = {};
  for (const { key, type } of kind.fields) {
    if (key === kind.title) fields[key] = text.slice(0, 100);
    else if (type === 'device' && alarm.device_id !== null) fields[key] ??= alarm.device_id;
    else if (type === 'hall') fields[key] ??= alarm.hall_id;
    else if (type === 'longText' && key === 'content') fields[key] = `告警：${text}`;
    else if (type === 'yesNo' && key === 'replaceAdvised' && replaceAdvised) fields[key] = true;
  }
  return fields;
};

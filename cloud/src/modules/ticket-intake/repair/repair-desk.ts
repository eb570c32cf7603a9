import { isHubError, type Label, type Timer } from '@hallhub/shared';
import { labelText } from '@hallhub/shared/thing';
import type { TicketCommand, TicketKind } from '@hallhub/shared/ticket';
import { type Tx, withSystem, withTenant } from '../../../db/index.js';
import { systemActor } from '../../access/actor.js';
import type { VerbContext } from '../../access/verb-context.js';
import { readKind } from '../../ticket-kinds/kind-book.js';
import { actOnTicket } from '../../tickets/act-on-ticket.js';
import { makeTicket } from '../../tickets/make-ticket.js';
import { openTicket } from '../../tickets/store/change-ticket.js';
import type { IntakeDeps } from '../intake-deps.js';
import type { Severity } from '../tables.js';

const batchSize = 50;
const waitMs = 60_000;
const mostWaiting = 5_000;
/** A device that is repaired so often within 30 days is said to be due for replacement. */
const oftenAfter = 3;

interface RaisedAlarm {
  tenant_id: string;
  id: string;
  hall_id: string;
  device_id: string | null;
  source_id: string;
  rule_key: string;
  severity: Severity;
  message: Label;
  kind: string;
  levels: Partial<Record<Severity, string>>;
}

/**
 * Alarms become repairs by rule, one for each device and condition, and their ends are told to the ticket. It looks at what is in the
 * database, so that a process that was down loses nothing, and any number of processes may run one.
 */
export class RepairDesk {
  readonly #deps: IntakeDeps;
  readonly #everyMs: number;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #closed = false;
  /** Alarms that could not become a repair, and until when they are let be: a few of them must not stand before all others. */
  readonly #waiting = new Map<string, number>();

  constructor(deps: IntakeDeps, options: { readonly everyMs?: number } = {}) {
    this.#deps = deps;
    this.#everyMs = options.everyMs ?? 5_000;
  }

  start(): this {
    this.#timer = this.#deps.clock.setTimeout(() => {
      this.#running ??= this.look()
        .then(() => undefined)
        .catch((error: unknown) => this.#deps.log.warn({ err: error }, 'alarms could not be looked at for repairs'))
        .finally(() => {
          this.#running = undefined;
        });
      if (!this.#closed) this.start();
    }, this.#everyMs);
    return this;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    await this.#running;
  }

  /** One round; returns how many alarms and ends were told. */
  async look(): Promise<number> {
    const nowMs = this.#deps.clock.monotonicMs();
    for (const [id, untilMs] of this.#waiting) if (untilMs <= nowMs) this.#waiting.delete(id);
    let told = 0;
    for (const alarm of await this.#raised()) {
      if (await this.#each(alarm, (tx, ctx) => openRepair(tx, ctx, alarm))) told += 1;
    }
    for (const one of await this.#cleared()) {
      if (await this.#each(one, (tx, ctx) => tellCleared(tx, ctx, one))) told += 1;
    }
    return told;
  }

  /** What one alarm cannot do stops no other; it is tried again after a while. False: nothing came of it. */
  async #each(
    of: { readonly tenant_id: string; readonly id: string },
    work: (tx: Tx, ctx: VerbContext) => Promise<boolean>,
  ): Promise<boolean> {
    const { database: db, clock, live, log } = this.#deps;
    const ctx: VerbContext = { db, clock, live, request: null, actor: systemActor(of.tenant_id, '告警') };
    try {
      if (await withTenant(db, ctx.actor, (tx) => work(tx, ctx))) return true;
    } catch (error) {
      log.warn({ err: error, alarmId: of.id }, 'an alarm could not become a repair');
    }
    const [oldest] = this.#waiting.keys();
    if (this.#waiting.size >= mostWaiting && oldest !== undefined) this.#waiting.delete(oldest);
    this.#waiting.set(of.id, clock.monotonicMs() + waitMs);
    return false;
  }

  async #raised(): Promise<RaisedAlarm[]> {
    const { rows } = await withSystem(this.#deps.database, (tx) =>
      tx.$client.query<RaisedAlarm>(
        `SELECT a.tenant_id, a.id, a.hall_id, a.device_id, coalesce(a.device_id, a.unit_id) AS source_id, a.rule_key, a.severity, a.message, r.kind, r.levels
         FROM alarms a
         JOIN LATERAL (SELECT * FROM repair_rules r WHERE r.tenant_id = a.tenant_id AND (r.hall_id = a.hall_id OR r.hall_id IS NULL)
           ORDER BY r.hall_id NULLS LAST LIMIT 1) r ON r.enabled
         WHERE a.cleared_at IS NULL AND a.raised_at >= r.created_at
           AND array_position(ARRAY['info', 'notice', 'warning', 'critical'], a.severity) >= array_position(ARRAY['info', 'notice', 'warning', 'critical'], r.from_severity)
           AND NOT EXISTS (SELECT 1 FROM repair_alarms k WHERE k.tenant_id = a.tenant_id AND k.alarm_id = a.id)
           AND a.id <> ALL($1::uuid[])
         ORDER BY a.raised_at, a.id LIMIT ${batchSize}`,
        [[...this.#waiting.keys()]],
      ),
    );
    return rows;
  }

  async #cleared(): Promise<ClearedAlarm[]> {
    const { rows } = await withSystem(this.#deps.database, (tx) =>
      tx.$client.query<ClearedAlarm>(
        `SELECT k.tenant_id, k.alarm_id AS id, k.ticket_id, a.message, a.cleared_at FROM repair_alarms k
         JOIN alarms a ON a.tenant_id = k.tenant_id AND a.id = k.alarm_id
         WHERE k.cleared_at IS NULL AND a.cleared_at IS NOT NULL AND a.id <> ALL($1::uuid[]) ORDER BY a.cleared_at LIMIT ${batchSize}`,
        [[...this.#waiting.keys()]],
      ),
    );
    return rows;
  }
}

interface ClearedAlarm {
  tenant_id: string;
  id: string;
  ticket_id: string;
  message: Label;
  cleared_at: Date;
}

/** False: no ticket can be made, the kind takes none at present. */
const openRepair = async (tx: Tx, ctx: VerbContext, alarm: RaisedAlarm): Promise<boolean> => {
  await tx.$client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 4703))', [
    `${alarm.source_id}:${alarm.rule_key}`,
  ]);
  const known = await tx.$client.query('SELECT 1 FROM repair_alarms WHERE alarm_id = $1', [alarm.id]);
  if (known.rowCount !== 0) return true;
  const { rows } = await tx.$client.query<{ id: string }>(
    `SELECT t.id FROM repair_alarms k JOIN alarms a ON a.id = k.alarm_id JOIN tickets t ON t.id = k.ticket_id
     WHERE coalesce(a.device_id, a.unit_id) = $1 AND a.rule_key = $2 AND t.status <> 'ended' ORDER BY t.made_at DESC LIMIT 1`,
    [alarm.source_id, alarm.rule_key],
  );
  const running = rows[0]?.id;
  const text = labelText(alarm.message, 'zh');
  const ticketId = running ?? (await makeRepair(tx, ctx, alarm, text));
  if (ticketId === undefined) return false;
  if (running !== undefined) await say(tx, ctx, running, `告警再次发生：${text}`);
  await tx.$client.query('INSERT INTO repair_alarms (tenant_id, alarm_id, ticket_id) VALUES ($1, $2, $3)', [
    ...[alarm.tenant_id, alarm.id, ticketId],
  ]);
  return true;
};

const makeRepair = async (tx: Tx, ctx: VerbContext, alarm: RaisedAlarm, text: string): Promise<string | undefined> => {
  const published = await readKind(tx, alarm.tenant_id, alarm.kind);
  if (!published) return undefined;
  const { kind } = published;
  const level = alarm.levels[alarm.severity];
  const ticket = await makeTicket(tx, ctx, {
    ...{ kind: alarm.kind, fields: fieldsOf(kind, alarm, text), hallId: alarm.hall_id, deviceId: alarm.device_id },
    ...{ parentId: null, level: kind.levels.some(({ id }) => id === level) ? (level ?? null) : null },
    ...{ source: 'alarm', alarmId: alarm.id, origin: { system: 'alarm', key: alarm.id } },
  });
  if (alarm.device_id !== null)
    await flagOften(tx, ctx, { kind: alarm.kind, deviceId: alarm.device_id, ticketId: ticket.id });
  return ticket.id;
};

const fieldsOf = (kind: TicketKind, alarm: RaisedAlarm, text: string): Record<string, string> => {
  const fields: Record<string, string> = {};
  for (const { key, type } of kind.fields) {
    if (key === kind.title) fields[key] = text.slice(0, 100);
    else if (type === 'device' && alarm.device_id !== null) fields[key] ??= alarm.device_id;
    else if (type === 'hall') fields[key] ??= alarm.hall_id;
    else if (type === 'longText' && key === 'content') fields[key] = `告警：${text}`;
  }
  return fields;
};

const flagOften = async (
  tx: Tx,
  ctx: VerbContext,
  { kind, deviceId, ticketId }: { readonly kind: string; readonly deviceId: string; readonly ticketId: string },
): Promise<void> => {
  const { rows } = await tx.$client.query<{ count: number }>(
    'SELECT count(*)::int AS count FROM tickets WHERE device_id = $1 AND kind = $2 AND made_at >= $3',
    [deviceId, kind, new Date(ctx.clock.now() - 30 * 86_400_000)],
  );
  const count = rows[0]?.count ?? 0;
  if (count >= oftenAfter) await say(tx, ctx, ticketId, `该设备 30 天内第 ${count} 次报修，建议更换`);
};

const say = (tx: Tx, ctx: VerbContext, ticketId: string, opinion: string): Promise<boolean> =>
  tried(tx, ctx, ticketId, { do: 'comment', opinion });

/** What a ticket does not take any more (it ended meanwhile) is no fault of the alarm’s. */
const tried = async (tx: Tx, ctx: VerbContext, ticketId: string, command: TicketCommand): Promise<boolean> => {
  await tx.$client.query('SAVEPOINT repair');
  try {
    await actOnTicket(tx, ctx, { ticketId, command });
    return true;
  } catch (error) {
    if (!isHubError(error, 'conflict')) throw error;
    await tx.$client.query('ROLLBACK TO SAVEPOINT repair');
    return false;
  }
};

/** News into the ticket; where its present step asks whether the alarm has cleared, the answer is filled in: people verify and close. */
const tellCleared = async (
  tx: Tx,
  ctx: VerbContext,
  { id, ticket_id, message, cleared_at }: ClearedAlarm,
): Promise<boolean> => {
  const { state, world } = await openTicket(tx, ctx, { ticketId: ticket_id, lock: true });
  await tx.$client.query('UPDATE repair_alarms SET cleared_at = $2 WHERE alarm_id = $1', [id, cleared_at]);
  const step = world.kind.steps.find((one) => one.id === state.step);
  const task = state.tasks.find((one) => one.step === state.step && one.purpose === 'handle' && one.state === 'open');
  if (task && step?.fields.edit.includes('alarmCleared')) {
    await tried(tx, ctx, ticket_id, { do: 'edit', task: task.id, fields: { alarmCleared: true } });
  }
  await say(tx, ctx, ticket_id, `告警已消除：${labelText(message, 'zh')}`);
  return true;
};

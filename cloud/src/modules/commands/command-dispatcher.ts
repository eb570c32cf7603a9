import type { Clock, Timer } from '@hallhub/shared';
import { type DownCommand, unitTopics } from '@hallhub/shared/wire';
import type { Logger } from 'pino';
import { type Database, type Tx, withSystem } from '../../db/index.js';
import type { CloudMessaging } from '../../mqtt/index.js';
import type { LivePublisher } from '../live/live-port.js';
import { type CloudStep, recordSteps, stepEvent } from './command-steps.js';

export interface DispatcherDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly live: LivePublisher;
  readonly log: Logger;
  readonly messaging: CloudMessaging;
  readonly everyMs?: number;
}

/** docs/protocol.md 2. */
export const resendMs = 15_000;
/** Past its deadline by this much, a command nobody heard the end of is shown `unknown`. */
export const unheardMs = 60_000;
const batchSize = 200;
/** Units that come back at the same time are looked at together. */
const gatherMs = 50;

interface DueRow {
  id: string;
  tenant_id: string;
  hall_id: string;
  unit_id: string;
  device_id: string | null;
  name: string;
  input: DownCommand extends infer D ? (D extends { input: infer I } ? I : never) : never;
  state: 'queued' | 'sent' | 'received';
  cancel_asked_at: Date | null;
  issued_at: Date;
  deadline_at: Date;
}

interface Outgoing {
  readonly unitId: string;
  readonly message: DownCommand;
}

/**
 * Sends what is in the ledger to units that are online, again until received, and ends what nobody will end. All of it is read
 * from the database with rows locked, so any number of processes may run one.
 */
export class CommandDispatcher {
  readonly #deps: DispatcherDeps;
  #timer: Timer | undefined;
  #closed = false;
  #running: Promise<void> | undefined;
  #again = false;
  readonly #woken = new Set<string>();
  #meeting: Timer | undefined;

  constructor(deps: DispatcherDeps) {
    this.#deps = deps;
  }

  start(): this {
    this.#schedule();
    return this;
  }

  /** Looks now. With a unit: it has just said hello, and everything it has not confirmed goes again. */
  wake(unitId?: string): void {
    if (unitId) this.#woken.add(unitId);
    if (this.#running) this.#again = true;
    else void this.#run();
  }

  /** The same for units that come back in numbers: the first at once, those after it together, a moment later. */
  met(unitId: string): void {
    this.#woken.add(unitId);
    if (this.#meeting) return;
    this.#meeting = this.#deps.clock.setTimeout(() => {
      this.#meeting = undefined;
      if (this.#woken.size > 0) this.wake();
    }, gatherMs);
    this.wake();
  }

  /** Resolves when nothing more is to be done at this moment. */
  async settled(): Promise<void> {
    while (this.#running) await this.#running;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#timer?.cancel();
    this.#meeting?.cancel();
    await this.settled();
  }

  #schedule(): void {
    if (this.#closed) return;
    this.#timer = this.#deps.clock.setTimeout(() => {
      this.wake();
      this.#schedule();
    }, this.#deps.everyMs ?? 1_000);
  }

  #run(): Promise<void> {
    this.#running = (async () => {
      try {
        do {
          this.#again = false;
          await this.#look();
        } while (this.#again && !this.#closed);
      } catch (error) {
        this.#deps.log.warn({ err: error }, 'commands could not be looked at');
      } finally {
        this.#running = undefined;
      }
    })();
    return this.#running;
  }

  async #look(): Promise<void> {
    const { database, clock, live, log, messaging } = this.#deps;
    const now = new Date(clock.now());
    const woken = [...this.#woken];
    this.#woken.clear();
    const { steps, outgoing, more } = await withSystem(database, async (tx) => {
      const ended = [...(await expire(tx, now)), ...(await giveUp(tx, now))];
      const due = await takeDue(tx, now, woken);
      const sent = due.filter(({ state }) => state === 'queued').map((row) => cloudStep(row, 'sent', now));
      const steps = [...ended, ...sent];
      await recordSteps(tx, steps);
      return { steps, outgoing: due.map((row) => toMessage(row, now)), more: due.length === batchSize };
    });
    for (const step of steps) live.publish(stepEvent(step));
    for (const { unitId, message } of outgoing) {
      try {
        await messaging.publish(unitTopics.downCommand(unitId), JSON.stringify(message));
      } catch (error) {
        log.debug({ err: error, unitId, commandId: message.id }, 'a command could not be sent now');
      }
    }
    if (more) this.#again = true;
  }
}

const cloudStep = (
  row: { tenant_id: string; hall_id: string; id: string; device_id: string | null },
  state: CloudStep['state'],
  at: Date,
): CloudStep => ({
  ...{ tenantId: row.tenant_id, hallId: row.hall_id, commandId: row.id, deviceId: row.device_id },
  ...{ state, at, provisional: state === 'unknown' },
});

/** Queued past its deadline: it never left. */
const expire = async (tx: Tx, now: Date): Promise<CloudStep[]> => {
  const { rows } = await tx.$client.query<DueRow>({
    name: 'commands-expire',
    text: `UPDATE commands SET state = 'expired', finished_at = $1, next_send_at = NULL, version = version + 1
     WHERE id IN (SELECT id FROM commands WHERE state = 'queued' AND deadline_at <= $1 ORDER BY id LIMIT ${batchSize} FOR UPDATE SKIP LOCKED)
     RETURNING id, tenant_id, hall_id, device_id`,
    values: [now],
  });
  return rows.map((row) => cloudStep(row, 'expired', now));
};

/** It left, and its end was not heard of in time: nothing is in progress for ever. */
const giveUp = async (tx: Tx, now: Date): Promise<CloudStep[]> => {
  const { rows } = await tx.$client.query<DueRow>({
    name: 'commands-give-up',
    text: `UPDATE commands SET state = 'unknown', provisional = true, finished_at = $1, next_send_at = NULL, version = version + 1
     WHERE id IN (SELECT id FROM commands WHERE state IN ('sent', 'received', 'running') AND deadline_at <= $2
       ORDER BY id LIMIT ${batchSize} FOR UPDATE SKIP LOCKED)
     RETURNING id, tenant_id, hall_id, device_id`,
    values: [now, new Date(now.getTime() - unheardMs)],
  });
  return rows.map((row) => cloudStep(row, 'unknown', now));
};

/**
 * What is to be sent now, marked as sent before it is (docs/protocol.md 2). Only to units that are online, and one at a time for
 * each target: the next goes once the unit has confirmed the one before, whichever process sends it, so that the order holds.
 */
const takeDue = async (tx: Tx, now: Date, woken: readonly string[]): Promise<DueRow[]> => {
  const { rows } = await tx.$client.query<DueRow>({
    name: 'commands-due',
    text: `WITH due AS (
        SELECT c.id, c.state FROM commands c JOIN unit_links l ON l.unit_id = c.unit_id
        WHERE l.presence = 'online' AND l.protocol IS NOT NULL AND c.next_send_at IS NOT NULL AND (c.next_send_at <= $1 OR c.unit_id = ANY($2))
          AND (c.cancel_asked_at IS NOT NULL OR c.deadline_at > $1)
          AND (c.state <> 'queued' OR NOT EXISTS (SELECT 1 FROM commands e WHERE e.unit_id = c.unit_id AND e.device_id IS NOT DISTINCT FROM c.device_id
            AND e.state IN ('queued', 'sent') AND e.deadline_at > $1 AND (e.issued_at, e.id) < (c.issued_at, c.id)))
        ORDER BY c.issued_at, c.id LIMIT ${batchSize} FOR UPDATE OF c SKIP LOCKED)
      UPDATE commands c SET state = CASE WHEN due.state = 'queued' THEN 'sent' ELSE c.state END, sent_count = c.sent_count + 1,
        next_send_at = $3, version = c.version + CASE WHEN due.state = 'queued' THEN 1 ELSE 0 END
      FROM due WHERE c.id = due.id
      RETURNING c.id, c.tenant_id, c.hall_id, c.unit_id, c.device_id, c.name, c.input, due.state, c.cancel_asked_at, c.issued_at, c.deadline_at`,
    values: [now, woken, new Date(now.getTime() + resendMs)],
  });
  return rows.sort((a, b) => a.issued_at.getTime() - b.issued_at.getTime() || (a.id < b.id ? -1 : 1));
};

const toMessage = (row: DueRow, now: Date): Outgoing => {
  const { unit_id: unitId, id } = row;
  if (row.cancel_asked_at) return { unitId, message: { v: 1, type: 'cancel', id } };
  return {
    unitId,
    message: {
      ...{ v: 1, type: 'command', id, name: row.name, input: row.input },
      target: row.device_id === null ? { unit: true } : { deviceId: row.device_id },
      remainingMs: Math.max(0, row.deadline_at.getTime() - now.getTime()),
      issuedAt: row.issued_at.getTime(),
    },
  };
};

import { randomUUID } from 'node:crypto';
import { Backoff, type Timer } from '@hallhub/shared';
import { eq } from 'drizzle-orm';
import { withSystem } from '../../../db/index.js';
import type { MailDeps } from './mail-deps.js';
import { MailSession } from './mail-session.js';
import { problemOf } from './open-imap.js';
import { type MailboxRow, mailboxes } from './tables.js';

const leaseMs = 45_000;
const beatMs = 10_000;
const mostSessions = 50;
const backoff = { firstMs: 5_000, maxMs: 900_000 };

/**
 * Keeps a connection to each mailbox, in one process at a time (a lease in the database, told every 10 s), and waits there for new
 * letters. What fails is shown with its reason and tried again, less and less often.
 */
export class MailDesk {
  readonly #deps: MailDeps;
  readonly #everyMs: number;
  readonly #pollMs: number;
  readonly #stopping = new AbortController();
  readonly #sessions = new Map<string, Promise<void>>();
  #timer: Timer | undefined;
  #looking: Promise<void> | undefined;

  constructor(deps: MailDeps, options: { readonly everyMs?: number; readonly pollMs?: number } = {}) {
    this.#deps = deps;
    this.#everyMs = options.everyMs ?? 3_000;
    this.#pollMs = options.pollMs ?? 60_000;
  }

  start(): this {
    this.#timer = this.#deps.clock.setTimeout(() => {
      this.wake();
      if (!this.#stopping.signal.aborted) this.start();
    }, this.#everyMs);
    return this;
  }

  /** Looks now for mailboxes that nobody reads. */
  wake(): void {
    if (this.#stopping.signal.aborted || this.#looking) return;
    this.#looking = this.#look()
      .catch((error: unknown) => this.#deps.log.warn({ err: error }, 'mailboxes could not be looked at'))
      .finally(() => {
        this.#looking = undefined;
      });
  }

  async close(): Promise<void> {
    this.#stopping.abort();
    this.#timer?.cancel();
    await this.#looking;
    await Promise.allSettled(this.#sessions.values());
  }

  async #look(): Promise<void> {
    while (this.#sessions.size < mostSessions && !this.#stopping.signal.aborted) {
      const row = await this.#claim();
      if (!row) return;
      const running = this.#keep(row)
        .catch((error: unknown) =>
          this.#deps.log.warn({ err: error, mailboxId: row.id }, 'a mailbox could not be kept'),
        )
        .finally(() => this.#sessions.delete(row.id));
      this.#sessions.set(row.id, running);
    }
  }

  #claim(): Promise<MailboxRow | undefined> {
    const now = new Date(this.#deps.clock.now());
    return withSystem(this.#deps.database, async (tx) => {
      const { rows } = await tx.$client.query<{ id: string }>(
        `UPDATE mailboxes SET lease = $1, leased_till = $2 WHERE id = (SELECT id FROM mailboxes
           WHERE enabled AND archived_at IS NULL AND next_at <= $3 AND (leased_till IS NULL OR leased_till <= $3) AND id <> ALL($4::uuid[])
           ORDER BY next_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id`,
        [randomUUID(), new Date(now.getTime() + leaseMs), now, [...this.#sessions.keys()]],
      );
      const [found] = rows;
      if (!found) return undefined;
      const [row] = await tx.select().from(mailboxes).where(eq(mailboxes.id, found.id));
      return row;
    });
  }

  async #keep(row: MailboxRow): Promise<void> {
    const { database, clock } = this.#deps;
    const gone = new AbortController();
    const signal = AbortSignal.any([this.#stopping.signal, gone.signal]);
    let timer: Timer | undefined;
    const beat = async (): Promise<void> => {
      const kept = await this.#renew(row).catch(() => true);
      if (!kept) gone.abort();
      else if (!signal.aborted) timer = clock.setTimeout(() => void beat(), beatMs);
    };
    timer = clock.setTimeout(() => void beat(), beatMs);
    let session: MailSession | undefined;
    try {
      session = await MailSession.open(this.#deps, row);
      while (!signal.aborted) {
        await session.sync(() => !signal.aborted);
        await this.#tell(row, null);
        await session.wait(this.#pollMs, signal);
        if (!(await this.#renew(row))) return;
      }
    } catch (error) {
      if (!signal.aborted) await this.#tell(row, problemOf(error));
    } finally {
      timer?.cancel();
      session?.close();
      await withSystem(database, (tx) =>
        tx.$client.query('UPDATE mailboxes SET lease = NULL, leased_till = NULL WHERE id = $1 AND lease = $2', [
          row.id,
          row.lease,
        ]),
      ).catch(() => undefined);
    }
  }

  /** False: another process has it, or it was changed or switched off. */
  async #renew({ id, lease, version }: MailboxRow): Promise<boolean> {
    const { rowCount } = await withSystem(this.#deps.database, (tx) =>
      tx.$client.query(
        'UPDATE mailboxes SET leased_till = $4 WHERE id = $1 AND lease = $2 AND version = $3 AND enabled AND archived_at IS NULL',
        [id, lease, version, new Date(this.#deps.clock.now() + leaseMs)],
      ),
    );
    return rowCount === 1;
  }

  async #tell(
    { id, lease }: MailboxRow,
    problem: { readonly failure: string; readonly message: string } | null,
  ): Promise<void> {
    const nowMs = this.#deps.clock.now();
    await withSystem(this.#deps.database, async (tx) => {
      const [row] = await tx.select().from(mailboxes).where(eq(mailboxes.id, id)).for('update');
      if (!row || row.lease !== lease) return;
      const failures = problem === null ? 0 : row.failures + 1;
      const waits = new Backoff({ ...backoff, random: () => 0.5 });
      let waitMs = 0;
      for (let i = 0; i < Math.min(failures, 20); i++) waitMs = waits.nextMs();
      const state = problem === null ? 'ok' : 'failed';
      await tx
        .update(mailboxes)
        .set({
          ...{ state, failure: problem?.failure ?? null, detail: problem?.message ?? null, failures },
          ...(row.state === state && row.failure === (problem?.failure ?? null) ? {} : { stateAt: new Date(nowMs) }),
          ...(problem === null ? { lookedAt: new Date(nowMs) } : {}),
          nextAt: new Date(nowMs + waitMs),
        })
        .where(eq(mailboxes.id, id));
    });
  }
}

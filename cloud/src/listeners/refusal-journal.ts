import { type Clock, type Timer, uuidPattern, uuidv7 } from '@hallhub/shared';
import type { Logger } from 'pino';
import { type Database, withSystem } from '../db/index.js';
import { systemActor } from '../modules/access/actor.js';
import { audit } from '../modules/audit/audit.js';
import type { Refusal, RefusalReason } from './refusals.js';
import { TokenBucket } from './token-bucket.js';
import { addressKey } from './unit-networks.js';

export interface RefusalJournalOptions {
  readonly database: Database;
  /** Whose trail it goes into where no unit of ours is concerned. */
  readonly tenantId: string;
  readonly clock: Clock;
  readonly log: Logger;
  /** After the first, the same again is counted for this long and written as one row. */
  readonly everyMs?: number;
}

/** Attempts that mean something. What any scanner or storm causes is counted in the metrics alone. */
const audited: ReadonlySet<RefusalReason> = new Set([
  ...(['network', 'foreign_certificate', 'certificate_expired', 'certificate_revoked', 'certificate_unknown'] as const),
  ...(['unit_archived', 'wrong_unit', 'wrong_secret', 'topic', 'oversize', 'malformed', 'flood'] as const),
]);

/** Anybody can claim these: counted by where they come from, not by what they claim to be. */
const byAddress: ReadonlySet<RefusalReason> = new Set(['network', 'foreign_certificate', 'wrong_secret', 'malformed']);

interface Entry {
  readonly refusal: Refusal;
  readonly sinceMs: number;
  /** Since the last row. */
  count: number;
}

const maxEntries = 2_000;
const defaultEveryMs = 600_000;
/** Rows a minute, and at once, however many different attackers there are. */
const rows = { perSecond: 0.5, burst: 30 };
const sweepMs = 30_000;

/** Writes refused units into the audit trail: the first at once, what repeats as one row with its count. */
export class RefusalJournal {
  readonly #options: RefusalJournalOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #budget: TokenBucket;
  #unwritten = 0;
  #writing: Promise<void> = Promise.resolve();
  #timer: Timer | undefined;

  constructor(options: RefusalJournalOptions) {
    this.#options = options;
    this.#budget = new TokenBucket(rows, options.clock.monotonicMs());
  }

  note(refusal: Refusal): void {
    if (!audited.has(refusal.reason)) return;
    const who = byAddress.has(refusal.reason) ? null : (refusal.unitId ?? refusal.certificate?.sha256);
    const key = `${refusal.listener} ${refusal.reason} ${who ?? addressKey(refusal.address)}`;
    const known = this.#entries.get(key);
    if (known) {
      known.count++;
      return;
    }
    const nowMs = this.#options.clock.monotonicMs();
    if (this.#entries.size >= maxEntries || this.#budget.take(nowMs) > 0) {
      this.#unwritten++;
      return;
    }
    this.#entries.set(key, { refusal, sinceMs: nowMs, count: 0 });
    this.#timer ??= this.#options.clock.setTimeout(() => this.#sweep(), sweepMs);
    this.#write(refusal, 1);
  }

  /** Writes what was counted and not written yet. */
  async close(): Promise<void> {
    this.#timer?.cancel();
    for (const { refusal, count } of this.#entries.values()) if (count > 0) this.#write(refusal, count);
    this.#entries.clear();
    await this.#writing;
  }

  #sweep(): void {
    const { clock, log, everyMs = defaultEveryMs } = this.#options;
    for (const [key, { refusal, sinceMs, count }] of this.#entries) {
      if (clock.monotonicMs() - sinceMs < everyMs) continue;
      this.#entries.delete(key);
      if (count > 0) this.#write(refusal, count);
    }
    if (this.#unwritten > 0)
      log.warn({ refusals: this.#unwritten }, 'refused units were too many and too different to be audited one by one');
    this.#unwritten = 0;
    this.#timer = this.#entries.size > 0 ? clock.setTimeout(() => this.#sweep(), sweepMs) : undefined;
  }

  /** One at a time: attackers wait for one another, not people for them. */
  #write(refusal: Refusal, count: number): void {
    this.#writing = this.#writing.then(() =>
      this.#insert(refusal, count).catch((error: unknown) =>
        this.#options.log.warn({ err: error, reason: refusal.reason }, 'a refused unit could not be audited'),
      ),
    );
  }

  async #insert({ listener, reason, address, unitId, certificate, detail }: Refusal, count: number): Promise<void> {
    const { database, tenantId } = this.#options;
    await withSystem(database, async (tx) => {
      const { rows: found } = await tx.$client.query<{ tenant_id: string; hall_id: string; name: string }>(
        'SELECT tenant_id, hall_id, name FROM units WHERE id = $1',
        [unitId && uuidPattern.test(unitId) ? unitId : null],
      );
      const unit = found[0];
      await audit(
        tx,
        {
          actor: systemActor(unit?.tenant_id ?? tenantId, 'unit gateway'),
          request: { id: uuidv7(), ip: address || null, userAgent: null, idempotencyKey: null },
        },
        {
          action: 'unit.refused',
          target: { kind: 'unit', id: unitId ?? null, name: unit?.name ?? null },
          hallId: unit?.hall_id ?? null,
          after: {
            ...{ reason, listener, count },
            ...(certificate ? { certificate: { ...certificate } } : undefined),
            ...(detail ? { detail: detail.slice(0, 300) } : undefined),
          },
        },
      );
    });
  }
}

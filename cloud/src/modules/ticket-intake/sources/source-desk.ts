import { type Tx, withSystem, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { say } from '../acts.js';
import { Desk } from '../desk.js';
import { attachPictures, type SourceDeps } from './attach-pictures.js';
import { sourceOf } from './catalogue.js';
import { type InboxRow, type Occurrence, readOccurrence } from './occurrence.js';
import { ruleMatches } from './rule-matches.js';
import { ruleMatchSchema } from './source-contract.js';
import type { CaseResult } from './tables.js';
import { type Rule, takeOccurrence } from './take-occurrence.js';

const batchSize = 50;
const mostAttempts = 8;
const keepMs = 400 * 86_400_000;
const sweepEveryMs = 6 * 3_600_000;

/**
 * Findings, answers and other events become tickets by rule. The inbox is written with what it is about and emptied with the ticket, each in
 * one transaction: whatever breaks in between, there is exactly one.
 */
export class SourceDesk extends Desk<SourceDeps> {
  #sweepAtMs: number;

  constructor(deps: SourceDeps, options: { readonly everyMs?: number } = {}) {
    const failed = 'findings and answers could not be looked at for tickets';
    super(deps, { everyMs: options.everyMs ?? 3_000, failed });
    this.#sweepAtMs = deps.clock.monotonicMs() + 60_000;
  }

  override async look(): Promise<number> {
    const { database: db, clock } = this.deps;
    let taken = 0;
    for (;;) {
      const { rows } = await withSystem(db, (tx) =>
        tx.$client.query<{ id: string; tenant_id: string }>(
          `SELECT id, tenant_id FROM intake_inbox WHERE next_at <= $1 ORDER BY next_at, id LIMIT ${batchSize}`,
          [new Date(clock.now())],
        ),
      );
      let here = 0;
      for (const row of rows) if (await this.#take(row)) here += 1;
      taken += here;
      if (rows.length < batchSize || here === 0) break;
    }
    if (clock.monotonicMs() >= this.#sweepAtMs) {
      this.#sweepAtMs = clock.monotonicMs() + sweepEveryMs;
      await this.#sweep();
    }
    return taken + (await attachPictures(this.deps));
  }

  async #take({ id, tenant_id }: { readonly id: string; readonly tenant_id: string }): Promise<boolean> {
    const { log, clock } = this.deps;
    const ctx = this.contextOf(tenant_id, '自动开单');
    try {
      return await withTenant(ctx.db, ctx.actor, (tx) => this.#takeLocked(tx, ctx, id));
    } catch (error) {
      log.warn({ err: error, inboxId: id }, 'an occurrence could not be looked at');
      await withTenant(ctx.db, ctx.actor, (tx) =>
        tx.$client.query(
          `UPDATE intake_inbox SET attempts = attempts + 1, next_at = $3::timestamptz + make_interval(secs => 10 * 2 ^ least(attempts, 8))
           WHERE tenant_id = $1 AND id = $2`,
          [tenant_id, id, new Date(clock.now())],
        ),
      );
      return false;
    }
  }

  async #takeLocked(tx: Tx, ctx: VerbContext, id: string): Promise<boolean> {
    const { tenantId } = ctx.actor;
    const { rows } = await tx.$client.query<InboxRow>(
      'SELECT * FROM intake_inbox WHERE tenant_id = $1 AND id = $2 FOR UPDATE SKIP LOCKED',
      [tenantId, id],
    );
    const [row] = rows;
    if (!row) return false;
    const source = sourceOf(row.source);
    if (source && row.attempts >= mostAttempts) await giveUp(tx, ctx, row);
    else if (source) {
      if (row.what === 'undone') await tellUndone(tx, ctx, row);
      else {
        const occurrence = await readOccurrence(tx, row, source);
        if (occurrence) await this.#byRules(tx, ctx, occurrence);
      }
    }
    await tx.$client.query('DELETE FROM intake_inbox WHERE tenant_id = $1 AND id = $2', [tenantId, id]);
    return true;
  }

  async #byRules(tx: Tx, ctx: VerbContext, of: Occurrence): Promise<void> {
    for (const rule of await readRules(tx, of)) if (ruleMatches(rule, of)) await takeOccurrence(tx, ctx, rule, of);
  }

  /** The log is kept for more than a year. */
  async #sweep(): Promise<void> {
    const { database: db, clock } = this.deps;
    await withSystem(db, (tx) =>
      tx.$client.query('DELETE FROM intake_occurrences WHERE noted_at < $1', [new Date(clock.now() - keepMs)]),
    );
  }
}

interface RuleRow {
  id: string;
  tenant_id: string;
  name: string;
  source: string;
  hall_id: string | null;
  kind: string;
  level: string | null;
  match: unknown;
  preset: Record<string, unknown>;
  count: number;
  within_minutes: number;
  merge_minutes: number;
  most_per_hour: number;
  updated_by_name: string | null;
  version: number;
  created_at: Date;
  updated_at: Date;
}

/** Always in the same order: two that take the same rules' locks wait, and never for each other. */
const readRules = async (tx: Tx, of: Occurrence): Promise<Rule[]> => {
  const { rows } = await tx.$client.query<RuleRow>(
    'SELECT * FROM intake_rules WHERE tenant_id = $1 AND source = $2 AND enabled ORDER BY id',
    [of.tenantId, of.source.id],
  );
  return rows.flatMap((row) => {
    const match = ruleMatchSchema.safeParse(row.match);
    if (!match.success) return [];
    return {
      ...{
        id: row.id,
        tenantId: row.tenant_id,
        name: row.name,
        source: row.source,
        hallId: row.hall_id,
        enabled: true,
      },
      ...{ kind: row.kind, level: row.level, match: match.data, preset: row.preset, count: row.count },
      ...{ withinMinutes: row.within_minutes, mergeMinutes: row.merge_minutes, mostPerHour: row.most_per_hour },
      ...{
        updatedByName: row.updated_by_name,
        version: row.version,
        createdAt: row.created_at,
        updatedAt: row.updated_at,
      },
    };
  });
};

/** A line that breaks every time stands in the log of its rules; why, says the server's own. */
const giveUp = async (tx: Tx, ctx: VerbContext, row: InboxRow): Promise<void> => {
  await tx.$client.query(
    `INSERT INTO intake_occurrences (tenant_id, rule_id, key, source, hall_id, device_id, at, noted_at, outcome, text, reason)
     SELECT $1, r.id, $2, $3, $4, $5, $6, $7, 'failed', $2, 'broken' FROM intake_rules r WHERE r.tenant_id = $1 AND r.source = $3 AND r.enabled
       AND (r.hall_id IS NULL OR r.hall_id = $4) ON CONFLICT DO NOTHING`,
    [row.tenant_id, row.key, row.source, row.hall_id, row.device_id, row.at, new Date(ctx.clock.now())],
  );
};

/** The reviewer thought better of it: whoever has the case hears so, and decides. */
const tellUndone = async (tx: Tx, ctx: VerbContext, row: InboxRow): Promise<void> => {
  const { rows } = await tx.$client.query<{ ticket_id: string; result: CaseResult | null }>(
    'SELECT ticket_id, result FROM review_cases WHERE tenant_id = $1 AND finding_id = $2::uuid ORDER BY ticket_id',
    [row.tenant_id, row.key],
  );
  for (const { ticket_id } of rows) await say(tx, ctx, ticket_id, '审核人员撤回了对该发现的确认');
};

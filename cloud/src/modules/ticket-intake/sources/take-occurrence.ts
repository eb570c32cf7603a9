import { isHubError } from '@hallhub/shared';
import { behindSavepoint, type Tx } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { readKind } from '../../ticket-kinds/kind-book.js';
import { makeTicket } from '../../tickets/make-ticket.js';
import { say } from '../acts.js';
import type { Occurrence } from './occurrence.js';
import { noteCase } from './review-cases.js';
import type { RuleMatch } from './source-contract.js';
import type { IntakeRuleRow, intakeOutcomes } from './tables.js';
import { fieldsOf } from './ticket-fields.js';

const minuteMs = 60_000;
const isTold = (place: number): boolean => place <= 5 || place % 10 === 0;

export type Rule = Omit<IntakeRuleRow, 'match'> & { readonly match: RuleMatch };
type Outcome = (typeof intakeOutcomes)[number];
interface Taken {
  readonly outcome: Outcome;
  readonly ticketId?: string;
  readonly reason?: string;
}

/** What one rule makes of one occurrence: once, whichever process looks, and however often. */
export const takeOccurrence = async (tx: Tx, ctx: VerbContext, rule: Rule, of: Occurrence): Promise<void> => {
  await tx.$client.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 4706))', [`${rule.id}:${of.deviceId}`]);
  const known = await tx.$client.query(
    'SELECT 1 FROM intake_occurrences WHERE tenant_id = $1 AND rule_id = $2 AND key = $3',
    [of.tenantId, rule.id, of.key],
  );
  if (known.rowCount !== 0) return;
  let taken: Taken;
  try {
    taken = await behindSavepoint(tx, () => decide(tx, ctx, rule, of));
  } catch (error) {
    // What the rule or its kind cannot do stands in the log: trying again would end the same.
    if (!isHubError(error) || !['not_found', 'conflict', 'invalid_input', 'forbidden'].includes(error.code))
      throw error;
    taken = { outcome: 'failed', reason: error.message.slice(0, 500) };
  }
  await tx.$client.query(
    `INSERT INTO intake_occurrences (tenant_id, rule_id, key, source, hall_id, device_id, at, noted_at, outcome, ticket_id, text, reason)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
    [
      ...[of.tenantId, rule.id, of.key, of.source.id, of.hallId, of.deviceId, of.at, new Date(ctx.clock.now())],
      ...[taken.outcome, taken.ticketId ?? null, of.title.slice(0, 300), taken.reason ?? null],
    ],
  );
};

const decide = async (tx: Tx, ctx: VerbContext, rule: Rule, of: Occurrence): Promise<Taken> => {
  const near = await findNear(tx, rule, of);
  if (near) {
    if (isTold(near.times)) await say(tx, ctx, near.id, `再次发生（第 ${near.times} 次）：${of.text}`);
    if (of.finding) await noteCase(tx, ctx, { finding: of.finding, ticketId: near.id, byName: null });
    return { outcome: 'joined', ticketId: near.id };
  }
  const before = await countBefore(tx, rule, of);
  if (before + 1 < rule.count) return { outcome: 'counted', reason: `${before + 1}/${rule.count}` };
  // One after another for a rule: two processes do not both take the last place.
  await tx.$client.query('SELECT 1 FROM intake_rules WHERE id = $1 FOR NO KEY UPDATE', [rule.id]);
  const { opened, held } = await countHour(tx, ctx, rule);
  if (opened >= rule.mostPerHour) return { outcome: 'held', reason: `${opened}/${rule.mostPerHour}` };
  const published = await readKind(tx, of.tenantId, rule.kind);
  if (!published) return { outcome: 'failed', reason: 'kind_missing' };
  const { kind } = published;
  const ticket = await makeTicket(tx, ctx, {
    ...{ kind: rule.kind, hallId: of.hallId, deviceId: deviceOf(kind, of), parentId: null },
    fields: fieldsOf(kind, of, rule.preset),
    level: kind.levels.some(({ id }) => id === rule.level) ? rule.level : null,
    ...{ source: of.source.ticketSource, origin: { system: `rule:${rule.id}`, key: of.key } },
  });
  if (before > 0) await say(tx, ctx, ticket.id, `${rule.withinMinutes} 分钟内第 ${before + 1} 次`);
  if (held > 0) await say(tx, ctx, ticket.id, `此前一小时另有 ${held} 次因超过每小时 ${rule.mostPerHour} 单未开单`);
  if (of.finding) await noteCase(tx, ctx, { finding: of.finding, ticketId: ticket.id, byName: null });
  return { outcome: 'opened', ticketId: ticket.id };
};

/** A kind without a field for it says nothing of devices: its ticket stands in no device's history. */
const deviceOf = (kind: { readonly fields: readonly { readonly type: string }[] }, of: Occurrence): string | null =>
  kind.fields.some(({ type }) => type === 'device') ? of.deviceId : null;

/** The ticket of what happened just before (or, told late, just after) at the same device, if it still runs. */
const findNear = async (
  tx: Tx,
  rule: Rule,
  of: Occurrence,
): Promise<{ readonly id: string; readonly times: number } | undefined> => {
  if (rule.mergeMinutes === 0) return undefined;
  const span = rule.mergeMinutes * minuteMs;
  const { rows } = await tx.$client.query<{ ticket_id: string }>(
    `SELECT o.ticket_id FROM intake_occurrences o JOIN tickets t ON t.tenant_id = o.tenant_id AND t.id = o.ticket_id
     WHERE o.tenant_id = $1 AND o.rule_id = $2 AND o.device_id = $3 AND o.at BETWEEN $4 AND $5 AND t.status <> 'ended'
     ORDER BY o.at DESC LIMIT 1 FOR NO KEY UPDATE OF t`,
    [...[of.tenantId, rule.id, of.deviceId], ...[new Date(of.at.getTime() - span), new Date(of.at.getTime() + span)]],
  );
  const id = rows[0]?.ticket_id;
  if (id === undefined) return undefined;
  const { rows: counted } = await tx.$client.query<{ times: number }>(
    'SELECT count(*)::int + 1 AS times FROM intake_occurrences WHERE tenant_id = $1 AND ticket_id = $2 AND rule_id = $3',
    [of.tenantId, id, rule.id],
  );
  return { id, times: counted[0]?.times ?? 2 };
};

/** Those that opened no ticket yet: a ticket begins the count anew. */
const countBefore = async (tx: Tx, rule: Rule, of: Occurrence): Promise<number> => {
  if (rule.count === 1) return 0;
  const { rows } = await tx.$client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM intake_occurrences o WHERE o.tenant_id = $1 AND o.rule_id = $2 AND o.device_id = $3
       AND o.at BETWEEN $4 AND $5 AND o.outcome = 'counted' AND o.at > coalesce((SELECT max(p.at) FROM intake_occurrences p
         WHERE p.tenant_id = $1 AND p.rule_id = $2 AND p.device_id = $3 AND p.outcome = 'opened' AND p.at <= $5), '-infinity')`,
    [...[of.tenantId, rule.id, of.deviceId], ...[new Date(of.at.getTime() - rule.withinMinutes * minuteMs), of.at]],
  );
  return rows[0]?.count ?? 0;
};

const countHour = async (
  tx: Tx,
  ctx: VerbContext,
  rule: Rule,
): Promise<{ readonly opened: number; readonly held: number }> => {
  const { rows } = await tx.$client.query<{ opened: number; held: number }>(
    `SELECT count(*) FILTER (WHERE outcome = 'opened')::int AS opened, count(*) FILTER (WHERE outcome = 'held')::int AS held
     FROM intake_occurrences WHERE tenant_id = $1 AND rule_id = $2 AND noted_at > $3`,
    [rule.tenantId, rule.id, new Date(ctx.clock.now() - 60 * minuteMs)],
  );
  return rows[0] ?? { opened: 0, held: 0 };
};

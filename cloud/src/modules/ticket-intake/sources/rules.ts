import { HubError, type Label, uuidv7 } from '@hallhub/shared';
import type { TicketKind } from '@hallhub/shared/ticket';
import { and, eq } from 'drizzle-orm';
import {
  isForeignKeyViolation,
  lockCount,
  storableJson,
  storableText,
  type Tx,
  withTenant,
} from '../../../db/index.js';
import { versionConflict } from '../../../verb-kit/version-conflict.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { readKind } from '../../ticket-kinds/kind-book.js';
import { sourceOf } from './catalogue.js';
import { readSources } from './read-sources.js';
import { hintsOf } from './rule-hints.js';
import { type IntakeRule, type RuleHint, ruleMatchSchema, type WriteIntakeRule } from './source-contract.js';
import { type IntakeRuleRow, intakeRules } from './tables.js';

const mostRules = 200;

export const listIntakeRules = (ctx: VerbContext): Promise<{ items: IntakeRule[] }> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const rows = await tx.select().from(intakeRules).where(eq(intakeRules.tenantId, ctx.actor.tenantId));
      return { items: await views(tx, ctx, rows) };
    },
    { readOnly: true },
  );

/** What would be hinted at, before it is kept. */
export const checkIntakeRule = (ctx: VerbContext, input: WriteIntakeRule): Promise<{ hints: RuleHint[] }> =>
  withTenant(
    ctx.db,
    ctx.actor,
    async (tx) => {
      const kind = await readKind(tx, ctx.actor.tenantId, input.kind);
      const { items } = await readSources(tx, ctx);
      const isSilent = items.find(({ id }) => id === input.source)?.lastAt === null;
      return { hints: hintsOf(input, { kind: kind?.kind, isSilent }) };
    },
    { readOnly: true },
  );

const checked = (input: WriteIntakeRule) => {
  if (!sourceOf(input.source)) throw invalid('source', 'There is no such source');
  return { ...input, name: storableText(input.name), preset: storableJson(input.preset), match: { ...input.match } };
};

const invalid = (path: string, message: string): HubError =>
  new HubError('invalid_input', message, { context: { errors: [{ path: `body.${path}`, message }] } });

const noHall = (error: unknown): never => {
  if (isForeignKeyViolation(error)) throw invalid('hallId', 'There is no such hall');
  throw error;
};

export const createIntakeRule = (ctx: VerbContext, input: WriteIntakeRule): Promise<IntakeRule> => {
  ctx.actor.require('ticketkind.write', 'tenant');
  const { tenantId } = ctx.actor;
  const at = new Date(ctx.clock.now());
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    await lockCount(tx, 'intake_rules', tenantId);
    const all = await tx.select({ id: intakeRules.id }).from(intakeRules).where(eq(intakeRules.tenantId, tenantId));
    if (all.length >= mostRules) {
      throw new HubError('conflict', `There are ${mostRules} rules at most`, {
        context: { reason: 'too_many', most: mostRules },
      });
    }
    const [row] = await tx
      .insert(intakeRules)
      .values({
        ...{ ...checked(input), id: uuidv7(ctx.clock.now()), tenantId, updatedByName: ctx.actor.userName },
        ...{ createdAt: at, updatedAt: at },
      })
      .returning();
    await tell(tx, ctx, 'created', { row: row as IntakeRuleRow, after: input });
    return one(tx, ctx, row as IntakeRuleRow);
  }).catch(noHall);
};

/** Errors: `not_found`, `precondition_failed`, `invalid_input`. */
export const editIntakeRule = (
  ctx: VerbContext,
  { ruleId, version, change }: { readonly ruleId: string; readonly version: number; readonly change: WriteIntakeRule },
): Promise<IntakeRule> => {
  ctx.actor.require('ticketkind.write', 'tenant');
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const before = await lock(tx, ctx, { ruleId, version });
    const [row] = await tx
      .update(intakeRules)
      .set({
        ...{ ...checked(change), version: before.version + 1, updatedByName: ctx.actor.userName },
        updatedAt: new Date(ctx.clock.now()),
      })
      .where(and(eq(intakeRules.tenantId, ctx.actor.tenantId), eq(intakeRules.id, ruleId)))
      .returning();
    await tell(tx, ctx, 'changed', { row: row as IntakeRuleRow, before, after: change });
    return one(tx, ctx, row as IntakeRuleRow);
  }).catch(noHall);
};

export const removeIntakeRule = (
  ctx: VerbContext,
  of: { readonly ruleId: string; readonly version: number },
): Promise<void> => {
  ctx.actor.require('ticketkind.write', 'tenant');
  return withTenant(ctx.db, ctx.actor, async (tx) => {
    const row = await lock(tx, ctx, of);
    await tx
      .delete(intakeRules)
      .where(and(eq(intakeRules.tenantId, ctx.actor.tenantId), eq(intakeRules.id, of.ruleId)));
    await tell(tx, ctx, 'removed', { row, before: row });
  });
};

const lock = async (
  tx: Tx,
  ctx: VerbContext,
  { ruleId, version }: { readonly ruleId: string; readonly version: number },
): Promise<IntakeRuleRow> => {
  const [row] = await tx
    .select()
    .from(intakeRules)
    .where(and(eq(intakeRules.tenantId, ctx.actor.tenantId), eq(intakeRules.id, ruleId)))
    .for('update');
  if (!row) throw new HubError('not_found', 'There is no such rule');
  if (row.version !== version) throw versionConflict(row.version);
  return row;
};

const tell = (
  tx: Tx,
  ctx: VerbContext,
  what: 'created' | 'changed' | 'removed',
  of: { readonly row: IntakeRuleRow; readonly before?: object; readonly after?: object },
): Promise<void> =>
  audit(tx, ctx, {
    action: `intakerule.${what}`,
    target: { kind: 'intakerule', id: of.row.id, name: of.row.name },
    hallId: of.row.hallId,
    ...(of.before ? { before: { ...of.before } } : {}),
    ...(of.after ? { after: { ...of.after } } : {}),
  });

const one = async (tx: Tx, ctx: VerbContext, row: IntakeRuleRow): Promise<IntakeRule> => {
  const [view] = await views(tx, ctx, [row]);
  if (!view) throw new HubError('bug', 'A rule that was written is not there');
  return view;
};

interface Lately {
  rule_id: string;
  outcome: keyof IntakeRule['lately'];
  count: number;
  last_at: Date;
}

const views = async (tx: Tx, ctx: VerbContext, rows: readonly IntakeRuleRow[]): Promise<IntakeRule[]> => {
  const { tenantId } = ctx.actor;
  const { rows: counts } = await tx.$client.query<Lately>(
    `SELECT o.rule_id, o.outcome, count(*) FILTER (WHERE o.noted_at > $2)::int AS count, max(o.noted_at) AS last_at
     FROM intake_occurrences o WHERE o.tenant_id = $1 AND o.noted_at > $3 AND o.rule_id = ANY($4::uuid[]) GROUP BY 1, 2`,
    [
      ...[tenantId, new Date(ctx.clock.now() - 86_400_000), new Date(ctx.clock.now() - 30 * 86_400_000)],
      rows.map(({ id }) => id),
    ],
  );
  const { rows: halls } = await tx.$client.query<{ id: string; name: string }>(
    'SELECT id, name FROM halls WHERE tenant_id = $1 AND id = ANY($2::uuid[])',
    [tenantId, rows.flatMap(({ hallId }) => hallId ?? [])],
  );
  const { items: sources } = await readSources(tx, ctx);
  const kinds = new Map<string, TicketKind | undefined>();
  const shown: IntakeRule[] = [];
  for (const row of [...rows].sort((a, b) => a.source.localeCompare(b.source) || a.name.localeCompare(b.name))) {
    if (!kinds.has(row.kind)) kinds.set(row.kind, (await readKind(tx, tenantId, row.kind))?.kind);
    const kind = kinds.get(row.kind);
    const match = ruleMatchSchema.parse(row.match);
    const mine = counts.filter(({ rule_id }) => rule_id === row.id);
    const lately = { opened: 0, joined: 0, counted: 0, held: 0, failed: 0 };
    for (const { outcome, count } of mine) lately[outcome] = count;
    const last = Math.max(0, ...mine.map(({ last_at }) => last_at.getTime()));
    const rule = {
      ...{
        name: row.name,
        source: row.source,
        hallId: row.hallId,
        enabled: row.enabled,
        kind: row.kind,
        level: row.level,
      },
      ...{ match, preset: row.preset as WriteIntakeRule['preset'], count: row.count, withinMinutes: row.withinMinutes },
      ...{ mergeMinutes: row.mergeMinutes, mostPerHour: row.mostPerHour },
    };
    const label: Label | null = kind?.label ?? null;
    shown.push({
      ...rule,
      ...{ id: row.id, kindLabel: label, hallName: halls.find(({ id }) => id === row.hallId)?.name ?? null },
      hints: hintsOf(rule, { kind, isSilent: sources.find(({ id }) => id === row.source)?.lastAt === null }),
      ...{ lately, lastAt: last === 0 ? null : new Date(last).toISOString(), updatedBy: row.updatedByName },
      ...{ updatedAt: row.updatedAt.toISOString(), version: row.version },
    });
  }
  return shown;
};

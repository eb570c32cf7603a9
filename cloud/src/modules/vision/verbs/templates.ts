import { HubError, uuidv7 } from '@hallhub/shared';
import { eq, sql } from 'drizzle-orm';
import { isUniqueViolation, lockCount, type Tx, withTenant } from '../../../db/index.js';
import { versionConflict } from '../../../verb-kit/version-conflict.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit, differences } from '../../audit/audit.js';
import type { Template, TemplateInput } from '../contract.js';
import { visionTemplates } from '../tables.js';

type TemplateRow = typeof visionTemplates.$inferSelect;

const mostTemplates = 200;

const toDto = (row: TemplateRow): Template => ({
  ...{ id: row.id, name: row.name, note: row.note, rules: row.rules, version: row.version },
  updatedAt: row.updatedAt.toISOString(),
});

const nameTaken = (): HubError =>
  new HubError('invalid_input', 'Another template has this name', {
    context: { errors: [{ path: 'body.name', message: 'Another template has this name' }] },
  });

const once = <T>(work: Promise<T>): Promise<T> =>
  work.catch((error: unknown) => {
    throw isUniqueViolation(error) ? nameTaken() : error;
  });

export const listTemplates = async (ctx: VerbContext): Promise<{ items: Template[] }> => {
  const rows = await withTenant(
    ctx.db,
    ctx.actor,
    (tx) => tx.select().from(visionTemplates).orderBy(visionTemplates.name).limit(mostTemplates),
    { readOnly: true },
  );
  return { items: rows.map(toDto) };
};

export const createTemplate = (ctx: VerbContext, input: TemplateInput): Promise<Template> =>
  once(
    withTenant(ctx.db, ctx.actor, async (tx) => {
      ctx.actor.require('vision.write', 'tenant');
      await lockCount(tx, 'vision_templates', ctx.actor.tenantId);
      const [{ count } = { count: 0 }] = await tx.select({ count: sql<number>`count(*)::int` }).from(visionTemplates);
      if (count >= mostTemplates) throw new HubError('conflict', `There are ${mostTemplates} templates at most`);
      const values = { ...input, id: uuidv7(), tenantId: ctx.actor.tenantId };
      const [created] = await tx.insert(visionTemplates).values(values).returning();
      if (!created) throw new HubError('bug', 'INSERT … RETURNING returned no row');
      await audit(tx, ctx, {
        action: 'vision_template.created',
        target: { kind: 'vision_template', id: created.id, name: created.name },
        after: input,
      });
      return toDto(created);
    }),
  );

const lockTemplate = async (tx: Tx, ctx: VerbContext, templateId: string, version: number): Promise<TemplateRow> => {
  const [row] = await tx.select().from(visionTemplates).where(eq(visionTemplates.id, templateId)).for('update');
  if (!row) throw new HubError('not_found', 'There is no such template');
  ctx.actor.require('vision.write', 'tenant');
  if (row.version !== version) throw versionConflict(row.version);
  return row;
};

export const updateTemplate = (
  ctx: VerbContext,
  input: TemplateInput & { readonly templateId: string; readonly version: number },
): Promise<Template> =>
  once(
    withTenant(ctx.db, ctx.actor, async (tx) => {
      const { templateId, version, ...change } = input;
      const before = await lockTemplate(tx, ctx, templateId, version);
      const [after] = await tx
        .update(visionTemplates)
        .set({ ...change, version: version + 1, updatedAt: new Date(ctx.clock.now()) })
        .where(eq(visionTemplates.id, templateId))
        .returning();
      if (!after) throw new HubError('bug', 'UPDATE … RETURNING returned no row');
      await audit(tx, ctx, {
        action: 'vision_template.changed',
        target: { kind: 'vision_template', id: templateId, name: after.name },
        ...differences(before, after, ['name', 'note', 'rules']),
      });
      return toDto(after);
    }),
  );

/** Cameras that were set up by it keep their rules. */
export const deleteTemplate = (
  ctx: VerbContext,
  { templateId, version }: { readonly templateId: string; readonly version: number },
): Promise<void> =>
  withTenant(ctx.db, ctx.actor, async (tx) => {
    const { name } = await lockTemplate(tx, ctx, templateId, version);
    await tx.delete(visionTemplates).where(eq(visionTemplates.id, templateId));
    await audit(tx, ctx, {
      action: 'vision_template.deleted',
      target: { kind: 'vision_template', id: templateId, name },
    });
  });

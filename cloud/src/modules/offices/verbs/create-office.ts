import { HubError, uuidv7 } from '@hallhub/shared';
import { and, eq, isNull, sql } from 'drizzle-orm';
import { isUniqueViolation, type Tx, withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import { audit } from '../../audit/audit.js';
import { workCalendars } from '../../calendars/tables.js';
import { halls, regions } from '../../places/tables.js';
import { type CreateOffice, mostOffices, type Office, type UpdateOffice } from '../contract.js';
import { invalidAt, readOffice } from '../read-offices.js';
import { offices } from '../tables.js';

export const codeTaken = (cause: unknown): HubError => {
  const message = 'Another office has this code';
  return new HubError('conflict', message, { cause, context: { errors: [{ path: 'body.code', message }] } });
};

/** What an office points at is there, and is the organisation’s own. Errors: `invalid_input`. */
export const requireSurroundings = async (
  tx: Tx,
  tenantId: string,
  { parentId, hallId, regionId, calendar }: Pick<UpdateOffice, 'parentId' | 'hallId' | 'regionId' | 'calendar'>,
): Promise<void> => {
  if (parentId) {
    const at = and(eq(offices.tenantId, tenantId), eq(offices.id, parentId), isNull(offices.archivedAt));
    const found = await tx.select({ id: offices.id }).from(offices).where(at).for('share');
    if (found.length === 0) throw invalidAt('parentId', 'There is no such office in use');
  }
  if (hallId) {
    const at = and(eq(halls.tenantId, tenantId), eq(halls.id, hallId));
    if ((await tx.select({ id: halls.id }).from(halls).where(at)).length === 0)
      throw invalidAt('hallId', 'There is no such hall');
  }
  if (regionId) {
    const at = and(eq(regions.tenantId, tenantId), eq(regions.id, regionId));
    if ((await tx.select({ id: regions.id }).from(regions).where(at)).length === 0)
      throw invalidAt('regionId', 'There is no such region');
  }
  if (calendar && calendar !== 'always') {
    const at = and(eq(workCalendars.tenantId, tenantId), eq(workCalendars.code, calendar));
    const found = await tx.select({ code: workCalendars.code }).from(workCalendars).where(at);
    if (found.length === 0) throw invalidAt('calendar', 'There is no such calendar');
  }
};

/** An office below another, or at the top. Errors: `conflict` for a taken code, `invalid_input`. */
export const createOffice = async (ctx: VerbContext, input: CreateOffice): Promise<Office> => {
  try {
    return await withTenant(ctx.db, ctx.actor, async (tx) => {
      ctx.actor.require('office.write', 'tenant');
      const { tenantId } = ctx.actor;
      await requireSurroundings(tx, tenantId, input);
      const [{ count } = { count: 0 }] = await tx
        .select({ count: sql<number>`count(*)::int` })
        .from(offices)
        .where(and(eq(offices.tenantId, tenantId), isNull(offices.archivedAt)));
      if (count >= mostOffices) throw new HubError('conflict', `There are ${mostOffices} offices at most`);
      const id = uuidv7();
      await tx.insert(offices).values({ id, tenantId, ...input });
      await audit(tx, ctx, {
        action: 'office.created',
        target: { kind: 'office', id, name: input.name },
        after: input,
      });
      return readOffice(tx, tenantId, id);
    });
  } catch (error) {
    throw isUniqueViolation(error, 'offices_code') ? codeTaken(error) : error;
  }
};

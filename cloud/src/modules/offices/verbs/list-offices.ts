import { withTenant } from '../../../db/index.js';
import type { VerbContext } from '../../access/verb-context.js';
import type { Office } from '../contract.js';
import { readOffice, readOffices } from '../read-offices.js';

/** All of the organisation, by code, each with its people, areas and categories. */
export const listOffices = (
  ctx: VerbContext,
  { archived }: { readonly archived: boolean },
): Promise<{ items: Office[] }> =>
  withTenant(ctx.db, ctx.actor, async (tx) => ({ items: await readOffices(tx, ctx.actor.tenantId, { archived }) }), {
    readOnly: true,
  });

export const getOffice = (ctx: VerbContext, { officeId }: { readonly officeId: string }): Promise<Office> =>
  withTenant(ctx.db, ctx.actor, (tx) => readOffice(tx, ctx.actor.tenantId, officeId), { readOnly: true });

import { uuidv7 } from '@hallhub/shared';
import { sql } from 'drizzle-orm';
import type { Tx } from '../../../db/index.js';
import { audit } from '../../audit/audit.js';
import { tenants } from '../../places/tables.js';
import { systemActor } from '../actor.js';
import { builtInRoles } from '../built-in-roles.js';
import { roles } from '../tables.js';

/** A new organisation with its built-in roles. In a system transaction; there is no route to it. */
export const createTenant = async (
  tx: Tx,
  input: { readonly code: string; readonly name: string },
): Promise<string> => {
  const id = uuidv7();
  await tx.insert(tenants).values({ id, ...input });
  await ensureBuiltInRoles(tx, id);
  await audit(
    tx,
    { actor: systemActor(id), request: null },
    { action: 'tenant.created', target: { kind: 'tenant', id, name: input.name }, after: input },
  );
  return id;
};

/** Brings a tenant's built-in roles up to this version's: new rights reach those who should have them. */
export const ensureBuiltInRoles = async (tx: Tx, tenantId: string): Promise<void> => {
  for (const { key, label, rights } of builtInRoles) {
    await tx
      .insert(roles)
      .values({ id: uuidv7(), tenantId, key, labelZh: label.zh, labelEn: label.en, rights: [...rights], builtIn: true })
      .onConflictDoUpdate({
        target: [roles.tenantId, roles.key],
        set: {
          labelZh: label.zh,
          labelEn: label.en,
          rights: [...rights],
          builtIn: true,
          version: sql`${roles.version} + 1`,
        },
        setWhere: sql`(${roles.labelZh}, ${roles.labelEn}, ${roles.rights}, ${roles.builtIn}) IS DISTINCT FROM (${label.zh}, ${label.en}, ${sql.param([...rights])}::text[], true)`,
      });
  }
};

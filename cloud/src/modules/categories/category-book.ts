import type { Label } from '@hallhub/shared';
import type { Tx } from '../../db/index.js';

/** Labels of a tree by code, retired ones too: old tickets are still read by them. Empty: there is no such tree. */
export const labelsOf = async (tx: Tx, tenantId: string, tree: string): Promise<ReadonlyMap<string, Label>> => {
  const { rows } = await tx.$client.query<{ code: string; label: Label }>(
    'SELECT code, label FROM categories WHERE tenant_id = $1 AND tree = $2',
    [tenantId, tree],
  );
  return new Map(rows.map(({ code, label }) => [code, label]));
};

import type { Tx } from '../../../../db/index.js';

export const importSystem = 'import';

/** Which of these rows are tickets already: ticket id by key. */
export const findKnown = async (tx: Tx, tenantId: string, keys: readonly string[]): Promise<Map<string, string>> => {
  if (keys.length === 0) return new Map();
  const { rows } = await tx.$client.query<{ key: string; id: string }>(
    'SELECT origin_key AS key, id FROM tickets WHERE tenant_id = $1 AND origin_system = $2 AND origin_key = ANY($3::text[])',
    [tenantId, importSystem, [...new Set(keys)]],
  );
  return new Map(rows.map(({ key, id }) => [key, id]));
};

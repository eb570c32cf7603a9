import type { Label } from '@hallhub/shared';
import { sql } from 'drizzle-orm';
import type { Tx } from '../../db/index.js';

/** A property meant by something that has no thing model at hand: of one device, of a profile's, or of any in a hall. */
export interface PropertyReference {
  readonly key: string;
  readonly hallId: string;
  readonly deviceId: string | null;
  readonly profileId: string | null;
  readonly property: string;
}

export interface PropertyName {
  readonly label: Label;
  /** UCUM code. */
  readonly unit: string | null;
}

/** What the profiles of the devices meant call these properties; of several names the first profile's. By `key`. */
export const readPropertyNames = async (
  tx: Tx,
  tenantId: string,
  references: readonly PropertyReference[],
): Promise<ReadonlyMap<string, PropertyName>> => {
  if (references.length === 0) return new Map();
  const { rows } = (await tx.execute(sql`
    SELECT DISTINCT ON (r.key) r.key, e->'label' AS label, e->>'unit' AS unit
    FROM jsonb_to_recordset(${JSON.stringify(references)}::jsonb)
      AS r(key text, "hallId" uuid, "deviceId" uuid, "profileId" text, property text)
    JOIN devices d ON d.tenant_id = ${tenantId} AND d.hall_id = r."hallId"
      AND (r."deviceId" IS NULL OR d.id = r."deviceId") AND (r."profileId" IS NULL OR d.profile_id = r."profileId")
    JOIN profiles p ON p.tenant_id = d.tenant_id AND p.hash = d.profile_hash AND p.readable
    CROSS JOIN LATERAL jsonb_array_elements(coalesce(p.document->'thing'->'properties', '[]')) AS e
    WHERE e->>'id' = r.property ORDER BY r.key, p.profile_id, p.hash`)) as unknown as {
    rows: { key: string; label: Label; unit: string | null }[];
  };
  return new Map(rows.map(({ key, label, unit }) => [key, { label, unit }]));
};

import { profileId, profileSchema } from '@hallhub/shared/profile';
import type { ProfileRow } from '@hallhub/shared/wire';
import type { IngestContext } from '../streams/ingest-context.js';
import type { PlacedRow } from '../streams/read-rows.js';

const nameIn = (document: ProfileRow['document'], key: string): string => {
  const value = document[key];
  return typeof value === 'string' ? value.slice(0, 100) : '?';
};

/**
 * Keeps each profile once by its hash. One that this cloud's schema does not accept (a newer unit) is kept too, marked
 * unreadable, and read again by a later version.
 */
export const applyProfileRows = async (
  context: IngestContext,
  placed: readonly PlacedRow<ProfileRow>[],
): Promise<void> => {
  for (const { row } of placed) {
    const parsed = profileSchema.safeParse(row.document);
    const id = parsed.success
      ? profileId(parsed.data)
      : `${nameIn(row.document, 'vendor')}/${nameIn(row.document, 'model')}`;
    await context.tx.$client.query(
      `INSERT INTO profiles (tenant_id, hash, profile_id, version, document, readable, received_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)
       ON CONFLICT (tenant_id, hash) DO UPDATE SET readable = excluded.readable WHERE profiles.readable <> excluded.readable`,
      [
        context.tenantId,
        row.hash,
        id,
        nameIn(row.document, 'version'),
        JSON.stringify(row.document),
        parsed.success,
        context.receivedAt,
      ],
    );
  }
};

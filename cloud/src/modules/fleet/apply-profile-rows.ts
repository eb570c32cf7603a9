import { profileHash, profileId, profileSchema } from '@hallhub/shared/profile';
import type { ProfileRow } from '@hallhub/shared/wire';
import { type IngestContext, setAside } from '../streams/ingest-context.js';
import type { AsideRow, PlacedRow } from '../streams/read-rows.js';

const nameIn = (document: ProfileRow['document'], key: string): string => {
  const value = document[key];
  return typeof value === 'string' ? value.slice(0, 100) : '?';
};

/**
 * Keeps each profile once by its hash. One that this cloud's schema does not accept (a newer unit) is kept too, marked
 * unreadable, and read again by a later version. A document that is not what its hash says goes aside.
 */
export const applyProfileRows = async (
  context: IngestContext,
  placed: readonly PlacedRow<ProfileRow>[],
): Promise<AsideRow[]> => {
  const aside: AsideRow[] = [];
  for (const one of placed) {
    const { row } = one;
    if (profileHash(row.document) !== row.hash) {
      aside.push(setAside(one, 'profile_hash', `The document's hash is not ${row.hash}`));
      continue;
    }
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
  return aside;
};

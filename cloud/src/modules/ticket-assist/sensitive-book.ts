import type { Tx } from '../../db/index.js';
import { KeptByStamp } from '../../verb-kit/kept-by-stamp.js';
import { type SensitiveWord, SensitiveWords } from './text/sensitive.js';

/** More would be a dictionary; the console says so. */
export const mostSensitiveWords = 5_000;
const kept = new KeptByStamp<SensitiveWords>();

/** The organisation's list, read anew only when it has changed. */
export const readSensitive = async (tx: Tx, tenantId: string): Promise<SensitiveWords> => {
  const { rows: stamps } = await tx.$client.query<{ stamp: string }>(
    `SELECT count(*) || ' ' || coalesce(max(created_at)::text, '') || ' ' || coalesce(md5(string_agg(word || level || class, ' ' ORDER BY word)), '') AS stamp
     FROM sensitive_words WHERE tenant_id = $1`,
    [tenantId],
  );
  const stamp = stamps[0]?.stamp ?? '';
  return kept.of(tenantId, stamp, async () => {
    const { rows } = await tx.$client.query<SensitiveWord>(
      'SELECT word, level, class FROM sensitive_words WHERE tenant_id = $1 ORDER BY word',
      [tenantId],
    );
    return new SensitiveWords(rows);
  });
};

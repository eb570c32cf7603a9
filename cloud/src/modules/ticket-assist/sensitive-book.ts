import type { Tx } from '../../db/index.js';
import { type SensitiveWord, SensitiveWords } from './text/sensitive.js';

/** More would be a dictionary; the console says so. */
export const mostSensitiveWords = 5_000;
const mostKept = 50;
const kept = new Map<string, { readonly stamp: string; readonly words: SensitiveWords }>();

/** The organisation's list, read anew only when it has changed. */
export const readSensitive = async (tx: Tx, tenantId: string): Promise<SensitiveWords> => {
  const { rows: stamps } = await tx.$client.query<{ stamp: string }>(
    `SELECT count(*) || ' ' || coalesce(max(created_at)::text, '') || ' ' || coalesce(md5(string_agg(word || level, ' ' ORDER BY word)), '') AS stamp
     FROM sensitive_words WHERE tenant_id = $1`,
    [tenantId],
  );
  const stamp = stamps[0]?.stamp ?? '';
  const known = kept.get(tenantId);
  if (known?.stamp === stamp) return known.words;
  const { rows } = await tx.$client.query<SensitiveWord>(
    'SELECT word, level FROM sensitive_words WHERE tenant_id = $1 ORDER BY word',
    [tenantId],
  );
  const words = new SensitiveWords(rows);
  kept.delete(tenantId);
  kept.set(tenantId, { stamp, words });
  const [oldest] = kept.keys();
  if (kept.size > mostKept && oldest !== undefined) kept.delete(oldest);
  return words;
};

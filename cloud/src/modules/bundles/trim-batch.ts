import { type BatchAnswer, type BatchLimits, encodeBatch, type Lane } from '@hallhub/shared/wire';
import { decodeBatch } from '../streams/decode-batch.js';

/**
 * A batch of which the cloud has the beginning already (the line was up meanwhile): what follows the cursor, as a batch of its own. The same rows in the same
 * chain; undefined where the chain at the cursor is not the one the cloud has, or it is a gap, whose signature covers all of it.
 */
export const trimBatch = async (
  lane: Lane,
  payload: Uint8Array,
  { answer, limits }: { readonly answer: Pick<BatchAnswer, 'cursor' | 'chain'>; readonly limits: BatchLimits },
): Promise<Uint8Array | undefined> => {
  const decoded = await decodeBatch(lane, payload, limits);
  if ('broken' in decoded || decoded.batch.header.gap) return undefined;
  const { header, rows, chains } = decoded.batch;
  const known = answer.cursor - header.firstSeq + 1;
  if (known <= 0 || known >= rows.length || chains[known - 1]?.toString('hex') !== answer.chain) return undefined;
  const body = Buffer.from(
    rows
      .slice(known)
      .map((row) => row.toString('latin1'))
      .join('\n'),
    'latin1',
  );
  return encodeBatch(
    {
      ...header,
      ...{ firstSeq: answer.cursor + 1, count: rows.length - known, prevChain: answer.chain },
      ...{ encoding: 'identity', bytes: body.length },
    },
    body,
  );
};

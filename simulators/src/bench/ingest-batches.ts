import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { uuidv7 } from '@hallhub/shared';
import { chainSeedText, encodeBatch, type SampleRow } from '@hallhub/shared/wire';

export interface UnitBatches {
  readonly unitId: string;
  readonly payloads: readonly Uint8Array[];
}

export interface BatchStream {
  readonly unitId: string;
  readonly epoch: string;
  readonly rows: readonly SampleRow[];
  readonly batchRows: number;
}

/** Batches as a unit's live lane sends them (docs/protocol.md 1.2), gzipped, from seq 1 of a new epoch on. */
export const encodeStream = ({ unitId, epoch, rows, batchRows }: BatchStream): Uint8Array[] => {
  const lane = 'live';
  const bootId = uuidv7();
  const payloads: Uint8Array[] = [];
  let chain = createHash('sha256')
    .update(chainSeedText(unitId, lane, epoch))
    .digest();
  for (let from = 0; from < rows.length; from += batchRows) {
    const bodies = rows.slice(from, from + batchRows).map((row) => Buffer.from(JSON.stringify(row)));
    const prevChain = chain;
    for (const body of bodies) chain = createHash('sha256').update(chain).update(body).digest();
    const body = Buffer.from(bodies.join('\n'));
    payloads.push(
      encodeBatch(
        {
          ...{ v: 1, lane, epoch, firstSeq: from + 1, count: bodies.length },
          prevChain: prevChain.toString('hex'),
          chain: chain.toString('hex'),
          ...{ bootId, monoMs: 1_000, sentAt: Date.now() },
          clock: { state: 'trusted', segment: 1, offsetMs: 0 },
          encoding: 'gzip',
          bytes: body.length,
        },
        gzipSync(body, { level: 5 }),
      ),
    );
  }
  return payloads;
};

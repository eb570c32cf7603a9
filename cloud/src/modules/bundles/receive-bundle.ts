import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Clock, HubError } from '@hallhub/shared';
import { assertRoom } from '../../blobs/index.js';

export interface ReceivedBundle {
  readonly bytes: number;
  /** Of all of it, hex. */
  readonly sha256: string;
}

/** So much has to come in each window: less is no line, but somebody who holds a place. */
const pace = { windowMs: 60_000, leastBytes: 65_536 };
const lookAtDiskEvery = 67_108_864;

/** The body to a file, as it comes. Throws `too_large`, `timeout` where it comes by the drop, `store_full`. */
export const receiveBundle = async (
  body: ReadableStream<Uint8Array>,
  file: string,
  of: { readonly maxBytes: number; readonly clock: Clock; readonly freeBytes: () => Promise<number | undefined> },
): Promise<ReceivedBundle> => {
  const { maxBytes, clock, freeBytes } = of;
  const hash = createHash('sha256');
  let bytes = 0;
  const bounded = async function* (chunks: AsyncIterable<Uint8Array>) {
    let looked = 0;
    assertRoom(await freeBytes(), lookAtDiskEvery);
    for await (const chunk of chunks) {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) {
        throw new HubError('too_large', `A bundle has ${maxBytes} bytes at most`, {
          context: { maxBytes },
          hint: 'hub bundle export --max 256M makes smaller ones; import one after the other.',
        });
      }
      if (bytes - looked >= lookAtDiskEvery) {
        looked = bytes;
        assertRoom(await freeBytes(), lookAtDiskEvery);
      }
      hash.update(chunk);
      yield chunk;
    }
  };
  const tooSlow = new AbortController();
  let before = 0;
  const watch = () => {
    if (bytes - before < pace.leastBytes) {
      tooSlow.abort(new HubError('timeout', 'The bundle came too slowly'));
      return;
    }
    before = bytes;
    timer = clock.setTimeout(watch, pace.windowMs);
  };
  let timer = clock.setTimeout(watch, pace.windowMs);
  try {
    const source = Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]);
    await pipeline(source, bounded, createWriteStream(file, { mode: 0o600 }), { signal: tooSlow.signal });
  } catch (error) {
    tooSlow.signal.throwIfAborted();
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    throw new HubError('store_full', 'There is no room for this bundle on the cloud’s disk', { cause: error });
  } finally {
    timer.cancel();
  }
  return { bytes, sha256: hash.digest('hex') };
};

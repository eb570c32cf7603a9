import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';

export interface FileHashes {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  readonly sm3: string;
}

export const sm3 = (bytes: Uint8Array): string => createHash('sm3').update(bytes).digest('hex');

export const hashesOf = (bytes: Uint8Array): FileHashes => ({
  bytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
  sm3: sm3(bytes),
});

export const hashesOfFile = async (file: string): Promise<FileHashes> => {
  const hashes = [createHash('sha256'), createHash('sm3')] as const;
  let bytes = 0;
  await pipeline(createReadStream(file), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      for (const hash of hashes) hash.update(chunk);
    }
  });
  return { bytes, sha256: hashes[0].digest('hex'), sm3: hashes[1].digest('hex') };
};

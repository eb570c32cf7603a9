import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream, existsSync, statSync } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HubError } from '@hallhub/shared';
import { type EvidenceMediaType, evidenceHeadBytes, mediaTypeOf } from '@hallhub/shared/wire';

export interface CopiedEvidence {
  readonly bytes: number;
  /** Hex. */
  readonly sha256: string;
  readonly mediaType: EvidenceMediaType;
}

/** Copies to `draft`, on disk when it resolves. Throws `not_found`, `invalid_input`, `too_large`, `unsupported`; the draft is the caller's to remove. */
export const copyEvidence = async (
  given: { readonly file: string } | { readonly bytes: Uint8Array },
  draft: string,
  maxBytes: number,
): Promise<CopiedEvidence> => {
  const hash = createHash('sha256');
  let head: Buffer = Buffer.alloc(0);
  let bytes = 0;
  const look = async function* (chunks: AsyncIterable<Buffer>) {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new HubError('too_large', `a file of evidence has ${maxBytes} bytes at most`);
      if (head.length < evidenceHeadBytes) head = Buffer.concat([head, chunk.subarray(0, evidenceHeadBytes)]);
      hash.update(chunk);
      yield chunk;
    }
  };
  await pipeline(sourceOf(given), look, createWriteStream(draft, { mode: 0o600, flush: true }));
  const mediaType = mediaTypeOf(head);
  if (!mediaType) {
    throw new HubError('unsupported', 'this is no file that is taken as evidence', {
      hint: 'JPEG, PNG, WebP, MP4, WAV and PDF are.',
    });
  }
  return { bytes, sha256: hash.digest('hex'), mediaType };
};

const sourceOf = (given: { readonly file: string } | { readonly bytes: Uint8Array }): Readable => {
  if ('bytes' in given) return Readable.from([Buffer.from(given.bytes)]);
  if (!existsSync(given.file)) throw new HubError('not_found', `there is no file ${given.file}`);
  if (!statSync(given.file).isFile()) throw new HubError('invalid_input', `${given.file} is not a file`);
  return createReadStream(given.file);
};

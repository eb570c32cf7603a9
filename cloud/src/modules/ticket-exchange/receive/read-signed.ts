import { createHash } from 'node:crypto';

export interface SignedBody {
  /** Undefined: there was more than is taken, and only its hash is known. */
  readonly text: string | undefined;
  readonly sha256: string;
}

/** Beyond that nobody listens any more. */
const hearsUpTo = 3;

/**
 * Reads a body as far as it is taken. What is larger is heard to its end without being kept, up to three times as much: only so the
 * refusal can be signed, and the platform goes by it. Undefined: larger still.
 */
export const readSigned = async (request: Request, maxBytes: number): Promise<SignedBody | undefined> => {
  const hash = createHash('sha256');
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (request.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes * hearsUpTo) return undefined;
    hash.update(chunk);
    if (bytes > maxBytes) chunks.length = 0;
    else chunks.push(chunk);
  }
  return {
    text: bytes > maxBytes ? undefined : Buffer.concat(chunks).toString('utf8'),
    sha256: hash.digest('hex'),
  };
};

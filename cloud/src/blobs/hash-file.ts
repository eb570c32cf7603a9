import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';

/** SHA-256, hex, of the file (or of a part of it; `end` counts in), read as a stream. */
export const hashFile = async (
  file: string,
  range?: { readonly start: number; readonly end: number },
): Promise<string> => {
  const hash = createHash('sha256');
  if (range && range.end < range.start) return hash.digest('hex');
  for await (const chunk of createReadStream(file, range)) hash.update(chunk as Buffer);
  return hash.digest('hex');
};

/** The first bytes; fewer where the file has no more. */
export const headOf = async (file: string, bytes: number, offset = 0): Promise<Buffer> => {
  const handle = await open(file, 'r');
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(bytes), 0, bytes, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
};

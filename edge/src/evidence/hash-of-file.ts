import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** SHA-256, hex; undefined where it cannot be read to its end. */
export const hashOfFile = async (file: string): Promise<string | undefined> => {
  const hash = createHash('sha256');
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
    return hash.digest('hex');
  } catch {
    return undefined;
  }
};

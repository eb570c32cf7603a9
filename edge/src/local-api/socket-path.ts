import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** A unix socket's path has at most 107 bytes on Linux (103 on macOS). */
const maxSocketPathBytes = 103;

/** File beside the data that says where the socket is, when it could not be in the data folder. */
export const socketPointerFile = 'hub.sock.path';

/** `DATA/hub.sock`, or a private short folder named after the data folder where that would be too long. */
export const preferredSocketPath = (dataDir: string): string => {
  const inData = path.join(path.resolve(dataDir), 'hub.sock');
  if (Buffer.byteLength(inData) <= maxSocketPathBytes) return inData;
  const name = createHash('sha256').update(path.resolve(dataDir)).digest('hex').slice(0, 16);
  const uid = process.getuid?.() ?? 0;
  return path.join(os.tmpdir(), `hallhub-${uid}-${name}`, 'hub.sock');
};

/** For clients: where the agent of this data folder listens, whether it runs or not. */
export const findSocketPath = (dataDir: string): string => {
  try {
    const written = readFileSync(path.join(dataDir, socketPointerFile), 'utf8').trim();
    if (written) return written;
  } catch {
    // No pointer: the agent never ran here, or an older one did; the preferred place is as good a guess as any.
  }
  return preferredSocketPath(dataDir);
};

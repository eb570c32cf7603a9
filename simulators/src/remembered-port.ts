import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const recall = (file: string): number => {
  try {
    const port = Number(readFileSync(file, 'utf8'));
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : 0;
  } catch {
    return 0;
  }
};

/** Opens on the port of last time, as a device keeps its address; on a free one when somebody else has it now. */
export const rememberedPort = async <T extends { readonly port: number }>(
  file: string,
  open: (port: number) => Promise<T>,
): Promise<T> => {
  const known = recall(file);
  const opened = await open(known).catch((error: NodeJS.ErrnoException) => {
    if (known === 0 || error.code !== 'EADDRINUSE') throw error;
    return open(0);
  });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${opened.port}\n`);
  return opened;
};

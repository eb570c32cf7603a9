import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Clock, HubError, type Timer } from '@hallhub/shared';
import type { Logger } from 'pino';
import type { Pki } from '../modules/pki/pki-port.js';

export interface BrokerFilesOptions {
  readonly folder: string;
  readonly pki: Pick<Pki, 'serverCredentials' | 'trust' | 'onChange' | 'onRevoked'>;
  /** PEM, of all trusted authorities. */
  readonly revocationLists: () => Promise<string>;
  readonly clock: Clock;
  readonly log: Logger;
}

const everyMs = 3_600_000;
const retryMs = 10_000;

/**
 * Keeps what an external broker needs of our authority as PEM files: `trust.pem`, `crl.pem`, `broker.pem`, `broker.key`. Written
 * anew, each whole, when authorities or the server certificate change, when a unit is revoked, and every hour (the lists expire).
 * Making the broker read them again is its operator's part. Errors at the start: `configuration`.
 */
export const keepBrokerFiles = async (options: BrokerFilesOptions): Promise<{ close(): Promise<void> }> => {
  const { folder, pki, clock, log } = options;
  const put = async (name: string, text: string, mode: number): Promise<void> => {
    const file = join(folder, name);
    await writeFile(`${file}.new`, text, { mode });
    await chmod(`${file}.new`, mode);
    await rename(`${file}.new`, file);
  };
  const write = async (): Promise<void> => {
    const { cert, key } = pki.serverCredentials();
    await put('trust.pem', pki.trust().certificates.join(''), 0o644);
    await put('crl.pem', await options.revocationLists(), 0o644);
    // Whoever may read the key is the group of the folder's business.
    await put('broker.key', key, 0o640);
    await put('broker.pem', cert, 0o644);
  };
  try {
    await mkdir(folder, { recursive: true, mode: 0o750 });
    await write();
  } catch (cause) {
    throw new HubError('configuration', `HALLHUB_BROKER_FILES: ${(cause as Error).message}`, {
      cause,
      hint: 'Name a folder that the cloud may write to.',
    });
  }
  let timer: Timer | undefined;
  let running: Promise<void> = Promise.resolve();
  let isClosed = false;
  const again = (): void => {
    timer?.cancel();
    running = running.then(async () => {
      if (isClosed) return;
      const isWritten = await write().then(
        () => true,
        (error: unknown) => {
          log.error({ err: error, folder }, "the external broker's files could not be written");
          return false;
        },
      );
      timer?.cancel();
      if (!isClosed) timer = clock.setTimeout(again, isWritten ? everyMs : retryMs);
    });
  };
  timer = clock.setTimeout(again, everyMs);
  const stops = [pki.onChange(again), pki.onRevoked(again)];
  return {
    close: async () => {
      isClosed = true;
      timer?.cancel();
      for (const stop of stops) stop();
      await running;
    },
  };
};

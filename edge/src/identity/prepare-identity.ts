import path from 'node:path';
import { Backoff, type Clock, HubError, toHubError } from '@hallhub/shared';
import { loadCredential } from '../config/load-config.js';
import { enrolUnit, fetchSnapshot } from './enrol-unit.js';
import { readEnrolmentInput } from './enrolment-input.js';
import { gatewayCodeOf } from './gateway-client.js';
import { IdentityFiles } from './identity-files.js';
import { restoreSnapshot } from './snapshot/restore-snapshot.js';

export interface PrepareOptions {
  readonly dataDir: string;
  readonly configFile: string;
  readonly keepConfig: boolean;
  /** Used while the unit has no identity; `cloud` is the gateway's address. */
  readonly enrol?: { readonly code: string; readonly cloud?: string };
  readonly software: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly progress: (text: string) => void;
}

const enrolWithinMs = 20_000;

/**
 * Before the agent reads its configuration: a unit that replaces another takes over what that one left with the cloud. It waits
 * for it: a hall that opened without it would let its devices join anew, under other ids.
 */
export const prepareIdentity = async (options: PrepareOptions): Promise<void> => {
  const { dataDir, configFile, keepConfig, clock, signal, progress } = options;
  const files = new IdentityFiles(dataDir);
  if (files.read().state === 'absent') await enrolFirst(options, files);
  const state = files.read();
  if (state.state !== 'ready' || !files.replacement) return;
  const backoff = new Backoff({ firstMs: 1_000, maxMs: 30_000 });
  while (files.replacement && !files.replacement.fetched) {
    try {
      progress('fetching what the unit before knew');
      const gateway = loadCredential(path.join(dataDir, 'unit.json'))?.cloud.gateway;
      if (!gateway) throw new HubError('configuration', 'unit.json names no gateway');
      // Dates are of no use here: the clock of new hardware may be anywhere, and the chain ends in a pinned CA.
      const options = { files, identity: state.identity, gateway: new URL(gateway), now: () => undefined, signal };
      await fetchSnapshot(options);
    } catch (error) {
      signal.throwIfAborted();
      const failure = toHubError(error);
      if (gatewayCodeOf(failure) === 'unavailable' || failure.code.startsWith('link_') || failure.code === 'timeout') {
        progress(`waiting for what the unit before knew: ${failure.message}`);
        await clock.sleep(backoff.nextMs(), signal);
        continue;
      }
      // Nobody will ever give it: the hall opens without.
      progress(`what the unit before knew cannot be had: ${failure.message}`);
      files.endReplacement();
      return;
    }
  }
  if (!files.replacement) return;
  const report = restoreSnapshot({ files, configFile, keepConfig, now: clock.now() });
  progress(report.failure ? `nothing was taken over: ${report.failure}` : `took over ${report.devices} devices`);
};

/** Before the hall opens, where the cloud is there: its devices then find the unit they know. Else the agent goes on trying. */
const enrolFirst = async (options: PrepareOptions, files: IdentityFiles): Promise<void> => {
  const { enrol, software, clock, progress } = options;
  if (!enrol) return;
  try {
    const { code, gateway } = readEnrolmentInput(enrol.code, enrol.cloud);
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(enrolWithinMs)]);
    const { hallName } = await enrolUnit({ files, code, gateway, software, clock, signal, progress });
    progress(`enrolled for ${hallName}`);
  } catch (error) {
    options.signal.throwIfAborted();
    const { message, hint } = toHubError(error);
    progress(`not enrolled yet: ${message}${hint ? `. ${hint}` : ''}`);
  }
};

import { type Clock, HubError } from '@hallhub/shared';
import { adapterFactories } from '../../adapters/index.js';
import type { LastValue, LoadedProfile } from '../../ports/index.js';
import { TrialHost, type TrialItem } from './trial-host.js';
import { type TrialAccess, trialSection } from './trial-section.js';

export interface TrialOptions extends TrialAccess {
  readonly profile: LoadedProfile;
  /** As `trialSection` reads it. */
  readonly on: string;
  readonly forMs: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly item: (item: TrialItem) => void;
}

/**
 * Talks to a live device by a draft of its profile until the time is over or the signal aborts, both ordinary ends.
 * Returns the last value of each property that had one. Throws `invalid_input`, `configuration`.
 */
export const runTrial = async (options: TrialOptions): Promise<ReadonlyMap<string, LastValue>> => {
  const { profile, on, forMs, clock, signal, item } = options;
  const { section, entry } = trialSection(profile, on, options);
  const factory = adapterFactories.find((one) => one.section === section);
  const config = factory?.configSchema.safeParse(entry);
  if (!factory || !config?.success) {
    const why = config?.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    throw new HubError('invalid_input', `${on} cannot be used: ${why ?? `there is no adapter for ${section}`}`);
  }
  let lastFault: string | undefined;
  const host = new TrialHost(profile, clock, (one) => {
    // What goes on is said once.
    if (one.kind === 'fault' && one.message === lastFault) return;
    if (one.kind === 'fault') lastFault = one.message;
    item(one);
  });
  const adapter = factory.create(config.data, host);
  host.adapter = adapter;
  try {
    await adapter.start();
    await clock.sleep(forMs, signal).catch(() => undefined);
  } finally {
    host.flush();
    await adapter.stop();
  }
  return host.values;
};

import type { Clock } from '@hallhub/shared';
import { type ProfileChanges, type ProfileLibrary, ProfileWatch, readProfileFiles } from '../config/index.js';
import type { Logger } from '../ports/index.js';
import type { DeviceRegistry } from './device-registry.js';
import type { FaultBook } from './fault-book.js';
import { matchIdentity } from './match-identity.js';

export interface ProfileReload extends ProfileChanges {
  /** Devices whose profile is another now; their adapters were given them anew. */
  readonly devices: readonly string[];
  /** `file:line:column: …`, one for each thing wrong. */
  readonly issues: readonly string[];
}

const maxReportedIssues = 50;

/** Takes up changed profiles while the unit runs: only devices of those profiles are touched, and a broken file changes nothing. */
export class ProfileKeeper {
  readonly #parts: {
    library: ProfileLibrary;
    registry: DeviceRegistry;
    faults: FaultBook;
    clock: Clock;
    logger: Logger;
  };
  #watch: ProfileWatch | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: {
    library: ProfileLibrary;
    registry: DeviceRegistry;
    faults: FaultBook;
    clock: Clock;
    logger: Logger;
  }) {
    this.#parts = parts;
  }

  /** At the start of the agent: devices get the profiles as they are now, and the folder is watched from here on. */
  async start(): Promise<void> {
    const { library, registry, faults, clock, logger } = this.#parts;
    for (const issue of library.issues.slice(0, maxReportedIssues)) faults.report('profile_broken', issue, {});
    await registry.refreshProfiles();
    if (library.folder === undefined) return;
    const changed = () => {
      this.reload().catch((error) => logger.error({ error: String(error) }, 'changed profiles could not be taken up'));
    };
    this.#watch = new ProfileWatch(library.folder, { clock, logger, changed });
  }

  async stop(): Promise<void> {
    this.#watch?.stop();
    await this.#last.catch(() => undefined);
  }

  /** Reads the folder now. One reload runs at a time. */
  reload(): Promise<ProfileReload> {
    const next = this.#last.catch(() => undefined).then(() => this.#reload());
    this.#last = next;
    return next;
  }

  async #reload(): Promise<ProfileReload> {
    const { library, registry, faults, logger } = this.#parts;
    const { folder } = library;
    if (folder === undefined)
      return { added: [], changed: [], removed: [], kept: [], devices: [], issues: library.issues };
    const known = new Set(library.issues);
    this.#watch?.seen();
    const changes = library.take(readProfileFiles(folder));
    for (const issue of library.issues.filter((one) => !known.has(one)).slice(0, maxReportedIssues)) {
      faults.report('profile_broken', issue, changes.kept.length > 0 ? { kept: changes.kept } : {});
    }
    this.#tellRemoved(changes.removed);
    const devices = await registry.refreshProfiles();
    if (changes.added.length > 0) devices.push(...(await this.#matchUnknown()));
    if (devices.length > 0 || changes.added.length + changes.changed.length + changes.removed.length > 0) {
      logger.info({ ...changes, devices }, 'changed profiles were taken up');
    }
    return { ...changes, devices, issues: library.issues };
  }

  /** Its devices keep it until the agent starts anew, and have none from then on: somebody should know before. */
  #tellRemoved(removed: readonly string[]): void {
    const { registry, faults } = this.#parts;
    for (const profileId of removed) {
      const devices = registry.list().filter(({ state, profile }) => state !== 'retired' && profile?.id === profileId);
      if (devices.length === 0) continue;
      const message = `the profile ${profileId} is gone; ${devices.length} of its devices use it until the unit starts anew`;
      faults.report('profile_gone', message, {
        profileId,
        devices: devices.slice(0, 20).map(({ deviceId }) => deviceId),
      });
    }
  }

  /** A device that nobody knew may be of a model that has come now. */
  async #matchUnknown(): Promise<string[]> {
    const { library, registry } = this.#parts;
    const found: string[] = [];
    for (const { deviceId, state, profile, protocol, identity } of registry.list()) {
      if (profile || state === 'retired' || registry.record(deviceId)?.profileId) continue;
      const match = matchIdentity(library, protocol, identity);
      if (!match) continue;
      await registry.change(deviceId, {
        profile: match,
        ...(state === 'quarantined' ? { reason: 'waits for approval' } : {}),
      });
      found.push(deviceId);
    }
    return found;
  }
}

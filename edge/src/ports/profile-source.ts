import type { Profile } from '@hallhub/shared/profile';

/** One profile as loaded: the document with its id (`vendor/model`), version and content hash (SHA-256, 64 hex digits). */
export interface LoadedProfile {
  readonly id: string;
  readonly version: string;
  readonly hash: string;
  /** Plain: templates, base and variants are merged in. The same object as long as nothing of it changes. */
  readonly document: Profile;
  /** Where it came from, for messages. */
  readonly file: string;
}

/**
 * The profiles this unit knows. A broken file is left out (and reported as a fault); the others stand. The list changes
 * while the unit runs: ask for it anew whenever it is needed.
 */
export interface ProfileSource {
  list(): readonly LoadedProfile[];
  /** By `vendor/model`, as it holds for a device of unknown firmware. */
  get(id: string): LoadedProfile | undefined;
  /** As it holds for a firmware; without this method a profile is the same for all. */
  forFirmware?(id: string, firmware: string | undefined): LoadedProfile | undefined;
  /** Called after profiles came, changed or went. Returns how to stop listening. */
  onChange?(listener: () => void): () => void;
}

import type { Profile } from '@hallhub/shared/profile';

/** One profile as loaded: the document with its id (`vendor/model`), version and content hash (SHA-256, 64 hex digits). */
export interface LoadedProfile {
  readonly id: string;
  readonly version: string;
  readonly hash: string;
  readonly document: Profile;
  /** Where it came from, for messages. */
  readonly file: string;
}

/** The profiles this unit knows. A broken file is left out (and reported as a fault); the others stand. */
export interface ProfileSource {
  list(): readonly LoadedProfile[];
  /** By `vendor/model`. */
  get(id: string): LoadedProfile | undefined;
}

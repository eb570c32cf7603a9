import type { LiveSight } from '@hallhub/shared/vision';

/** Beside the pictures, of a camera that somebody looks at. */
export interface LiveExtras {
  readonly tracks: boolean;
  /** Null: nobody asked. */
  readonly sight: LiveSight | null;
}

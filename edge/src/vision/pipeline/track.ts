import type { Box } from '@hallhub/shared/vision';

/** What a detector saw; the tracker needs no more of it. */
export interface Sighting {
  readonly label: string;
  readonly confidence: number;
  readonly box: Box;
}

export interface FootPoint {
  readonly atMs: number;
  readonly x: number;
  readonly y: number;
}

/** Somebody or something that is followed from picture to picture. */
export interface Track {
  /** Never given twice by one tracker. */
  readonly id: number;
  readonly label: string;
  /** Mean of what was seen of it lately. */
  readonly confidence: number;
  readonly box: Box;
  readonly firstSeenMs: number;
  readonly lastSeenMs: number;
  readonly isStationary: boolean;
  /** Predicted: not seen in this picture. */
  readonly isLost: boolean;
  /** Middle of the box's lower side, newest last, at most 64. */
  readonly history: readonly FootPoint[];
}

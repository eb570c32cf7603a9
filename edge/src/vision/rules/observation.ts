import type { Box, Fact, Flow, Heat, Seen, VisionRule } from '@hallhub/shared/vision';
import type { Picture } from '../pipeline/picture.js';
import type { PictureFault } from '../pipeline/picture-fault.js';
import type { Track } from '../pipeline/track.js';

/** A body as a pose estimator sees it; names of key points as in COCO (`left_shoulder`), places as fractions of the picture. */
export interface SeenPose {
  readonly box: Box;
  readonly confidence: number;
  readonly keypoints: readonly {
    readonly name: string;
    readonly x: number;
    readonly y: number;
    readonly confidence: number;
  }[];
}

/** What is known of one picture: who is in it, and whether the camera sees at all. */
export interface Observation {
  readonly cameraId: string;
  readonly viewId: string;
  /** Epoch ms by the unit's clock. */
  readonly atMs: number;
  readonly tracks: readonly Track[];
  /** Not null: what is not seen proves nothing. */
  readonly health: Pick<PictureFault, 'kind'> | null;
  /** Left out: nobody looked for poses in this picture. */
  readonly poses?: readonly SeenPose[];
  /** For colours. */
  readonly picture?: Pick<Picture, 'width' | 'height' | 'rgb'>;
  /** Undefined: not known. */
  readonly facts: (fact: Fact) => boolean | undefined;
}

interface Episode {
  readonly episodeId: string;
  readonly rule: VisionRule;
  readonly seen: readonly Seen[];
  readonly count?: number | undefined;
  readonly detail?: string | undefined;
  /** Epoch ms. */
  readonly startedAt: number;
  /** Mean of all that was seen. */
  readonly confidence?: number | undefined;
}

export type EpisodeOutcome =
  | (Episode & { readonly kind: 'began' | 'once' })
  | (Episode & { readonly kind: 'ended'; readonly endedAt: number });

export type RuleOutcome =
  | EpisodeOutcome
  | { readonly kind: 'flow'; readonly flow: Flow }
  | { readonly kind: 'heat'; readonly heat: Heat };

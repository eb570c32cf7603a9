import type { PresetPlace, TurningOffers } from '../../ports/index.js';
import type { Hand } from './hand.js';
import type { Sight } from './judge-sight.js';
import type { PatrolStanding } from './patrol.js';

/** How a camera that may turn stands. */
export interface TurnerStanding {
  /** Undefined: nothing turns it. */
  readonly sight: Sight | undefined;
  readonly since: number;
  readonly offers: TurningOffers | undefined;
  readonly presets: readonly PresetPlace[];
  readonly patrol: PatrolStanding | undefined;
  readonly hand: Hand | undefined;
  readonly problem: string | undefined;
  readonly refused: { readonly session: string; readonly seq: number; readonly message: string } | undefined;
}

import type { LastTold, Place, PresetPlace } from '../../ports/index.js';
import { distance, settleMs, tellsPlace } from './judge-sight.js';

export interface LearnedPlace extends Place {
  readonly preset: string;
}

/**
 * Where presets are, of cameras that do not tell: what a camera stood at when it had come to rest after it was told to go there.
 * Presets that are saved anew elsewhere are learned anew the next time it goes.
 */
export class PresetPlaces {
  readonly #learned = new Map<string, Place>();
  #watched: { readonly told: LastTold; from: Place; hasLeft: boolean } | undefined;

  constructor(known: readonly LearnedPlace[] = []) {
    for (const { preset, ...place } of known) this.#learned.set(preset, place);
  }

  get learned(): LearnedPlace[] {
    return [...this.#learned].map(([preset, { pan, tilt, zoom }]) => ({ preset, pan, tilt, zoom }));
  }

  /** With the places that were learned, where the camera tells none. */
  fill(presets: readonly PresetPlace[]): readonly PresetPlace[] {
    return presets.map((one) => (tellsPlace(one.place) ? one : { ...one, place: this.#learned.get(one.token) }));
  }

  forget(preset: string): void {
    this.#learned.delete(preset);
  }

  /** Each look at it. True: something was learned. */
  look(seen: Place & { readonly isMoving: boolean | undefined }, told: LastTold | undefined, nowMs: number): boolean {
    if (!told?.preset || !tellsPlace(seen)) {
      this.#watched = undefined;
      return false;
    }
    if (this.#watched?.told.atMs !== told.atMs) this.#watched = { told, from: seen, hasLeft: false };
    const watched = this.#watched;
    if (seen.isMoving || distance(watched.from, seen) > 1) watched.hasLeft = true;
    if (seen.isMoving) watched.from = seen;
    const isAtRest = seen.isMoving === false || distance(watched.from, seen) <= 0.2;
    const known = this.#learned.get(told.preset);
    // One that never moved was there before, or did not obey: only of a preset that nothing is known of is it believed.
    const mayLearn = nowMs - told.atMs >= settleMs && isAtRest && (watched.hasLeft || known === undefined);
    watched.from = seen;
    if (!mayLearn || (known && distance(known, seen) <= 0.2)) return false;
    this.#learned.set(told.preset, { pan: seen.pan, tilt: seen.tilt, zoom: seen.zoom });
    return true;
  }
}

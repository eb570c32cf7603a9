import type { LastTold, Place, PresetPlace } from '../../ports/index.js';

/** Where a camera looks. `elsewhere`: it stands, at no preset. `unknown`: it does not say. */
export type Sight =
  | { readonly state: 'at'; readonly preset: string }
  | { readonly state: 'moving' | 'elsewhere' | 'unknown' };

export interface SightEvidence {
  readonly nowMs: number;
  /** As the camera says now; undefined: it did not answer. */
  readonly seen: (Place & { readonly isMoving: boolean | undefined }) | undefined;
  /** The same, a moment ago. */
  readonly before: Place | undefined;
  readonly presets: readonly PresetPlace[];
  readonly told: LastTold | undefined;
}

/** Of the generic space, in which a whole turn is 2: some degrees, as much as presets are missed by. */
const angleSlack = 0.015;
const zoomSlack = 0.02;
/** Less than this between two looks is the gear's noise. */
const stillWithin = 0.003;
/** A camera that does not say whether it moves is believed to have got there after so long. */
export const settleMs = 5_000;
/** Between the word and the gear. */
const startMs = 1_000;

const apart = (a: number | undefined, b: number | undefined): number =>
  a === undefined || b === undefined ? 0 : Math.abs(a - b);
/** Cameras that turn round and round: -1 and 1 are the same. */
const panApart = (a: number | undefined, b: number | undefined): number => {
  const direct = apart(a, b);
  return Math.min(direct, Math.abs(2 - direct));
};

export const tellsPlace = (place: Place | undefined): place is Place =>
  place?.pan !== undefined || place?.tilt !== undefined || place?.zoom !== undefined;

/** 0: the same; above 1: not the same. */
export const distance = (a: Place, b: Place): number =>
  Math.max(panApart(a.pan, b.pan) / angleSlack, apart(a.tilt, b.tilt) / angleSlack, apart(a.zoom, b.zoom) / zoomSlack);

export const hasMoved = (a: Place, b: Place): boolean =>
  Math.max(panApart(a.pan, b.pan), apart(a.tilt, b.tilt), apart(a.zoom, b.zoom)) > stillWithin;

/**
 * At which preset a camera stands: by where it says it is, and where it says nothing, by what it was told and the time since.
 * Rather `elsewhere` than a wrong preset: rules of another view would conclude from what they were not made for.
 */
export const judgeSight = ({ nowMs, seen, before, presets, told }: SightEvidence): Sight => {
  if (!seen) return { state: 'unknown' };
  if (seen.isMoving) return { state: 'moving' };
  const sinceToldMs = told ? nowMs - told.atMs : Number.POSITIVE_INFINITY;
  if (!tellsPlace(seen)) {
    if (sinceToldMs < settleMs) return { state: 'moving' };
    return told?.preset === undefined ? { state: 'unknown' } : { state: 'at', preset: told.preset };
  }
  if (seen.isMoving === undefined && before && hasMoved(before, seen)) return { state: 'moving' };
  const near = presets
    .flatMap(({ token, place }) => (tellsPlace(place) ? [{ token, far: distance(place, seen) }] : []))
    .filter(({ far }) => far <= 1)
    .sort((a, b) => a.far - b.far || Number(b.token === told?.preset) - Number(a.token === told?.preset));
  // It was told to leave a moment ago, and its gear has not begun.
  const isLeaving = sinceToldMs < startMs && near[0]?.token !== told?.preset;
  if (isLeaving) return { state: 'moving' };
  // Two presets at one place: the one that it was told.
  const here = near.find(({ token }) => token === told?.preset) ?? near[0];
  return here ? { state: 'at', preset: here.token } : { state: 'elsewhere' };
};

export const isSameSight = (a: Sight | undefined, b: Sight): boolean =>
  a?.state === b.state && (a.state !== 'at' || b.state !== 'at' || a.preset === b.preset);

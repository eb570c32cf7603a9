import type { Point } from '@hallhub/shared/vision';

/** A way through the hall: places of the feet, as fractions of the picture, and how long somebody stays there. */
export interface Stop {
  readonly at: Point;
  readonly stayS?: number;
}

/** Somebody's part in a scene. */
export interface Role {
  /** Of the cast. */
  readonly person: string;
  readonly fromS: number;
  /** Staff: the counter hides the lower half. */
  readonly isStaff?: boolean;
  /** 0.6 own heights a second, an unhurried walk, where left out. */
  readonly heightsPerS?: number;
  readonly stops: readonly Stop[];
}

/** Where somebody is at a moment. */
export interface Place {
  readonly at: Point;
  /** Below 0 to the left; 0 stands. */
  readonly movesBy: number;
}

const walkHeightsPerS = 0.6;

/** Height of a person whose feet are at `y`, both as shares of the picture's height: the camera hangs under the ceiling. */
export const heightAt = (y: number): number => 0.1 + 0.4 * y;

/** The same as width: the hall is 16 : 9. */
const aspect = 16 / 9;

/** Towards the camera a step shows as a third of what it shows across. */
const depthWeight = 3;

const secondsBetween = ([ax, ay]: Point, [bx, by]: Point, heightsPerS: number): number => {
  const distance = Math.hypot((bx - ax) * aspect, (by - ay) * depthWeight);
  return distance / (heightsPerS * heightAt((ay + by) / 2));
};

/** Undefined before somebody comes and after they are gone. */
export const placeAt = ({ fromS, stops, heightsPerS = walkHeightsPerS }: Role, atS: number): Place | undefined => {
  let left = atS - fromS;
  if (left < 0) return undefined;
  for (const [i, { at, stayS = 0 }] of stops.entries()) {
    if (left < stayS) return { at, movesBy: 0 };
    left -= stayS;
    const next = stops[i + 1];
    if (!next) return undefined;
    const takesS = secondsBetween(at, next.at, heightsPerS);
    if (left < takesS) {
      const share = left / takesS;
      const [dx, dy] = [next.at[0] - at[0], next.at[1] - at[1]];
      return { at: [at[0] + dx * share, at[1] + dy * share], movesBy: dx / takesS || Number.MIN_VALUE };
    }
    left -= takesS;
  }
  return undefined;
};

/** When somebody has gone the whole way, in seconds of the scene. */
export const endOf = ({ fromS, stops, heightsPerS = walkHeightsPerS }: Role): number =>
  stops.reduce((sum, { at, stayS = 0 }, i) => {
    const next = stops[i + 1];
    return sum + stayS + (next ? secondsBetween(at, next.at, heightsPerS) : 0);
  }, fromS);

import type { LonLat } from './tables.js';

/** Whether a place lies within a polygon of a city's size; on its border: one of both neighbours has it, as long as their points agree. */
export const contains = (
  polygon: readonly LonLat[],
  { lon, lat }: { readonly lon: number; readonly lat: number },
): boolean => {
  let inside = false;
  let last = polygon.at(-1);
  for (const point of polygon) {
    if (last) {
      const crosses = point[1] > lat !== last[1] > lat;
      if (crosses && lon < ((last[0] - point[0]) * (lat - point[1])) / (last[1] - point[1]) + point[0])
        inside = !inside;
    }
    last = point;
  }
  return inside;
};

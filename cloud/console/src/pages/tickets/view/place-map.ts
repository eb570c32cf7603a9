export interface MapPoint {
  key: string;
  name: string;
  lon: number;
  lat: number;
}
export interface PlacedPoint extends MapPoint {
  x: number;
  y: number;
  /** Its name stands to its left, or it would leave the picture. */
  isLeft: boolean;
}
export interface PlaceMap {
  width: number;
  height: number;
  middle: { x: number; y: number };
  /** Lines of the grid, in pixels. */
  across: number[];
  down: number[];
  /** Of one cell of the grid, in metres. */
  cellM: number;
  cellPx: number;
  points: PlacedPoint[];
}

const width = 480;
const height = 220;
const margin = 34;
const mostPoints = 8;
const metresPerDegree = 111_320;
const farthestM = 50_000;
const steps = [50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000];

/** A place with what is known around it, true to scale, north at the top: it names directions and distances where there is no map. */
export const placeMap = (place: { lon: number; lat: number }, around: readonly MapPoint[]): PlaceMap => {
  const shrink = Math.max(0.05, Math.cos((place.lat * Math.PI) / 180));
  const metres = (point: { lon: number; lat: number }) => ({
    east: (point.lon - place.lon) * metresPerDegree * shrink,
    north: (point.lat - place.lat) * metresPerDegree,
  });
  const near = around
    .map((point) => ({ point, ...metres(point) }))
    .filter(({ east, north }) => Math.hypot(east, north) <= farthestM)
    .sort((a, b) => Math.hypot(a.east, a.north) - Math.hypot(b.east, b.north))
    .slice(0, mostPoints);
  const reachX = Math.max(200, ...near.map(({ east }) => Math.abs(east)));
  const reachY = Math.max(90, ...near.map(({ north }) => Math.abs(north)));
  const scale = Math.min((width / 2 - margin) / reachX, (height / 2 - margin) / reachY);
  const middle = { x: width / 2, y: height / 2 };
  const cellM = steps.find((step) => step * scale >= 40) ?? 100_000;
  const cellPx = cellM * scale;
  const lines = (from: number, most: number) => {
    const first = from - Math.floor(from / cellPx) * cellPx;
    return Array.from({ length: Math.floor((most - first) / cellPx) + 1 }, (_, i) => Math.round(first + i * cellPx));
  };
  return {
    ...{ width, height, middle, cellM, cellPx, across: lines(middle.x, width), down: lines(middle.y, height) },
    points: near.map(({ point, east, north }) => {
      const x = Math.round(middle.x + east * scale);
      return { ...point, x, y: Math.round(middle.y - north * scale), isLeft: x > width * 0.62 };
    }),
  };
};

/** How far, and where to: eight winds, from north clockwise. */
export const wayTo = (from: { lon: number; lat: number }, to: { lon: number; lat: number }) => {
  const shrink = Math.max(0.05, Math.cos((from.lat * Math.PI) / 180));
  const east = (to.lon - from.lon) * metresPerDegree * shrink;
  const north = (to.lat - from.lat) * metresPerDegree;
  const winds = ['n', 'ne', 'e', 'se', 's', 'sw', 'w', 'nw'] as const;
  const turn = (Math.atan2(east, north) / (2 * Math.PI)) * 8;
  return { metres: Math.hypot(east, north), wind: winds[(Math.round(turn) + 8) % 8] as (typeof winds)[number] };
};

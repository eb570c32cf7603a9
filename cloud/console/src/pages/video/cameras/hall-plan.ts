import type { CameraHall } from '../../../api/vision.js';

export interface HallPlan {
  readonly width: number;
  readonly height: number;
  /** `isLeft`: its name stands to its left, or it would leave the picture. */
  readonly places: readonly { hall: CameraHall; x: number; y: number; isLeft: boolean }[];
}

const width = 960;
const margin = 60;
const leastHeight = 180;
const mostHeight = 380;
const mostNamed = 60;

/** Halls by their coordinates, true to scale around their middle, north at the top. Undefined: fewer than two are known, or too many to tell apart. */
export const planOf = (halls: readonly CameraHall[]): HallPlan | undefined => {
  const known = halls.filter(
    (hall): hall is CameraHall & { lat: number; lon: number } => hall.lat !== null && hall.lon !== null,
  );
  if (known.length < 2 || known.length > mostNamed) return undefined;
  const middle = known.reduce((sum, { lat }) => sum + lat, 0) / known.length;
  // A degree of longitude is shorter the further from the equator.
  const shrink = Math.max(0.05, Math.cos((middle * Math.PI) / 180));
  const [xs, ys] = [known.map(({ lon }) => lon * shrink), known.map(({ lat }) => -lat)];
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const [across, down] = [Math.max(...xs) - left, Math.max(...ys) - top];
  const room = mostHeight - 2 * margin;
  const scale = Math.min((width - 2 * margin) / Math.max(across, 1e-6), room / Math.max(down, 1e-6));
  const height = Math.min(mostHeight, Math.max(leastHeight, down * scale + 2 * margin));
  const [startX, startY] = [(width - across * scale) / 2, (height - down * scale) / 2];
  return {
    width,
    height,
    places: known.map((hall, i) => {
      const x = Math.round(startX + ((xs[i] as number) - left) * scale);
      return { hall, x, y: Math.round(startY + ((ys[i] as number) - top) * scale), isLeft: x > width * 0.7 };
    }),
  };
};

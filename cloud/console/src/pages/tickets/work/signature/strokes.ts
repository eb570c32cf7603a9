/** One point of a stroke, as shares of the pad’s width: a pad that is turned or resized shows the same hand. */
export interface Point {
  readonly x: number;
  readonly y: number;
}
export type Stroke = readonly Point[];

/** In widths of the pad: less than so much ink is a slip of the finger. */
const leastInk = 0.12;

const lengthOf = (stroke: Stroke): number =>
  stroke.reduce((all, point, i) => {
    const before = stroke[i - 1] ?? point;
    return all + Math.hypot(point.x - before.x, point.y - before.y);
  }, 0);

/** Whether there is enough to be somebody's hand. */
export const isSigned = (strokes: readonly Stroke[]): boolean =>
  strokes.reduce((all, stroke) => all + lengthOf(stroke), 0) >= leastInk;

export interface Bounds {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The ink and a little air around it. */
export const boundsOf = (strokes: readonly Stroke[], air = 0.03): Bounds => {
  const points = strokes.flat();
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const [left, top] = [Math.min(...xs) - air, Math.min(...ys) - air];
  return { x: left, y: top, width: Math.max(...xs) + air - left, height: Math.max(...ys) + air - top };
};

export type Pen = Pick<CanvasRenderingContext2D, 'beginPath' | 'moveTo' | 'lineTo' | 'quadraticCurveTo' | 'stroke'>;

/** Through the middles of neighbouring points, so that a fast hand has no corners. `at` places a point on the canvas. */
export const drawStrokes = (pen: Pen, strokes: readonly Stroke[], at: (point: Point) => Point): void => {
  for (const stroke of strokes) {
    const points = stroke.map(at);
    const [first] = points;
    if (!first) continue;
    pen.beginPath();
    pen.moveTo(first.x, first.y);
    // A dot is a line of no length: round ends make it seen.
    if (points.length === 1) pen.lineTo(first.x, first.y);
    for (const [i, point] of points.slice(1).entries()) {
      const before = points[i] ?? point;
      pen.quadraticCurveTo(before.x, before.y, (before.x + point.x) / 2, (before.y + point.y) / 2);
    }
    const last = points.at(-1) ?? first;
    pen.lineTo(last.x, last.y);
    pen.stroke();
  }
};

/** Black on white, trimmed to the ink, whatever the theme: it is printed. */
export const pictureOf = async (strokes: readonly Stroke[]): Promise<Blob> => {
  const bounds = boundsOf(strokes);
  const scale = Math.min(800 / bounds.width, 400 / bounds.height, 1_200);
  const canvas = document.createElement('canvas');
  canvas.width = Math.ceil(bounds.width * scale);
  canvas.height = Math.ceil(bounds.height * scale);
  const pen = canvas.getContext('2d');
  if (!pen) throw new Error('this browser draws no pictures');
  pen.fillStyle = 'white';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.lineWidth = Math.max(2, scale * 0.008);
  pen.lineCap = 'round';
  pen.lineJoin = 'round';
  drawStrokes(pen, strokes, ({ x, y }) => ({ x: (x - bounds.x) * scale, y: (y - bounds.y) * scale }));
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
  if (!blob) throw new Error('the picture could not be made');
  return blob;
};

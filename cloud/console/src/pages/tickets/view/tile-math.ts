export interface LonLat {
  readonly lon: number;
  readonly lat: number;
}
export interface Pixel {
  readonly x: number;
  readonly y: number;
}

export const tilePx = 256;
/** Beyond it Web Mercator has no end. */
const mostLat = 85.051128;

/** Pixels of the whole world at a zoom, from its north-west corner: Web Mercator. */
export const toPixel = ({ lon, lat }: LonLat, zoom: number): Pixel => {
  const world = tilePx * 2 ** zoom;
  const sin = Math.sin((Math.max(-mostLat, Math.min(mostLat, lat)) * Math.PI) / 180);
  return { x: ((lon + 180) / 360) * world, y: (0.5 - Math.log((1 + sin) / (1 - sin)) / (4 * Math.PI)) * world };
};

export const fromPixel = ({ x, y }: Pixel, zoom: number): LonLat => {
  const world = tilePx * 2 ** zoom;
  return {
    lon: (x / world) * 360 - 180,
    lat: (Math.atan(Math.sinh(Math.PI * (1 - (2 * y) / world))) * 180) / Math.PI,
  };
};

export interface PlacedTile extends Pixel {
  readonly key: string;
  readonly url: string;
}

/** Tiles that cover a window around a middle, and where each stands in it. Round the world they repeat, beyond the poles there are none. */
export const tilesAround = (
  url: string,
  middle: LonLat,
  { zoom, width, height }: { readonly zoom: number; readonly width: number; readonly height: number },
): PlacedTile[] => {
  const at = toPixel(middle, zoom);
  const [left, top] = [at.x - width / 2, at.y - height / 2];
  const count = 2 ** zoom;
  const tiles: PlacedTile[] = [];
  for (
    let y = Math.max(0, Math.floor(top / tilePx));
    y <= Math.min(count - 1, Math.floor((top + height) / tilePx));
    y += 1
  )
    for (let x = Math.floor(left / tilePx); x <= Math.floor((left + width) / tilePx); x += 1) {
      const column = ((x % count) + count) % count;
      const name = { z: String(zoom), x: String(column), y: String(y) };
      tiles.push({
        key: `${zoom}/${x}/${y}`,
        url: url.replace(/\{([zxy])\}/g, (_, part: 'z' | 'x' | 'y') => name[part]),
        ...{ x: Math.round(x * tilePx - left), y: Math.round(y * tilePx - top) },
      });
    }
  return tiles;
};

/** The nearest zoom at which all points lie within the window. */
export const zoomFor = (
  points: readonly LonLat[],
  { width, height, most }: { readonly width: number; readonly height: number; readonly most: number },
): number => {
  for (let zoom = Math.min(16, most); zoom > 3; zoom -= 1) {
    const pixels = points.map((point) => toPixel(point, zoom));
    const [middle] = pixels;
    if (
      middle &&
      pixels.every(({ x, y }) => Math.abs(x - middle.x) < width / 2 - 24 && Math.abs(y - middle.y) < height / 2 - 24)
    )
      return zoom;
  }
  return 3;
};

const earth = 6_378_245;
const flat = 0.006693421622965943;

/** WGS-84 as mainland China's public maps draw it (GCJ-02); elsewhere nothing is moved. */
export const toGcj02 = ({ lon, lat }: LonLat): LonLat => {
  if (lon < 72.004 || lon > 137.8347 || lat < 0.8293 || lat > 55.8271) return { lon, lat };
  const [x, y] = [lon - 105, lat - 35];
  const wave = (a: number, b: number, of: number) => a * Math.sin(of * Math.PI) + b * Math.sin((of / 3) * Math.PI);
  const common = (20 * Math.sin(6 * x * Math.PI) + 20 * Math.sin(2 * x * Math.PI)) * (2 / 3);
  const north =
    -100 +
    2 * x +
    3 * y +
    0.2 * y * y +
    0.1 * x * y +
    0.2 * Math.sqrt(Math.abs(x)) +
    common +
    ((20 * Math.sin(y * Math.PI) + 40 * Math.sin((y / 3) * Math.PI)) * 2) / 3 +
    ((160 * Math.sin((y / 12) * Math.PI) + 320 * Math.sin((y * Math.PI) / 30)) * 2) / 3;
  const east =
    300 +
    x +
    2 * y +
    0.1 * x * x +
    0.1 * x * y +
    0.1 * Math.sqrt(Math.abs(x)) +
    common +
    (wave(20, 40, x) * 2) / 3 +
    ((150 * Math.sin((x / 12) * Math.PI) + 300 * Math.sin((x / 30) * Math.PI)) * 2) / 3;
  const radians = (lat * Math.PI) / 180;
  const magic = 1 - flat * Math.sin(radians) ** 2;
  const root = Math.sqrt(magic);
  return {
    lon: lon + (east * 180) / ((earth / root) * Math.cos(radians) * Math.PI),
    lat: lat + (north * 180) / (((earth * (1 - flat)) / (magic * root)) * Math.PI),
  };
};

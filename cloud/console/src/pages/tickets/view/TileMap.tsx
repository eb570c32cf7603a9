import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { MapTiles } from '../../../api/map.js';
import { fromPixel, type LonLat, tilesAround, toGcj02, toPixel, zoomFor } from './tile-math.js';
import './tile-map.css';

interface TileMapProps {
  tiles: MapTiles;
  place: LonLat;
  around: readonly (LonLat & { key: string; name: string })[];
  /** What is to be seen, for who cannot see it. */
  said: string;
  /** No tile could be had. */
  onFailed: () => void;
}

const height = 260;
const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ...{ ArrowLeft: [-80, 0], ArrowRight: [80, 0], ArrowUp: [0, -80], ArrowDown: [0, 80] },
};

/** A map of the operator's own choice around a place: dragged, zoomed, by keys too. */
export function TileMap({ tiles, place, around, said, onFailed }: TileMapProps) {
  const { t } = useTranslation('tickets');
  const drawn = (at: LonLat): LonLat => (tiles.coordinates === 'gcj02' ? toGcj02(at) : at);
  const here = drawn(place);
  const holder = useRef<HTMLDivElement>(null);
  const [width, setWidth] = useState(480);
  const [middle, setMiddle] = useState<LonLat>(here);
  const [zoom, setZoom] = useState(() =>
    zoomFor([here, ...around.slice(0, 1).map(drawn)], { width: 480, height, most: tiles.maxZoom }),
  );
  const dragged = useRef<{ x: number; y: number } | undefined>(undefined);
  const loaded = useRef({ good: 0, bad: 0 });
  useEffect(() => {
    const seen = new ResizeObserver(([entry]) => entry && setWidth(Math.round(entry.contentRect.width)));
    if (holder.current) seen.observe(holder.current);
    return () => seen.disconnect();
  }, []);
  const move = (dx: number, dy: number) =>
    setMiddle((was) => {
      const at = toPixel(was, zoom);
      return fromPixel({ x: at.x + dx, y: at.y + dy }, zoom);
    });
  const step = (by: 1 | -1) => setZoom((was) => Math.max(3, Math.min(tiles.maxZoom, was + by)));
  const centre = toPixel(middle, zoom);
  const inWindow = (at: LonLat) => {
    const pixel = toPixel(drawn(at), zoom);
    return { left: pixel.x - centre.x + width / 2, top: pixel.y - centre.y + height / 2 };
  };
  return (
    <div className="tile-map" ref={holder} style={{ height }}>
      <div
        className="tile-map-ground"
        role="img"
        aria-label={said}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it is moved by keys, as maps are
        tabIndex={0}
        onKeyDown={(event) => {
          const by = arrows[event.key];
          if (by) move(...(by as [number, number]));
          else if (event.key === '+' || event.key === '=') step(1);
          else if (event.key === '-') step(-1);
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
        onDoubleClick={() => step(1)}
        onPointerDown={(event) => {
          dragged.current = { x: event.clientX, y: event.clientY };
          event.currentTarget.setPointerCapture(event.pointerId);
        }}
        onPointerMove={(event) => {
          const from = dragged.current;
          if (!from) return;
          dragged.current = { x: event.clientX, y: event.clientY };
          move(from.x - event.clientX, from.y - event.clientY);
        }}
        onPointerUp={() => {
          dragged.current = undefined;
        }}
      >
        {tilesAround(tiles.url, middle, { zoom, width, height }).map(({ key, url, x, y }) => (
          <img
            key={key}
            src={url}
            alt=""
            draggable={false}
            style={{ left: x, top: y }}
            onLoad={() => {
              loaded.current.good += 1;
            }}
            onError={() => {
              loaded.current.bad += 1;
              if (loaded.current.good === 0 && loaded.current.bad >= 2) onFailed();
            }}
          />
        ))}
        {around.map((one) => (
          <span key={one.key} className="tile-map-hall" style={inWindow(one)}>
            {one.name}
          </span>
        ))}
        <span className="tile-map-here" style={inWindow(place)} />
      </div>
      <span className="tile-map-zoom">
        {([1, -1] as const).map((by) => (
          <button
            key={by}
            type="button"
            aria-label={t(by === 1 ? 'map.nearer' : 'map.farther')}
            onClick={() => step(by)}
          >
            {by === 1 ? '+' : '−'}
          </button>
        ))}
      </span>
      <small className="tile-map-whose">{tiles.attribution}</small>
    </div>
  );
}

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { mapQuery } from '../../../api/map.js';
import type { TicketPage } from '../../../api/tickets.js';
import { usePlaces } from '../../../app/use-place.js';
import { formatNumber } from '../../../format/number.js';
import { useLabel, useLanguage } from '../../../i18n/use-language.js';
import { type PlaceMap, placeMap, wayTo } from './place-map.js';
import { TileMap } from './TileMap.js';
import './place.css';

type Place = NonNullable<TicketPage['place']>;

export const geoLink = ({ lon, lat, text }: Place): string =>
  `geo:${lat},${lon}?q=${lat},${lon}(${encodeURIComponent(text)})`;

/** Metres in people's units. */
export function useDistance(): (metres: number) => string {
  const language = useLanguage();
  return (metres) =>
    metres < 1_000
      ? `${formatNumber(Math.round(metres), language, 0)} m`
      : `${formatNumber(metres / 1_000, language, 1)} km`;
}

/** Where it is: on the map that the operator set up, else drawn to scale with the halls around it. */
export function PlaceCard({ place }: { place: Place }) {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  const distance = useDistance();
  const halls = usePlaces();
  const tiles = useQuery(mapQuery).data?.tiles;
  const [hasFailed, setFailed] = useState(false);
  const { lon, lat } = place;
  if (lon === null || lat === null) return <p>{place.text}</p>;
  const around = halls.flatMap(({ id, name, kind, location, archivedAt }) =>
    kind === 'hall' && location && !archivedAt ? [{ key: id, name: label(name), ...location }] : [],
  );
  const map = placeMap({ lon, lat }, around);
  const nearest = map.points[0];
  const way = nearest ? wayTo(nearest, { lon, lat }) : undefined;
  const said =
    nearest && way
      ? t('map.said', { name: nearest.name, distance: distance(way.metres), wind: t(`map.${way.wind}`) })
      : t('map.alone');
  return (
    <div className="place-card">
      <p>{place.text}</p>
      {tiles && !hasFailed ? (
        <TileMap tiles={tiles} place={{ lon, lat }} around={map.points} said={said} onFailed={() => setFailed(true)} />
      ) : (
        <Schematic map={map} said={said} />
      )}
      {tiles && hasFailed ? <p className="small soft">{t('map.failed')}</p> : null}
      <div className="row row-wrap small">
        <code>
          {lat.toFixed(5)}, {lon.toFixed(5)}
        </code>
        <span className="grow" />
        <a href={geoLink(place)}>{t('map.navigate')}</a>
      </div>
    </div>
  );
}

/** True to scale, north at the top; nothing is fetched from anywhere. */
function Schematic({ map, said }: { map: PlaceMap; said: string }) {
  const distance = useDistance();
  return (
    <svg viewBox={`0 0 ${map.width} ${map.height}`} className="place-map" role="img" aria-label={said}>
      {map.across.map((x) => (
        <line key={`x${x}`} x1={x} y1="0" x2={x} y2={map.height} className="place-grid" />
      ))}
      {map.down.map((y) => (
        <line key={`y${y}`} x1="0" y1={y} x2={map.width} y2={y} className="place-grid" />
      ))}
      {map.points.map((point) => (
        <g key={point.key}>
          <rect x={point.x - 4} y={point.y - 4} width="8" height="8" rx="2" className="place-hall" />
          <text
            x={point.isLeft ? point.x - 9 : point.x + 9}
            y={point.y + 4}
            textAnchor={point.isLeft ? 'end' : 'start'}
            className="place-name"
          >
            {point.name}
          </text>
        </g>
      ))}
      <g className="place-here">
        <circle cx={map.middle.x} cy={map.middle.y} r="13" className="place-halo" />
        <circle cx={map.middle.x} cy={map.middle.y} r="5" />
      </g>
      <g className="place-scale">
        <path d={`M12 ${map.height - 10}h${map.cellPx}m0 -4v8M12 ${map.height - 14}v8`} />
        <text x={12 + map.cellPx + 6} y={map.height - 6} className="place-name">
          {distance(map.cellM)}
        </text>
      </g>
      <path d={`M${map.width - 16} 26V8m-4 6 4 -6 4 6`} className="place-north" />
    </svg>
  );
}

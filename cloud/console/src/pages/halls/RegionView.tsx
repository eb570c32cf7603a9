import { useTranslation } from 'react-i18next';
import type { Place } from '../../api/places.js';
import { AppLink } from '../../app/AppLink.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { placeRows } from './place-rows.js';
import '../parts/parts.css';

/** What lies in a region, with how each stands. */
export function RegionView({ region, places }: { region: Place; places: Place[] }) {
  const { t } = useTranslation('halls');
  const label = useLabel();
  const rows = placeRows(places, new Set(), (place) => label(place.name)).filter(
    (row) => row.place.parentId === region.id,
  );
  if (rows.length === 0) return <p className="card line-note">{t('region.empty')}</p>;
  return (
    <ul className="card lines">
      {rows.map((row) => (
        <li key={row.place.id}>
          <AppLink to={paths.place(row.place.id)} className="line">
            <span className="grow clip">
              {label(row.place.name)} <span className="faint small">{t(`kind.${row.place.kind}`)}</span>
            </span>
            {row.counts ? (
              <span className="line-end row">
                {row.counts.openAlarms > 0 ? (
                  <StatusMark tone="warn" shape="triangle" word={t('alarmsOpen', { count: row.counts.openAlarms })} />
                ) : null}
                <span>{t('devicesOnline', { online: row.counts.devicesOnline, total: row.counts.devices })}</span>
              </span>
            ) : null}
          </AppLink>
        </li>
      ))}
    </ul>
  );
}

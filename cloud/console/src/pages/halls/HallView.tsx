import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type DeviceSummary, devicesQuery } from '../../api/devices.js';
import { overviewQuery } from '../../api/overview.js';
import type { Place } from '../../api/places.js';
import { useRights } from '../../app/session.js';
import { useLabel } from '../../i18n/use-language.js';
import { Section } from '../../ui/Page.js';
import { Skeleton, SkeletonLines } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';
import { AlarmLines } from '../today/AlarmLines.js';
import { EventLines } from '../today/EventLines.js';
import { Headline } from '../today/Headline.js';
import { Measures } from '../today/Measures.js';
import { DeviceTile } from './DeviceTile.js';
import '../today/today.css';

/** A hall as it stands now: its state, every device at its counter, alarms and events. A counter shows its own devices. */
export function HallView({ place, places }: { place: Place; places: Place[] }) {
  const { t } = useTranslation('halls');
  const may = useRights();
  const hallId = place.kind === 'hall' ? place.id : (place.parentId ?? place.id);
  const counterId = place.kind === 'counter' ? place.id : undefined;
  const overview = useQuery({ ...overviewQuery(hallId), enabled: may('hall.read') && place.kind === 'hall' });
  const devices = useInfiniteQuery({
    ...devicesQuery({ hallId, counterId, state: 'active', limit: 200 }),
    enabled: may('device.read'),
  });
  const all = devices.data?.pages.flatMap((page) => page.items);
  return (
    <>
      {overview.data ? (
        <section className="card now" aria-label={t('now')}>
          <Headline overview={overview.data} hallId={hallId} />
          <Measures overview={overview.data} hallId={hallId} />
        </section>
      ) : overview.isLoading ? (
        <div className="card card-pad now">
          <Skeleton height={96} />
        </div>
      ) : null}
      {may('device.read') ? (
        <Section title={t('section.devices')} bare>
          {all ? (
            <Board devices={all} places={places} hallId={hallId} />
          ) : devices.error ? (
            <ErrorState error={devices.error} onRetry={() => void devices.refetch()} compact />
          ) : (
            <div className="card card-pad">
              <SkeletonLines lines={4} />
            </div>
          )}
        </Section>
      ) : null}
      {overview.data ? (
        <div className="now-columns hall-columns">
          <Section title={t('section.alarms')}>
            <AlarmLines alarms={overview.data.openAlarms} />
          </Section>
          <Section title={t('section.events')}>
            <EventLines events={overview.data.latestEvents} />
          </Section>
        </div>
      ) : null}
    </>
  );
}

interface BoardProps {
  devices: DeviceSummary[];
  places: Place[];
  hallId: string;
}

/** Devices grouped by the counter they stand at; those of the whole hall first. */
function Board({ devices, places, hallId }: BoardProps) {
  const { t } = useTranslation('halls');
  const label = useLabel();
  if (devices.length === 0) return <p className="card line-note">{t('noDevices')}</p>;
  const counters = places
    .filter((place) => place.kind === 'counter' && place.parentId === hallId && !place.archivedAt)
    .sort((a, b) => label(a.name).localeCompare(label(b.name), 'zh', { numeric: true }));
  const known = new Set(counters.map((counter) => counter.id));
  const groups = [
    { key: '', name: t('hallWide'), devices: devices.filter((one) => !one.counterId || !known.has(one.counterId)) },
    ...counters.map((counter) => ({
      key: counter.id,
      name: label(counter.name),
      devices: devices.filter((one) => one.counterId === counter.id),
    })),
  ].filter((group) => group.devices.length > 0);
  return (
    <div className="card board">
      {groups.map((group) => (
        <div key={group.key} className="board-group">
          <h3 className="board-name">{group.name}</h3>
          <ul className="board-devices">
            {group.devices.map((device) => (
              <li key={device.id}>
                <DeviceTile device={device} />
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}

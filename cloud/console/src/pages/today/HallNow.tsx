import { useTranslation } from 'react-i18next';
import type { Overview } from '../../api/overview.js';
import { AppLink } from '../../app/AppLink.js';
import { useRights } from '../../app/session.js';
import { paths } from '../../paths.js';
import { Section } from '../../ui/Page.js';
import { Empty } from '../../ui/states.js';
import { AlarmLines } from './AlarmLines.js';
import { EventLines } from './EventLines.js';
import { Headline } from './Headline.js';
import { Measures } from './Measures.js';
import { UplinkLines } from './UplinkLines.js';
import './today.css';

interface HallNowProps {
  overview: Overview;
  hallId: string | undefined;
}

/** The live picture of one hall or of all: state in a sentence, then alarms, events and links. */
export function HallNow({ overview, hallId }: HallNowProps) {
  const { t } = useTranslation('today');
  const may = useRights();
  if (overview.units.total === 0 && overview.devices.total === 0) {
    return (
      <Empty
        icon="unit"
        title={t('empty.title')}
        hint={t('empty.hint')}
        action={may('unit.read') ? <AppLink to={paths.units()}>{t('empty.toUnits')}</AppLink> : undefined}
      />
    );
  }
  return (
    <>
      <section className="card now" aria-label={t('now')}>
        <Headline overview={overview} hallId={hallId} />
        <Measures overview={overview} hallId={hallId} />
      </section>
      <div className="now-columns">
        <div>
          <Section title={t('alarms')} aside={<AppLink to={paths.alarms()}>{t('allAlarms')}</AppLink>}>
            <AlarmLines alarms={overview.openAlarms} />
          </Section>
          <Section title={t('uplinks')} aside={<AppLink to={paths.units()}>{t('allUnits')}</AppLink>}>
            <UplinkLines uplinks={overview.uplinks} />
          </Section>
        </div>
        <div>
          <Section title={t('events')}>
            <EventLines events={overview.latestEvents} />
          </Section>
        </div>
      </div>
    </>
  );
}

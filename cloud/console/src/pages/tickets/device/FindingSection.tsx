import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ticketFindingsQuery } from '../../../api/auto-tickets.js';
import { AppLink } from '../../../app/AppLink.js';
import { useRights } from '../../../app/session.js';
import { paths } from '../../../paths.js';
import { Section } from '../../../ui/Page.js';
import { RelativeTime } from '../../../ui/RelativeTime.js';
import { useAlgorithmName } from '../../video/use-algorithm-name.js';
import './device.css';

/** What cameras found that the ticket is about, each with the way to its pictures and clip. */
export function FindingSection({ ticketId }: { ticketId: string }) {
  const { t } = useTranslation('ticketDesk');
  const algorithmName = useAlgorithmName();
  const may = useRights();
  const { data } = useQuery({ ...ticketFindingsQuery(ticketId), enabled: may('vision.read') });
  if (!data || data.items.length === 0) return null;
  return (
    <Section title={t('findings')}>
      <div className="card-pad">
        <ul className="device-repairs" aria-label={t('findings')}>
          {data.items.map(({ id, itemId, algorithm, rule, camera, startedAt }) => (
            <li key={id}>
              <AppLink to={paths.review()} search={{ state: 'all', id: itemId }} className="clip" title={rule}>
                {`${algorithmName(algorithm)} · ${camera.name}`}
              </AppLink>
              <span className="faint small">
                <RelativeTime time={startedAt} />
              </span>
            </li>
          ))}
        </ul>
      </div>
    </Section>
  );
}

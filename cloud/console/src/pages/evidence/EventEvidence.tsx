import { useInfiniteQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { evidenceQuery } from '../../api/evidence.js';
import { useRights } from '../../app/session.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { ErrorState } from '../../ui/states.js';
import { EvidenceDetails } from './EvidenceDetails.js';
import { evidenceLooks, kindOf } from './evidence-look.js';
import './evidence.css';

/** The files of one event; nothing where there are none, as most events have none. */
export function EventEvidence({ eventId, zone }: { eventId: string; zone: string | undefined }) {
  const { t } = useTranslation('evidence');
  const may = useRights();
  const query = useInfiniteQuery({ ...evidenceQuery({ eventId }), enabled: may('evidence.read') });
  const files = query.data?.pages.flatMap((page) => page.items) ?? [];
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />;
  if (files.length === 0) return null;
  return (
    <section className="event-evidence" aria-label={t('title')}>
      <h3>{t('title')}</h3>
      {files.map((evidence, index) => (
        <details key={evidence.id} open={index === 0}>
          <summary>
            <span className="evidence-name">{evidence.name || t(`kind.${kindOf(evidence)}`)}</span>
            <StatusMark {...evidenceLooks[evidence.state]} word={t(`state.${evidence.state}`)} />
          </summary>
          <EvidenceDetails evidence={evidence} zone={zone} />
        </details>
      ))}
    </section>
  );
}

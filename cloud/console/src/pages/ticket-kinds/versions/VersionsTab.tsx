import { diffKinds } from '@hallhub/shared/ticket';
import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type KindPage, kindVersionQuery } from '../../../api/ticket-kinds.js';
import { useRights } from '../../../app/session.js';
import { Section } from '../../../ui/Page.js';
import { RelativeTime } from '../../../ui/RelativeTime.js';
import { SkeletonLines } from '../../../ui/Skeleton.js';
import { Empty, ErrorState } from '../../../ui/states.js';
import { useDoerName } from '../../tickets/use-doer-name.js';
import { useDesigner } from '../draft/designer.js';
import { Labelled } from '../parts/Labelled.js';
import { Differences } from './Differences.js';
import { KindStanding } from './KindStanding.js';
import { KindWhatIf } from './KindWhatIf.js';
import { MoveTickets } from './MoveTickets.js';

/** What was published when, what differs, and whom of the running tickets to take along. */
export function VersionsTab({ page, version }: { page: KindPage; version: () => number }) {
  const may = useRights();
  const { t } = useTranslation('ticketKinds');
  const { kind, mayWrite } = useDesigner();
  const doer = useDoerName();
  const [from, setFrom] = useState(page.published?.version);
  const [to, setTo] = useState<number | 'draft'>('draft');
  const old = useQuery({ ...kindVersionQuery(page.code, from ?? 0), enabled: from !== undefined });
  const next = useQuery({ ...kindVersionQuery(page.code, to === 'draft' ? 0 : to), enabled: to !== 'draft' });
  const published = useQuery({
    ...kindVersionQuery(page.code, page.published?.version ?? 0),
    enabled: page.published !== null,
  });
  const isChanged = published.data !== undefined && diffKinds(published.data.document, kind).length > 0;
  const standing = may('ticketkind.write') ? (
    <KindStanding page={page} version={version} isChanged={isChanged} />
  ) : null;
  if (page.versions.length === 0)
    return (
      <div className="tk-columns">
        <Empty title={t('versions.none')} hint={t('versions.noneHint')} />
        {standing}
      </div>
    );
  const versions = page.versions.map(({ version }) => ({ value: version, label: t('versions.n', { n: version }) }));
  const b = to === 'draft' ? kind : next.data?.document;
  return (
    <div className="tk-columns">
      <div className="tk-column">
        <Section title={t('versions.title')}>
          <ul className="tk-versions">
            {page.versions.map((one) => (
              <li key={one.version}>
                <span>{t('versions.n', { n: one.version })}</span>
                <span className="soft small grow">
                  <RelativeTime time={one.at} /> · {doer({ id: null, name: one.by })}
                </span>
                <span className="faint small">{t('versions.tickets', { count: one.tickets })}</span>
              </li>
            ))}
          </ul>
        </Section>
        {mayWrite && page.published ? <MoveTickets page={page} published={page.published.version} /> : null}
        {standing}
      </div>
      <div className="tk-column">
        <Section title={t('diff.title')}>
          <div className="tk-form">
            <Labelled label={t('diff.from')}>
              {(id) => <Select<number> id={id} value={from ?? null} options={versions} onChange={setFrom} />}
            </Labelled>
            <Labelled label={t('diff.to')}>
              {(id) => (
                <Select<number | 'draft'>
                  id={id}
                  value={to}
                  options={[{ value: 'draft', label: t('diff.draft') }, ...versions]}
                  onChange={setTo}
                />
              )}
            </Labelled>
          </div>
          {old.error || next.error ? (
            <ErrorState compact error={old.error ?? next.error} onRetry={() => void old.refetch()} />
          ) : old.data && b ? (
            <Differences a={old.data.document} b={b} />
          ) : (
            <SkeletonLines />
          )}
        </Section>
        <KindWhatIf />
      </div>
    </div>
  );
}

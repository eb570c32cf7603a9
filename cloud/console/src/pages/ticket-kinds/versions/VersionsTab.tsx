import type { Label } from '@hallhub/shared';
import { diffKinds, type KindChange, type TicketKind } from '@hallhub/shared/ticket';
import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type KindPage, kindVersionQuery } from '../../../api/ticket-kinds.js';
import { useRights } from '../../../app/session.js';
import { useLabel } from '../../../i18n/use-language.js';
import { Section } from '../../../ui/Page.js';
import { RelativeTime } from '../../../ui/RelativeTime.js';
import { SkeletonLines } from '../../../ui/Skeleton.js';
import { Empty, ErrorState } from '../../../ui/states.js';
import { useDesigner } from '../draft/designer.js';
import { Labelled } from '../parts/Labelled.js';
import { KindStanding } from './KindStanding.js';
import { KindWhatIf } from './KindWhatIf.js';
import { MoveTickets } from './MoveTickets.js';

/** What was published when, what differs, and whom of the running tickets to take along. */
export function VersionsTab({ page, version }: { page: KindPage; version: () => number }) {
  const may = useRights();
  const { t } = useTranslation('ticketKinds');
  const { kind, mayWrite } = useDesigner();
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
      <Section title={t('versions.title')}>
        <ul className="tk-versions">
          {page.versions.map((one) => (
            <li key={one.version}>
              <span>{t('versions.n', { n: one.version })}</span>
              <span className="soft small grow">
                <RelativeTime time={one.at} /> · {one.by}
              </span>
              <span className="faint small">{t('versions.tickets', { count: one.tickets })}</span>
            </li>
          ))}
        </ul>
      </Section>
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
      {standing}
      <KindWhatIf />
      {mayWrite && page.published ? <MoveTickets page={page} published={page.published.version} /> : null}
    </div>
  );
}

const marks = { added: '+', removed: '−', changed: '~' } as const;

function Differences({ a, b }: { a: TicketKind; b: TicketKind }) {
  const { t } = useTranslation('ticketKinds');
  const changes = useMemo(() => diffKinds(a, b), [a, b]);
  if (changes.length === 0) return <p className="soft tk-same">{t('diff.same')}</p>;
  return (
    <ul className="tk-diff" aria-label={t('diff.title')}>
      {changes.map((change) => (
        <li key={`${change.path} ${change.property} ${change.change}`} className={`is-${change.change}`}>
          <span className="tk-diff-mark" aria-hidden="true">
            {marks[change.change]}
          </span>
          <Sentence change={change} />
        </li>
      ))}
    </ul>
  );
}

function Sentence({ change }: { change: KindChange }) {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const name = label(change.name);
  const within = change.within ? `${label(change.within)} · ` : '';
  const what = change.part === 'kind' ? '' : t(`diff.part.${change.part}`);
  const subject =
    change.part === 'right' ? `${within}${t(`diff.right.${change.property as 'edit'}`)}` : `${within}${what}`;
  const property =
    change.property && change.part !== 'right'
      ? t(`property.${change.property}`, { defaultValue: change.property })
      : '';
  return (
    <div className="grow">
      <span className="soft">{subject}</span>{' '}
      {change.part === 'layout' || change.property === 'order' ? null : <span>{name}</span>}{' '}
      <span className="faint">{property || t(`diff.change.${change.change}`)}</span>
      {change.from !== undefined || change.to !== undefined ? (
        <span className="tk-diff-values">
          <Value value={without(change.from, change.to)} /> → <Value value={without(change.to, change.from)} />
        </span>
      ) : null}
    </div>
  );
}

const areLabels = (value: unknown): value is Label[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => typeof one?.zh === 'string');

/** Of a list of texts, those that the other one has not. */
const without = (value: unknown, other: unknown): unknown => {
  if (!areLabels(value) || !areLabels(other)) return value;
  const there = new Set(other.map(({ zh, en }) => JSON.stringify([zh, en])));
  return value.filter(({ zh, en }) => !there.has(JSON.stringify([zh, en])));
};

function Value({ value }: { value: unknown }) {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  if (value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0))
    return <span className="faint">{t('diff.nothing')}</span>;
  if (typeof value === 'boolean') return t(value ? 'diff.yes' : 'diff.no');
  if (typeof value === 'string' || typeof value === 'number') return <code>{String(value)}</code>;
  if (areLabels(value)) return <span>{value.map((one) => label(one)).join(' / ')}</span>;
  if (typeof value === 'object' && 'zh' in value) return <span>{label(value as { zh: string })}</span>;
  return <code>{JSON.stringify(value)}</code>;
}

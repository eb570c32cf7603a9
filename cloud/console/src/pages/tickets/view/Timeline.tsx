import { useQuery } from '@tanstack/react-query';
import { Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ticketHistoryQuery } from '../../../api/tickets.js';
import { formatDuration, formatExact } from '../../../format/time.js';
import { useLabel, useLanguage } from '../../../i18n/use-language.js';
import { RelativeTime } from '../../../ui/RelativeTime.js';
import { SkeletonLines } from '../../../ui/Skeleton.js';
import { ErrorState } from '../../../ui/states.js';
import { useDoerName } from '../use-doer-name.js';
import { groupLines, type HistoryGroup, hasWords } from './group-lines.js';
import { isQuiet, type Sentence, sayLine } from './say-line.js';

/** The sentences of one act, doer first. */
export function ActSentences({ group }: { group: HistoryGroup }) {
  const { t } = useTranslation(['tickets', 'ticketDesk']);
  const label = useLabel();
  const language = useLanguage();
  // The keys are made of the API's own words: which there are, `say-line.test.ts` holds.
  const say = ({ key, values }: Sentence) => String(t(key as 'line.made', values as never));
  const words = {
    label,
    list: (names: readonly string[]) => names.join(t('and')),
    span: (minutes: number) => formatDuration(minutes * 60_000, language),
  };
  const doer = useDoerName();
  const lines = group.lines.filter((line) => !isQuiet(line, group.lines));
  const shown = lines.length > 0 ? lines : group.lines;
  return (
    <>
      <span className="line-doer">
        {group.onBehalfOf ? t('line.behalf', { name: group.by.name, other: group.onBehalfOf.name }) : doer(group.by)}
      </span>{' '}
      {shown.map((line) => say(sayLine(line, words, group.lines))).join(t('line.join'))}
    </>
  );
}

/** What people wrote at one act, word for word: their opinion, and into texts of the form that others may write anew. */
export function ActWords({ group, className }: { group: HistoryGroup; className: string }) {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  const written = group.lines.flatMap(({ seq, fields }) =>
    // Said to the act as well: once is enough.
    fields
      .filter(({ words }) => words !== null && words !== group.opinion)
      .map((field) => ({ ...field, id: `${seq} ${field.key}` })),
  );
  return (
    <>
      {group.opinion ? <blockquote className={className}>{group.opinion}</blockquote> : null}
      {written.map(({ id, label: name, words }) => (
        <blockquote key={id} className={className}>
          {t('line.wrote', { field: label(name), words })}
        </blockquote>
      ))}
    </>
  );
}

/** So many are seen at once: what stands below is reached, however much happened. */
const shownAtFirst = 40;

/** All that happened, newest first, as sentences; or what people said to each other alone. */
export function Timeline({ ticketId }: { ticketId: string }) {
  const { t } = useTranslation(['tickets', 'ticketDesk']);
  const query = useQuery(ticketHistoryQuery(ticketId));
  const [isWhole, setIsWhole] = useState(false);
  const [isTalk, setIsTalk] = useState(false);
  if (!query.data) {
    return query.error ? (
      <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
    ) : (
      <SkeletonLines lines={6} />
    );
  }
  const all = groupLines(query.data.items);
  const talk = all.filter(hasWords);
  const groups = isTalk ? talk : all;
  const shown = isWhole ? groups : groups.slice(0, shownAtFirst);
  return (
    <>
      {isTalk || (talk.length > 0 && talk.length < all.length) ? (
        <Segmented
          size="small"
          className="timeline-choice"
          aria-label={t('history.label')}
          value={isTalk ? 'talk' : 'all'}
          options={(['all', 'talk'] as const).map((value) => ({ value, label: t(`history.${value}`) }))}
          onChange={(value) => setIsTalk(value === 'talk')}
        />
      ) : null}
      <ol className="timeline" aria-label={t(isTalk ? 'history.talk' : 'section.history')}>
        {shown.map((group) => (
          <li key={group.key} className="timeline-act">
            <p>
              <ActSentences group={group} />
            </p>
            <ActWords group={group} className="timeline-opinion" />
            <span className="small faint" title={formatExact(group.at)}>
              <RelativeTime time={group.at} />
            </span>
          </li>
        ))}
      </ol>
      {groups.length > shown.length ? (
        <button type="button" className="text-button" onClick={() => setIsWhole(true)}>
          {t('ticketDesk:earlier', { count: groups.length - shown.length })}
        </button>
      ) : null}
    </>
  );
}

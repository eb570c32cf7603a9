import { useTranslation } from 'react-i18next';
import type { IncidentRow } from '../../api/incidents.js';
import { AppLink } from '../../app/AppLink.js';
import { formatDuration, formatExact } from '../../format/time.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { StatusMark } from '../../ui/StatusMark.js';

/** One incident as a ledger has it. */
export function IncidentItem({ row, zone }: { row: IncidentRow; zone: string }) {
  const { t } = useTranslation('incidents');
  const label = useLabel();
  const language = useLanguage();
  const span = (ms: number | null) => (ms === null ? '–' : formatDuration(Math.max(1_000, ms), language));
  const facts: [string, string | null][] = [
    [
      t('scope'),
      [row.scope, row.people === null ? null : t('peopleOf', { count: row.people })]
        .filter((one) => one !== null)
        .join(' · ') || null,
    ],
    [t('handling'), row.handling],
    [t('cause'), row.cause ?? (row.endedAt || row.outcome === 'cancelled' ? null : t('noCause'))],
    [t('prevention'), row.prevention],
  ];
  const about = [row.level, row.contract, row.nature].flatMap((one) =>
    one ? [label('label' in one ? one.label : one)] : [],
  );
  return (
    <li className={row.outcome === 'cancelled' ? 'is-cancelled' : undefined}>
      <div className="incidents-head">
        <span className="incidents-title">{row.title}</span>
        <AppLink to={paths.ticket(row.ticketId)}>{row.number}</AppLink>
        <span className="soft small">{label(row.state)}</span>
        {row.outcome === 'cancelled' ? <span className="faint small">{t('cancelled')}</span> : null}
      </div>
      <p className="small soft">
        {[formatExact(row.madeAt, zone), row.hallName, ...about].filter((one) => one !== null).join(' · ')}
      </p>
      <p className="small">
        {t('times', { answer: span(row.answerMs), arrive: span(row.arriveMs), restore: span(row.restoreMs) })}
      </p>
      {row.clocks.length > 0 ? (
        <p className="incidents-clocks small">
          {row.clocks.map((clock) => (
            <StatusMark
              key={clock.clock}
              tone={clock.met === false ? 'bad' : 'quiet'}
              shape={clock.met === false ? 'cross' : clock.met === null ? 'half' : 'check'}
              word={`${label(clock.label)} ${t(clock.met === false ? 'notMet' : clock.met === null ? 'running' : 'met')}`}
              title={`${span(clock.usedMs)} / ${span(clock.promisedMs)}`}
            />
          ))}
        </p>
      ) : null}
      {facts.map(([name, text]) =>
        text === null ? null : (
          <p key={name} className="small">
            <span className="faint">{name}</span> {text}
          </p>
        ),
      )}
    </li>
  );
}

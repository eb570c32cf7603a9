import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { type ClockStory, ticketClocksQuery } from '../../../api/tickets.js';
import { formatDuration, formatStamp } from '../../../format/time.js';
import { useLabel, useLanguage } from '../../../i18n/use-language.js';
import { Skeleton } from '../../../ui/Skeleton.js';
import { ErrorState } from '../../../ui/states.js';
import { useNow } from '../../../ui/use-now.js';
import { DueMark } from '../marks.js';
import { ClockIf } from './ClockIf.js';
import { clockStrip } from './clock-strip.js';
import './clocks.css';

/** Every clock of a ticket, with where its time went. */
export function ClockList({ ticketId }: { ticketId: string }) {
  const { t } = useTranslation('tickets');
  const query = useQuery(ticketClocksQuery(ticketId));
  if (!query.data) {
    return query.error ? (
      <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
    ) : (
      <Skeleton width="100%" height={64} />
    );
  }
  const { items } = query.data;
  if (items.length === 0) return <p className="soft">{t('clock.none')}</p>;
  // What runs stands first; what is over is there to be looked up.
  const sorted = [...items].sort((a, b) => Number(a.endedAt !== null) - Number(b.endedAt !== null));
  return (
    <>
      <ul className="clock-list">
        {sorted.map((story) => (
          <li key={`${story.clock}${story.run}`}>
            <ClockBar story={story} />
          </li>
        ))}
      </ul>
      {items.some(({ endedAt }) => endedAt === null) ? <ClockIf ticketId={ticketId} /> : null}
    </>
  );
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const standing = ['night', 'holiday', 'paused'] as const;

/** One clock: what it promises, how much is used, and every stretch with its reason. */
export function ClockBar({ story }: { story: ClockStory }) {
  const { t } = useTranslation(['tickets', 'ticketDesk']);
  const label = useLabel();
  const language = useLanguage();
  const now = useNow(30_000);
  const strip = clockStrip(story, now);
  const short = (ms: number) => formatStamp(ms).slice(5, 16);
  const time = (ms: number) => formatDuration(Math.max(ms, 1_000), language);
  const why = (part: (typeof strip.parts)[number]) => {
    if (part.why === 'ahead') return t('clock.ahead');
    if (part.about.kind === 'holiday') {
      return part.about.name ? label(part.about.name) : t('clock.holidayOn', { date: part.about.date.slice(5) });
    }
    if (part.about.kind === 'paused') return t('clock.pausedIn', { state: label(part.about.state.label) });
    return t(part.over ? 'clock.over' : `clock.${part.about.kind}`);
  };
  const used = story.endedAt === null && !story.isPaused ? Math.max(story.usedMs, strip.totals.runs) : story.usedMs;
  // A day of office hours is no day: beyond one, what is counted within them is said in hours.
  const isAlways = story.calendar === 'always';
  const span = (ms: number) =>
    isAlways || ms < dayMs ? time(ms) : t('ticketDesk:hours', { count: Math.round(ms / hourMs) });
  const spans = { used: span(used), promised: span(story.promisedMs) };
  return (
    <div className={story.endedAt === null ? 'clock' : 'clock is-over'}>
      <div className="clock-head">
        <span className="clock-name">{label(story.label)}</span>
        {story.requesters ? <span className="clock-tag">{t('clock.requesters')}</span> : null}
        {story.run > 1 ? <span className="faint small">{t('clock.run', { count: story.run })}</span> : null}
        <span className="grow" />
        {story.isPaused ? <span className="small soft">{t('clock.still')}</span> : null}
        {story.isPaused ? null : (
          <DueMark light={story.light} dueAt={story.dueAt} isOver={story.endedAt !== null} off={story.brokenOff} />
        )}
      </div>
      <div className="clock-strip">
        {strip.parts.map((part) => (
          <span
            key={part.key}
            className={part.over ? 'clock-part is-over' : `clock-part is-${part.why}`}
            style={{ flexGrow: Math.max(part.share, 0.004) }}
            title={`${why(part)} · ${short(part.fromMs)} – ${short(part.toMs)} · ${time(part.toMs - part.fromMs)}`}
          />
        ))}
        {strip.dueShare !== undefined ? (
          <span className="clock-due" style={{ insetInlineStart: `${strip.dueShare * 100}%` }} title={t('clock.due')} />
        ) : null}
      </div>
      <div className="clock-foot small">
        <span className="faint">{short(strip.fromMs)}</span>
        <span className="faint">
          {story.dueAt && story.endedAt === null
            ? t('clock.dueAt', { time: short(Date.parse(story.dueAt)) })
            : short(strip.toMs)}
        </span>
      </div>
      <p className="clock-sum small soft">
        {isAlways ? t('clock.used', spans) : t('ticketDesk:workingTime', spans)}
        {story.extendedMs > 0 ? ` · ${t('clock.extended', { time: span(story.extendedMs) })}` : ''}
        {standing
          .filter((reason) => strip.totals[reason] >= 60_000)
          .map((reason) => ` · ${t(`clock.sum.${reason}`, { time: time(strip.totals[reason]) })}`)
          .join('')}
      </p>
      {story.stretches.length > 1 || story.notes.length > 0 ? (
        <details className="clock-more small">
          <summary>{t('clock.explain')}</summary>
          <ol>
            {strip.parts
              .filter((part) => part.why !== 'ahead')
              .map((part) => (
                <li key={part.key} className="clock-stretch">
                  <span
                    className={part.over ? 'clock-swatch is-over' : `clock-swatch is-${part.why}`}
                    aria-hidden="true"
                  />
                  <span className="faint nowrap">
                    {short(part.fromMs)} – {short(part.toMs)}
                  </span>
                  <span className="grow">{why(part)}</span>
                  <span className="nowrap">{time(part.toMs - part.fromMs)}</span>
                </li>
              ))}
            {story.notes.map((note) => (
              <li key={`${note.at}${note.what}`} className="clock-stretch">
                <span className="clock-swatch is-note" aria-hidden="true" />
                <span className="faint nowrap">{short(Date.parse(note.at))}</span>
                <span className="grow">
                  {t(`clock.note.${note.what}`, { names: note.to.map(({ name }) => name).join(t('and')) })}
                </span>
              </li>
            ))}
          </ol>
        </details>
      ) : null}
    </div>
  );
}

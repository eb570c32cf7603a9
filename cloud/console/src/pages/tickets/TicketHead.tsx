import { useTranslation } from 'react-i18next';
import type { TicketPage } from '../../api/tickets.js';
import { AppLink } from '../../app/AppLink.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { ownLight, RowDue, StateMark, TroubleMarks } from './marks.js';
import { useDoerName } from './use-doer-name.js';
import { useSourceName } from './use-source-name.js';

/** How it stands, at a glance: state, time left, what happened to it. */
export function TicketMarks({ page }: { page: TicketPage }) {
  const label = useLabel();
  return (
    <span className="row row-wrap">
      <StateMark state={page.state} />
      {page.document.clocks.length > 0 && ownLight(page) ? <RowDue row={page} /> : null}
      {page.level ? <span className="trouble-mark">{label(page.level.label)}</span> : null}
      <TroubleMarks row={page} />
    </span>
  );
}

/** What it is and where it comes from, in one line. */
export function TicketOrigin({ page }: { page: TicketPage }) {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  const source = useSourceName();
  const doer = useDoerName();
  // A form has no name beside being one.
  const madeBy = page.source === 'web_form' ? undefined : doer(page.madeBy);
  return (
    <p className="ticket-origin small soft">
      <code>{page.number}</code>
      <span>
        {label(page.kind.label)} · {t('version', { version: page.kind.version })}
      </span>
      <span>
        {source(page.source)} · {madeBy ? `${madeBy} · ` : null}
        <RelativeTime time={page.madeAt} />
      </span>
      {page.hall ? <AppLink to={paths.place(page.hall.id)}>{page.hall.name}</AppLink> : null}
      {page.device ? <AppLink to={paths.device(page.device.id)}>{page.device.name}</AppLink> : null}
      {page.alarm ? (
        <AppLink to={paths.alarms()} search={{ id: page.alarm.id }}>
          {t('alarm', { message: label(page.alarm.message) })}
        </AppLink>
      ) : null}
    </p>
  );
}

/** What else there is of the same requester or matter: said where one decides. */
export function RepeatNote({ page }: { page: TicketPage }) {
  const { t } = useTranslation('tickets');
  if (page.repeats === 0) return null;
  return (
    <p className="repeat-note">
      <AppLink to={paths.tickets()} search={{ view: 'all', requesterOf: page.id }}>
        {t('repeats', { count: page.repeats, days: page.document.duplicatesWithinDays })}
      </AppLink>
    </p>
  );
}

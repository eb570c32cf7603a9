import { useTranslation } from 'react-i18next';
import type { Alike, LikenessReason } from '../../../api/ticket-assist.js';
import type { TicketPage } from '../../../api/tickets.js';
import { AppLink } from '../../../app/AppLink.js';
import { useLabel } from '../../../i18n/use-language.js';
import { paths } from '../../../paths.js';
import { RelativeTime } from '../../../ui/RelativeTime.js';
import { TieButton } from '../event/TieButton.js';

/** Tickets that may be the same matter, with what they have in common; a ticket that is there already is tied to one by a press. */
export function AlikeList({ items, page }: { items: readonly Alike[]; page?: TicketPage | undefined }) {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  const say = (reason: LikenessReason): string => {
    switch (reason.because) {
      case 'place':
        return t('assist.reason.place', { metres: reason.metres });
      case 'words':
        return t('assist.reason.words', { percent: Math.round(reason.share * 100) });
      case 'time':
        return reason.hours < 1 ? t('assist.reason.soon') : t('assist.reason.time', { count: reason.hours });
      default:
        return t(`assist.reason.${reason.because}`);
    }
  };
  return (
    <ul className="assist-list">
      {items.map(({ as, because, ticket }) => (
        <li key={ticket.id}>
          <div className="row row-wrap">
            <span className={`assist-as assist-${as}`}>{t(`assist.as.${as}`)}</span>
            <AppLink to={paths.ticket(ticket.id)} className="grow clip">
              {ticket.title}
            </AppLink>
          </div>
          <span className="small soft">
            {ticket.number} · {label(ticket.state.label)} · <RelativeTime time={ticket.madeAt} />
          </span>
          <span className="small faint">{because.map(say).join(' · ')}</span>
          {page ? <TieButton page={page} other={ticket} /> : null}
        </li>
      ))}
    </ul>
  );
}

import { useTranslation } from 'react-i18next';
import type { TicketPage } from '../../../api/tickets.js';
import { AppLink } from '../../../app/AppLink.js';
import { paths } from '../../../paths.js';
import { LightMark, StateMark } from '../marks.js';
import { Unlink } from './Unlink.js';

/** Tickets that belong with this one, each with how and how it stands. */
export function LinkList({ page, links }: { page: TicketPage; links: TicketPage['links'] }) {
  const { t } = useTranslation('tickets');
  return (
    <ul className="link-list">
      {links.map(({ how, ticket }) => (
        <li key={`${how}${ticket.id}`} className="link-row">
          <AppLink to={paths.ticket(ticket.id)} className="linked">
            <span className="small faint nowrap linked-how">{t(`link.${how}`)}</span>
            <span className="clip grow">
              <code className="small">{ticket.number}</code> {ticket.title || t('untitled')}
            </span>
            {ticket.light === 'red' || ticket.light === 'yellow' ? <LightMark light={ticket.light} bare /> : null}
            <StateMark state={ticket.state} />
          </AppLink>
          <Unlink page={page} link={{ how, ticket }} />
        </li>
      ))}
    </ul>
  );
}

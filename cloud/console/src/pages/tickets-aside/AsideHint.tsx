import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ticketsAsideQuery } from '../../api/tickets-aside.js';
import { AppLink } from '../../app/AppLink.js';
import { paths } from '../../paths.js';
import { StatusMark } from '../../ui/StatusMark.js';
import './tickets-aside.css';

/** Above a list: that some tickets have no clocks now. Nothing where none is aside, or the reader may not know. */
export function AsideHint() {
  const { t } = useTranslation('tickets');
  const { data } = useQuery(ticketsAsideQuery);
  if (!data || data.total === 0) return null;
  const tickets = new Set(data.items.map(({ ticket }) => ticket.id)).size;
  return (
    <p className="aside-hint small">
      <StatusMark tone="warn" shape="triangle" word={t('aside.hint', { count: tickets })} />
      <AppLink to={paths.ticketsAside()}>{t('aside.look')}</AppLink>
    </p>
  );
}

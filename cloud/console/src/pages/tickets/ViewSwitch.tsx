import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { ticketCountsQuery } from '../../api/tickets.js';
import { type TicketViewName, views } from './ticket-search.js';

/** Whose list it is. What waits for me is counted, and what of it burns. */
export function ViewSwitch({ value, onChange }: { value: TicketViewName; onChange: (view: TicketViewName) => void }) {
  const { t } = useTranslation('tickets');
  const { data: counts } = useQuery(ticketCountsQuery);
  const countOf = (view: TicketViewName) => (view === 'office' || view === 'all' ? undefined : counts?.[view]);
  return (
    <div className="view-switch" role="toolbar" aria-label={t('view.label')}>
      {views.map((view) => {
        const count = countOf(view);
        const red = view === 'todo' ? (counts?.todoRed ?? 0) : 0;
        return (
          <button
            key={view}
            type="button"
            aria-pressed={view === value}
            className={view === value ? 'view-choice is-active' : 'view-choice'}
            onClick={() => onChange(view)}
          >
            {t(`view.${view}`)}
            {count !== undefined && count > 0 && (view === 'todo' || view === 'handled') ? (
              <span className="view-count">{count}</span>
            ) : null}
            {red > 0 ? (
              <span className="view-count is-red" title={t('view.red', { count: red })}>
                {red}
              </span>
            ) : null}
          </button>
        );
      })}
    </div>
  );
}

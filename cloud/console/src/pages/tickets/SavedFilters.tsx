import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Input, Popover } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { dropTicketFilter, keepTicketFilter, ticketFiltersQuery } from '../../api/tickets.js';
import { Icon } from '../../ui/icons.js';
import { useProblemText } from '../../ui/problem-text.js';
import { countNarrowing, keptQuery, searchOfKept, type TicketSearch } from './ticket-search.js';

interface SavedFiltersProps {
  search: TicketSearch;
  onChange: (patch: Partial<TicketSearch>) => void;
}

/** One's own filters under names: taken up with one press, kept and dropped in place. */
export function SavedFilters({ search, onChange }: SavedFiltersProps) {
  const { t } = useTranslation('tickets');
  const { message } = App.useApp();
  const client = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [name, setName] = useState('');
  const list = useQuery(ticketFiltersQuery);
  const refetch = () => void client.invalidateQueries({ queryKey: ticketFiltersQuery.queryKey });
  const keep = useMutation({
    mutationFn: () => keepTicketFilter({ name: name.trim(), filter: keptQuery(search) }),
    onSuccess: () => {
      setName('');
      refetch();
      void message.success(t('saved.kept'));
    },
  });
  const drop = useMutation({ mutationFn: dropTicketFilter, onSettled: refetch });
  const problem = useProblemText(keep.error ?? drop.error ?? list.error);
  const filters = list.data?.items ?? [];
  return (
    <Popover
      open={isOpen}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomRight"
      arrow={false}
      content={
        <div className="saved-filters">
          {filters.length === 0 ? <p className="soft small">{t('saved.none')}</p> : null}
          <ul>
            {filters.map((filter) => (
              <li key={filter.id} className="row">
                <button
                  type="button"
                  className="saved-filter grow clip"
                  onClick={() => {
                    setOpen(false);
                    onChange(searchOfKept(filter.filter));
                  }}
                >
                  {filter.name}
                </button>
                <Button
                  type="text"
                  size="small"
                  icon={<Icon name="close" size={14} />}
                  aria-label={t('saved.drop', { name: filter.name })}
                  onClick={() => drop.mutate(filter.id)}
                />
              </li>
            ))}
          </ul>
          {countNarrowing(search) > 0 ? (
            <form
              className="row"
              onSubmit={(event) => {
                event.preventDefault();
                if (name.trim()) keep.mutate();
              }}
            >
              <Input
                size="small"
                value={name}
                maxLength={60}
                placeholder={t('saved.name')}
                aria-label={t('saved.name')}
                onChange={(event) => setName(event.target.value)}
              />
              <Button size="small" htmlType="submit" disabled={!name.trim()} loading={keep.isPending}>
                {t('saved.keep')}
              </Button>
            </form>
          ) : (
            <p className="faint small">{t('saved.hint')}</p>
          )}
          {(keep.error ?? drop.error ?? list.error) ? (
            <p role="alert" className="problem-inline small">
              {problem.what} {problem.next}
            </p>
          ) : null}
        </div>
      }
    >
      <Button type="text" icon={<Icon name="star" size={16} />}>
        {t('saved.label')}
      </Button>
    </Popover>
  );
}

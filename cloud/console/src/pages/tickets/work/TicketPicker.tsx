import { useInfiniteQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ticketsQuery } from '../../../api/tickets.js';

interface TicketPickerProps {
  id?: string;
  /** Not itself. */
  notId: string;
  value: string | undefined;
  onChange: (ticketId: string | undefined) => void;
}

/** Another ticket by number, title or any word in it. */
export function TicketPicker({ id, notId, value, onChange }: TicketPickerProps) {
  const { t } = useTranslation('tickets');
  const [text, setText] = useState('');
  const q = useDeferredValue(text.trim());
  const query = useInfiniteQuery({
    ...ticketsQuery({ view: 'all', q: q || undefined, sort: '-made', limit: 20 }),
    placeholderData: (before) => before,
  });
  const rows = query.data?.pages.flatMap(({ items }) => items).filter((row) => row.id !== notId) ?? [];
  return (
    <Select
      {...(id ? { id } : {})}
      allowClear
      className="field-number"
      aria-label={t('act.ticket')}
      placeholder={t('act.ticketHint')}
      loading={query.isFetching}
      notFoundContent={t('act.ticketNone')}
      showSearch={{ filterOption: false, onSearch: setText }}
      options={rows.map((row) => ({ value: row.id, label: `${row.number} · ${row.title}` }))}
      value={value ?? null}
      onChange={(next) => onChange(next ?? undefined)}
    />
  );
}

import { useQuery } from '@tanstack/react-query';
import { Select } from 'antd';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Listing } from '../../../api/listing.js';
import type { User } from '../../../api/people.js';
import { get } from '../../../api/request.js';
import { officeChoicesQuery, partiesQuery } from '../../../api/tickets.js';
import { useLabel } from '../../../i18n/use-language.js';

interface PartyFieldProps {
  id: string;
  disabled: boolean;
  status: 'error' | '';
  kind: 'person' | 'office';
  ticketId: string | undefined;
  value: string;
  onChange: (value: string | null) => void;
}

/** A person or an office by name. Of a ticket that is still to be made, from the lists that this person may read. */
export function PartyField({ kind, ticketId, value, onChange, ...given }: PartyFieldProps) {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  const [text, setText] = useState('');
  const q = useDeferredValue(text.trim());
  const ofTicket = useQuery({ ...partiesQuery(ticketId ?? '', q), enabled: ticketId !== undefined });
  const offices = useQuery({ ...officeChoicesQuery, enabled: ticketId === undefined && kind === 'office' });
  const people = useQuery({
    queryKey: ['users', 'choice', q],
    queryFn: ({ signal }) => get<Listing<User>>('/users', { query: { q: q || undefined, limit: 30 }, signal }),
    enabled: ticketId === undefined && kind === 'person',
    placeholderData: (before) => before,
  });
  const options =
    ticketId !== undefined
      ? (ofTicket.data?.items ?? [])
          .filter((one) => one.kind === kind)
          .map(({ id, name, officeName }) => ({ value: id, label: officeName ? `${name} · ${officeName}` : name }))
      : kind === 'office'
        ? (offices.data?.items ?? []).map(({ id, name }) => ({ value: id, label: label(name) }))
        : (people.data?.items ?? []).map(({ id, displayName }) => ({ value: id, label: displayName }));
  return (
    <Select
      {...given}
      allowClear
      showSearch={{ optionFilterProp: 'label', onSearch: setText }}
      placeholder={t(`party.${kind}`)}
      notFoundContent={t('party.none')}
      options={options}
      value={value || null}
      onChange={(next) => onChange(next ?? null)}
    />
  );
}

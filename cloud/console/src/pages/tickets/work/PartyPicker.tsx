import { useQuery } from '@tanstack/react-query';
import { Select, Tag } from 'antd';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Party, partiesQuery } from '../../../api/tickets.js';
import type { ChosenParty } from './act-command.js';

interface PartyPickerProps {
  id?: string;
  ticketId: string;
  label: string;
  most: number;
  /** Of several the first leads. */
  lead?: boolean;
  value: readonly ChosenParty[];
  onChange: (parties: ChosenParty[]) => void;
  autoFocus?: boolean;
}

const keyOf = ({ kind, id }: Party): string => `${kind}:${id}`;

/** Offices and people to hand a ticket to; offices first, people with their office beside them. */
export function PartyPicker({ id, ticketId, label, most, lead, value, onChange, autoFocus }: PartyPickerProps) {
  const { t } = useTranslation('tickets');
  const [text, setText] = useState('');
  const q = useDeferredValue(text.trim());
  const query = useQuery(partiesQuery(ticketId, q));
  // Who is chosen may be none of those found: from a draft, by a suggestion, or before other words were typed.
  const all = new Map((query.data?.items ?? []).map((one) => [keyOf(one), one]));
  for (const one of value) {
    if (!all.has(keyOf(one))) all.set(keyOf(one), { ...one, name: one.name ?? '' });
  }
  const groups = (['office', 'person'] as const).map((kind) => ({
    label: t(`party.${kind}s`),
    options: [...all.values()]
      .filter((one) => one.kind === kind)
      .map((one) => ({
        value: keyOf(one),
        label: one.officeName && kind === 'person' ? `${one.name} · ${one.officeName}` : one.name,
      })),
  }));
  const choose = (keys: readonly string[]) =>
    onChange(
      keys.flatMap((key) => {
        const one = all.get(key);
        return one ? [{ kind: one.kind, id: one.id, name: one.name }] : [];
      }),
    );
  const given = {
    ...(id ? { id } : {}),
    autoFocus: autoFocus ?? false,
    className: 'field-number',
    'aria-label': label,
    loading: query.isFetching,
    notFoundContent: query.error ? t('party.failed') : t('party.none'),
    showSearch: { optionFilterProp: 'label', onSearch: setText },
    options: groups.filter(({ options }) => options.length > 0),
  };
  if (most === 1) {
    return (
      <Select
        {...given}
        allowClear
        placeholder={t('party.chooseOne')}
        value={value[0] ? keyOf(value[0]) : null}
        onChange={(key: string | null | undefined) => choose(key ? [key] : [])}
      />
    );
  }
  return (
    <Select
      {...given}
      mode="multiple"
      maxCount={most}
      placeholder={t(lead ? 'party.chooseLed' : 'party.chooseSome', { count: most })}
      tagRender={({ value: key, label: name, onClose }) => (
        <Tag closable onClose={onClose}>
          {lead && value.length > 1 && value[0] && key === keyOf(value[0]) ? t('party.leads', { name }) : name}
        </Tag>
      )}
      value={value.map(keyOf)}
      onChange={choose}
    />
  );
}

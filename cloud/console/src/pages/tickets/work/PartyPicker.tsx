import { useQuery } from '@tanstack/react-query';
import { Select, Tag } from 'antd';
import { useDeferredValue, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Party, type PartyChoice, partiesQuery } from '../../../api/tickets.js';

interface PartyPickerProps {
  id?: string;
  ticketId: string;
  label: string;
  most: number;
  /** Of several the first leads. */
  lead?: boolean;
  value: readonly Party[];
  onChange: (parties: Party[]) => void;
  autoFocus?: boolean;
}

const keyOf = ({ kind, id }: Party): string => `${kind}:${id}`;

/** Offices and people to hand a ticket to; offices first, people with their office beside them. */
export function PartyPicker({ id, ticketId, label, most, lead, value, onChange, autoFocus }: PartyPickerProps) {
  const { t } = useTranslation('tickets');
  const [text, setText] = useState('');
  const [known, setKnown] = useState<ReadonlyMap<string, PartyChoice>>(new Map());
  const q = useDeferredValue(text.trim());
  const query = useQuery(partiesQuery(ticketId, q));
  const found = query.data?.items ?? [];
  const all = new Map([...known, ...found.map((one) => [keyOf(one), one] as const)]);
  const groups = (['office', 'person'] as const).map((kind) => ({
    label: t(`party.${kind}s`),
    options: [...all.values()]
      .filter((one) => one.kind === kind)
      .map((one) => ({
        value: keyOf(one),
        label: one.officeName && kind === 'person' ? `${one.name} · ${one.officeName}` : one.name,
      })),
  }));
  return (
    <Select
      {...(id ? { id } : {})}
      mode="multiple"
      {...(most === 1 ? { maxCount: 1 } : { maxCount: most })}
      autoFocus={autoFocus ?? false}
      className="field-number"
      aria-label={label}
      placeholder={
        most === 1 ? t('party.chooseOne') : t(lead ? 'party.chooseLed' : 'party.chooseSome', { count: most })
      }
      loading={query.isFetching}
      notFoundContent={query.error ? t('party.failed') : t('party.none')}
      showSearch={{ optionFilterProp: 'label', onSearch: setText }}
      tagRender={({ value: key, label: name, onClose }) => (
        <Tag closable onClose={onClose}>
          {lead && value.length > 1 && value[0] && key === keyOf(value[0]) ? t('party.leads', { name }) : name}
        </Tag>
      )}
      options={groups.filter(({ options }) => options.length > 0)}
      value={value.map(keyOf)}
      onChange={(keys) => {
        setKnown(all);
        onChange(
          keys.flatMap((key) => {
            const one = all.get(key);
            return one ? [{ kind: one.kind, id: one.id } as Party] : [];
          }),
        );
      }}
    />
  );
}

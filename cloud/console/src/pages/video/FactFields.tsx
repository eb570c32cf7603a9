import type { Fact } from '@hallhub/shared/vision';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Button, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { deviceQuery, devicesQuery } from '../../api/devices.js';
import { useLabel } from '../../i18n/use-language.js';
import { FieldInput } from '../../ui/FieldInput.js';
import { Icon } from '../../ui/icons.js';

interface FactFieldsProps {
  value: readonly Fact[];
  unitId: string;
  onChange: (value: Fact[]) => void;
}

/** What has to hold at other devices of the hall: a counter that is signed on. */
export function FactFields({ value, unitId, onChange }: FactFieldsProps) {
  const { t } = useTranslation('video');
  return (
    <div className="stack">
      {value.map((fact, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a fact is its place in the row
        <div key={index} className="fact-row">
          <FactRow
            fact={fact}
            unitId={unitId}
            onChange={(next) => onChange(value.map((one, i) => (i === index ? next : one)))}
          />
          <Button
            type="text"
            icon={<Icon name="close" size={14} />}
            aria-label={t('remove')}
            onClick={() => onChange(value.filter((_one, i) => i !== index))}
          />
        </div>
      ))}
      {value.length < 4 ? (
        <div>
          <Button
            size="small"
            icon={<Icon name="plus" size={14} />}
            onClick={() => onChange([...value, { deviceId: '', property: '', equals: true }])}
          >
            {t('rule.addFact')}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function FactRow({ fact, unitId, onChange }: { fact: Fact; unitId: string; onChange: (fact: Fact) => void }) {
  const { t } = useTranslation('video');
  const label = useLabel();
  const devices = useInfiniteQuery(devicesQuery({ unitId }));
  const device = useQuery({ ...deviceQuery(fact.deviceId), enabled: fact.deviceId !== '' });
  const properties = (device.data?.thing?.properties ?? []).filter(({ type }) =>
    ['boolean', 'enum', 'string', 'integer', 'number'].includes(type),
  );
  const property = properties.find(({ id }) => id === fact.property);
  return (
    <div className="fact-fields">
      <Select
        aria-label={t('rule.factDevice')}
        placeholder={t('rule.factDevice')}
        showSearch={{ optionFilterProp: 'label' }}
        value={fact.deviceId || null}
        options={(devices.data?.pages.flatMap(({ items }) => items) ?? []).map((one) => ({
          value: one.id,
          label: label(one.name) || one.model,
        }))}
        onChange={(deviceId) => onChange({ deviceId: deviceId ?? '', property: '', equals: true })}
      />
      <Select
        aria-label={t('rule.factProperty')}
        placeholder={t('rule.factProperty')}
        value={fact.property || null}
        options={properties.map((one) => ({ value: one.id, label: label(one.label) }))}
        onChange={(id) => {
          const chosen = properties.find((one) => one.id === id);
          const first = chosen?.values?.[0]?.id;
          onChange({ ...fact, property: id ?? '', equals: chosen?.type === 'boolean' ? true : (first ?? 0) });
        }}
      />
      {property ? (
        <FieldInput
          field={property as never}
          value={fact.equals}
          onChange={(equals) => onChange({ ...fact, equals: equals as Fact['equals'] })}
        />
      ) : null}
    </div>
  );
}

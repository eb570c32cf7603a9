import type { ExchangeMapping } from '@hallhub/shared/exchange';
import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { MappingPart } from './MappingPart.js';
import { Arrow } from './RuleRows.js';
import type { Option } from './use-kind-names.js';

type Fields = NonNullable<ExchangeMapping['incoming']>['fields'];
const names = [
  ...['title', 'text', 'category', 'place', 'requesterName', 'requesterPhone', 'number', 'dueAt', 'files'],
] as (keyof Fields)[];

interface FieldMapProps {
  value: Fields;
  fields: Option[];
  onChange: (value: Fields) => void;
}

/** Which of the kind’s fields holds what a message says. */
export function FieldMap({ value, fields, onChange }: FieldMapProps) {
  const { t } = useTranslation('exchange');
  return (
    <MappingPart title={t('map.fields')}>
      <div className="mapping-rows">
        {names.map((name) => (
          <div key={name} className="mapping-row is-fixed">
            <span>{t(`map.field.${name}`)}</span>
            <Arrow />
            <Select
              value={value[name] ?? null}
              allowClear={name !== 'title'}
              showSearch={{ optionFilterProp: 'label' }}
              aria-label={t(`map.field.${name}`)}
              placeholder={t('map.notKept')}
              options={fields}
              onChange={(field) => {
                const { [name]: _, ...rest } = value;
                onChange((field ? { ...value, [name]: field } : rest) as Fields);
              }}
            />
          </div>
        ))}
      </div>
    </MappingPart>
  );
}

import type { Field } from '@hallhub/shared/thing';
import { Input, InputNumber, Segmented, Select, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { formatUnit } from '../format/ucum.js';
import { useLabel } from '../i18n/use-language.js';
import { useUnitText } from './Value.js';

interface FieldInputProps {
  field: Field;
  id?: string;
  value?: unknown;
  checked?: boolean;
  onChange?: (value: unknown) => void;
}

const longText = 80;

/** The control that fits a field's type: number with range and unit, switch, words to choose from, or text. */
export function FieldInput({ field, id, value, checked, onChange }: FieldInputProps) {
  const { t } = useTranslation();
  const label = useLabel();
  const unitText = useUnitText();
  const given = { ...(id ? { id } : {}), 'aria-label': label(field.label) };
  switch (field.type) {
    case 'boolean':
      // Without a default the choice is made, not assumed.
      return field.default === undefined ? (
        <Segmented
          {...given}
          options={[
            { value: 1, label: t('yes') },
            { value: 0, label: t('no') },
          ]}
          value={checked === undefined ? -1 : Number(checked)}
          onChange={(next) => onChange?.(next === 1)}
        />
      ) : (
        <Switch {...given} checked={checked ?? false} onChange={(next) => onChange?.(next)} />
      );
    case 'enum': {
      const options = (field.values ?? []).map((one) => ({ value: one.id, label: label(one.label) }));
      return options.length <= 4 ? (
        <Segmented {...given} options={options} value={(value as string) ?? ''} onChange={(next) => onChange?.(next)} />
      ) : (
        <Select
          {...given}
          showSearch
          allowClear={field.optional}
          options={options}
          value={(value as string) ?? null}
          onChange={(next) => onChange?.(next)}
        />
      );
    }
    case 'number':
    case 'integer':
      return (
        <InputNumber
          {...given}
          className="field-number"
          value={(value as number) ?? null}
          step={field.step ?? (field.type === 'integer' ? 1 : 0.1)}
          {...(field.decimals !== undefined ? { precision: field.decimals } : {})}
          suffix={unitText(formatUnit(field.unit))}
          placeholder={field.range ? `${field.range[0]} – ${field.range[1]}` : ''}
          onChange={(next) => onChange?.(next)}
        />
      );
    case 'string': {
      const text = {
        ...given,
        value: (value as string) ?? '',
        ...(field.maxLength !== undefined ? { count: { show: true, max: field.maxLength } } : {}),
        onChange: (event: { target: { value: string } }) => onChange?.(event.target.value),
      };
      return (field.maxLength ?? 0) > longText ? (
        <Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} {...text} />
      ) : (
        <Input {...text} />
      );
    }
  }
}

import type { Field } from '@hallhub/shared/thing';
import { Input, InputNumber, Segmented, Select } from 'antd';
import { formatUnit } from '../format/ucum.js';
import { useLabel } from '../i18n/use-language.js';
import { booleanKind } from '../thing/boolean-words.js';
import { controlOf } from '../thing/control.js';
import { useReader } from '../thing/use-value-text.js';
import { useUnitText } from './Value.js';

interface FieldInputProps {
  field: Field;
  id?: string;
  value?: unknown;
  onChange?: (value: unknown) => void;
}

/** The control that fits a field's type: number with range and unit, words to choose from, or text. */
export function FieldInput({ field, id, value, onChange }: FieldInputProps) {
  const label = useLabel();
  const unitText = useUnitText();
  const reader = useReader();
  const given = { ...(id ? { id } : {}), 'aria-label': label(field.label) };
  switch (controlOf(field)) {
    case 'choice': {
      if (field.type === 'boolean') {
        const options = [true, false].map((one) => ({
          value: Number(one),
          label: reader.yesNo(booleanKind(field), one),
        }));
        return (
          <Segmented
            {...given}
            options={options}
            // Without a default the choice is made, not assumed.
            value={typeof value === 'boolean' ? Number(value) : -1}
            onChange={(next) => onChange?.(next === 1)}
          />
        );
      }
      const options = (field.values ?? []).map((one) => ({ value: one.id, label: label(one.label) }));
      return (
        <Segmented {...given} options={options} value={(value as string) ?? ''} onChange={(next) => onChange?.(next)} />
      );
    }
    case 'select':
      return (
        <Select
          {...given}
          showSearch={{ optionFilterProp: 'label' }}
          allowClear={field.optional}
          options={(field.values ?? []).map((one) => ({ value: one.id, label: label(one.label) }))}
          value={(value as string) ?? null}
          onChange={(next) => onChange?.(next)}
        />
      );
    case 'number':
      return (
        <InputNumber
          {...given}
          className="field-number"
          inputMode={field.type === 'integer' && (field.range?.[0] ?? -1) >= 0 ? 'numeric' : 'decimal'}
          value={(value as number) ?? null}
          step={field.step ?? (field.type === 'integer' ? 1 : 10 ** -(field.decimals ?? 1))}
          {...(field.decimals !== undefined ? { precision: field.decimals } : {})}
          suffix={unitText(formatUnit(field.unit))}
          onChange={(next) => onChange?.(next)}
        />
      );
    case 'text':
    case 'longText': {
      const text = {
        ...given,
        value: (value as string) ?? '',
        ...(field.maxLength !== undefined ? { count: { show: true, max: field.maxLength } } : {}),
        onChange: (event: { target: { value: string } }) => onChange?.(event.target.value),
      };
      return controlOf(field) === 'longText' ? (
        <Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} {...text} />
      ) : (
        <Input {...text} />
      );
    }
  }
}

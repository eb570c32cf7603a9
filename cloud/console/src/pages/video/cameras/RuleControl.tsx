import { Button, Checkbox, ColorPicker, Input, InputNumber, Segmented, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../ui/icons.js';
import { hexOfLab, labOfHex } from '../lab-colour.js';
import type { RuleField } from '../rule-fields.js';

interface ControlProps {
  field: RuleField;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** The control of one setting, by its kind. */
export function RuleControl({ field, value, onChange }: ControlProps) {
  const { t } = useTranslation('video');
  const label = t(`field.${field.name as 'most'}`);
  const word = (option: string) => t(`option.${option as 'in'}`);
  switch (field.kind) {
    case 'number':
      return (
        <InputNumber
          className="field-number"
          aria-label={label}
          min={field.min}
          max={field.max}
          step={field.step}
          value={(value as number | undefined) ?? null}
          onChange={(next) => onChange(next ?? undefined)}
        />
      );
    case 'duration':
      return (
        <InputNumber
          className="field-number"
          aria-label={label}
          min={field.min / 1_000}
          max={field.max / 1_000}
          suffix={t('second')}
          value={value === undefined ? null : (value as number) / 1_000}
          onChange={(next) => onChange(next === null ? undefined : Math.round(next * 1_000))}
        />
      );
    case 'choice':
      return (
        <Segmented
          aria-label={label}
          value={(value as string | undefined) ?? ''}
          options={field.options.map((option) => ({ value: option, label: word(option) }))}
          onChange={onChange}
        />
      );
    case 'choices':
      return (
        <Checkbox.Group
          value={(value as string[] | undefined) ?? []}
          options={field.options.map((option) => ({ value: option, label: word(option) }))}
          onChange={onChange}
        />
      );
    case 'time':
      return (
        <Input
          type="time"
          className="field-number"
          aria-label={label}
          value={(value as string | undefined) ?? ''}
          onChange={({ target }) => onChange(target.value || undefined)}
        />
      );
    case 'labels':
      return (
        <Select
          mode="tags"
          aria-label={label}
          value={(value as string[] | undefined) ?? []}
          options={[
            'person',
            'bicycle',
            'car',
            'motorcycle',
            'bus',
            'truck',
            'backpack',
            'handbag',
            'suitcase',
            'cell phone',
          ].map((one) => ({ value: one, label: one }))}
          onChange={onChange}
        />
      );
    case 'colours':
      return <Colours value={(value as [number, number, number][] | undefined) ?? []} onChange={onChange} />;
  }
}

function Colours({ value, onChange }: { value: [number, number, number][]; onChange: (value: unknown) => void }) {
  const { t } = useTranslation('video');
  return (
    <div className="row row-wrap">
      {value.map((colour, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a colour is its place in the row
        <span key={index} className="row">
          <ColorPicker
            disabledAlpha
            value={hexOfLab(colour)}
            onChangeComplete={(next) =>
              onChange(value.map((one, i) => (i === index ? labOfHex(`#${next.toHex().slice(0, 6)}`) : one)))
            }
          />
          {value.length > 1 ? (
            <Button
              size="small"
              type="text"
              icon={<Icon name="close" size={14} />}
              aria-label={t('remove')}
              onClick={() => onChange(value.filter((_one, i) => i !== index))}
            />
          ) : null}
        </span>
      ))}
      {value.length < 8 ? (
        <Button size="small" icon={<Icon name="plus" size={14} />} onClick={() => onChange([...value, [30, 5, -35]])}>
          {t('addColour')}
        </Button>
      ) : null}
    </div>
  );
}

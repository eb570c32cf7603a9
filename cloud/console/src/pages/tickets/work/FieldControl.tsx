import { DatePicker, Input, InputNumber, Segmented, Select } from 'antd';
import dayjs from 'dayjs';
import { useContext } from 'react';
import { useTranslation } from 'react-i18next';
import type { TicketField, TicketFile } from '../../../api/tickets.js';
import { pickedInstant, pickerOf } from '../../../format/picker-time.js';
import { useLabel } from '../../../i18n/use-language.js';
import { HallSelect } from '../../parts/HallSelect.js';
import { CategoryField } from './CategoryField.js';
import { DeviceSelect } from './DeviceSelect.js';
import { FilesField } from './FilesField.js';
import { FilesContext } from './files-context.js';
import { PartyField } from './PartyField.js';
import { PlaceField } from './PlaceField.js';
import { SatisfactionField } from './SatisfactionField.js';
import { SignatureField } from './signature/SignatureField.js';

export interface FieldControlProps {
  field: TicketField;
  id: string;
  value: unknown;
  isMasked: boolean;
  isInvalid: boolean;
  describedBy: string | undefined;
  disabled: boolean;
  ticketId: string | undefined;
  files: readonly TicketFile[];
  onChange: (value: unknown) => void;
}

const mostSegments = 5;
const asText = (value: unknown): string => (typeof value === 'string' ? value : '');
const orNull = (text: string): string | null => (text === '' ? null : text);

/** The control of a field's type. What is emptied is null. */
export function FieldControl(props: FieldControlProps) {
  const { field, id, value, onChange, disabled } = props;
  const { t } = useTranslation(['tickets', 'common']);
  const label = useLabel();
  const Files = useContext(FilesContext) ?? FilesField;
  const given = {
    ...{ id, disabled, status: props.isInvalid ? ('error' as const) : ('' as const) },
    ...(props.describedBy ? { 'aria-describedby': props.describedBy } : {}),
    'aria-invalid': props.isInvalid,
  };
  const hidden = props.isMasked ? { placeholder: t('field.masked') } : {};
  switch (field.type) {
    case 'text':
      return (
        <Input
          {...given}
          {...hidden}
          maxLength={field.maxLength}
          value={asText(value)}
          onChange={(event) => onChange(orNull(event.target.value))}
        />
      );
    case 'longText':
      return (
        <Input.TextArea
          {...given}
          {...hidden}
          autoSize={{ minRows: 3, maxRows: 14 }}
          maxLength={field.maxLength}
          value={asText(value)}
          onChange={(event) => onChange(orNull(event.target.value))}
        />
      );
    case 'phone':
    case 'identityNumber':
      return (
        <Input
          {...given}
          {...hidden}
          inputMode={field.type === 'phone' ? 'tel' : 'text'}
          autoComplete="off"
          maxLength={32}
          value={asText(value)}
          onChange={(event) => onChange(orNull(event.target.value.trim().toUpperCase()))}
        />
      );
    case 'number':
      return (
        <InputNumber
          {...given}
          className="field-number"
          value={typeof value === 'number' ? value : null}
          {...(field.min === undefined ? {} : { min: field.min })}
          {...(field.max === undefined ? {} : { max: field.max })}
          {...(field.unit ? { suffix: field.unit } : {})}
          onChange={(next) => onChange(next)}
        />
      );
    case 'money':
      return (
        <InputNumber
          {...given}
          className="field-number"
          precision={2}
          suffix={t('money')}
          value={typeof value === 'number' ? value / 100 : null}
          onChange={(next) => onChange(next === null ? null : Math.round(Number(next) * 100))}
        />
      );
    case 'yesNo':
      return (
        <Segmented
          {...{ id, disabled }}
          aria-labelledby={`${id}-label`}
          options={[true, false].map((one) => ({ value: Number(one), label: t(one ? 'common:yes' : 'common:no') }))}
          value={typeof value === 'boolean' ? Number(value) : -1}
          onChange={(next) => onChange(next === 1)}
        />
      );
    case 'choice': {
      const options = field.choices.map((one) => ({ value: one.value, label: label(one.label) }));
      if (options.length <= mostSegments && options.every((one) => one.label.length <= 12)) {
        return (
          <Segmented
            {...{ id, disabled }}
            className="field-segments"
            aria-labelledby={`${id}-label`}
            options={options}
            value={asText(value)}
            onChange={onChange}
          />
        );
      }
      return (
        <Select
          {...given}
          allowClear
          showSearch={{ optionFilterProp: 'label' }}
          options={options}
          value={asText(value) || null}
          onChange={(next) => onChange(next ?? null)}
        />
      );
    }
    case 'choices':
      return (
        <Select
          {...given}
          mode="multiple"
          showSearch={{ optionFilterProp: 'label' }}
          options={field.choices.map((one) => ({ value: one.value, label: label(one.label) }))}
          value={Array.isArray(value) ? (value as string[]) : []}
          onChange={(next) => onChange(next)}
        />
      );
    case 'category':
      return <CategoryField {...given} tree={field.tree} value={value} onChange={onChange} />;
    case 'date':
      return (
        <DatePicker
          {...given}
          className="field-number"
          value={asText(value) ? dayjs(asText(value)) : null}
          onChange={(next) => onChange(next ? next.format('YYYY-MM-DD') : null)}
        />
      );
    case 'instant':
      return (
        <DatePicker
          {...given}
          className="field-number"
          showTime={{ format: 'HH:mm' }}
          format="YYYY-MM-DD HH:mm"
          value={asText(value) ? pickerOf(asText(value)) : null}
          onChange={(next) => onChange(next ? pickedInstant(next) : null)}
        />
      );
    case 'place':
      return <PlaceField {...given} value={value} onChange={onChange} />;
    case 'hall':
      return (
        <HallSelect
          id={id}
          disabled={disabled}
          {...(asText(value) ? { value: asText(value) } : {})}
          onChange={onChange}
        />
      );
    case 'device':
      return <DeviceSelect {...given} value={asText(value)} onChange={onChange} />;
    case 'person':
    case 'office':
      return (
        <PartyField {...given} kind={field.type} ticketId={props.ticketId} value={asText(value)} onChange={onChange} />
      );
    case 'files':
      return (
        <Files
          {...{ id, disabled }}
          field={field}
          value={Array.isArray(value) ? (value as string[]) : []}
          ticketId={props.ticketId}
          files={props.files}
          onChange={onChange}
        />
      );
    case 'satisfaction':
      return (
        <SatisfactionField {...{ id, disabled }} value={typeof value === 'number' ? value : null} onChange={onChange} />
      );
    case 'signature':
      return (
        <SignatureField
          {...{ id, field, value, disabled, onChange }}
          isMasked={props.isMasked && value === undefined}
          ticketId={props.ticketId}
        />
      );
  }
}

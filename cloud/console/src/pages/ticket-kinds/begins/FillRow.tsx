import type { BeginFill, TicketField } from '@hallhub/shared/ticket';
import { Input, InputNumber, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLabel } from '../../../i18n/use-language.js';
import { useDesigner } from '../draft/designer.js';
import { Faults } from '../parts/Faults.js';
import { FeelInput } from '../parts/FeelInput.js';
import { sourcesOf } from './fill-alike.js';

interface FillRowProps {
  field: TicketField;
  fill: BeginFill | undefined;
  required: boolean;
  place: string;
  onChange: (fill: BeginFill | undefined) => void;
}

/** What can be written once for all; of other types nothing sensible can. */
const fixed: readonly TicketField['type'][] = ['text', 'longText', 'choice', 'yesNo', 'number', 'date', 'satisfaction'];

type Sort = 'none' | 'field' | 'feel' | 'value';
const sortOf = (fill: BeginFill | undefined): Sort =>
  fill === undefined ? 'none' : 'field' in fill ? 'field' : 'feel' in fill ? 'feel' : 'value';

/** One field of the other ticket, and what it is filled with. */
export function FillRow({ field, fill, required, place, onChange }: FillRowProps) {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const { kind, mayWrite } = useDesigner();
  const sources = sourcesOf(kind, field);
  const name = label(field.label) || field.key;
  const given = { disabled: !mayWrite, 'aria-label': t('begin.with', { field: name }) };
  const sort = sortOf(fill);
  const sorts = (['none', 'field', 'feel', 'value'] as const).filter(
    (one) => one === sort || (one === 'field' ? sources.length > 0 : one !== 'value' || fixed.includes(field.type)),
  );
  const first = (next: Sort): BeginFill | undefined => {
    if (next === 'field') return { field: sources[0]?.key ?? kind.title };
    if (next === 'feel') return { feel: sources[0]?.key ?? kind.title };
    return next === 'value' ? { value: initial(field) } : undefined;
  };
  return (
    <li className="tk-fill">
      <span className="tk-fill-name">
        {name}
        {required ? <span className="tk-must"> *</span> : null}
        {field.personal ? <span className="faint small"> {t('begin.personal')}</span> : null}
      </span>
      <Select
        disabled={!mayWrite}
        className="tk-fill-sort"
        value={sort}
        aria-label={t('begin.how', { field: name })}
        options={sorts.map((one) => ({ value: one, label: t(`begin.sort.${one}`) }))}
        onChange={(next: Sort) => onChange(first(next))}
      />
      <span className="tk-fill-with">
        {fill && 'field' in fill ? (
          <Select
            {...given}
            value={fill.field}
            options={withOwn(
              sources.map((one) => ({ value: one.key, label: label(one.label) || one.key })),
              fill.field,
            )}
            onChange={(key: string) => onChange({ field: key })}
          />
        ) : null}
        {fill && 'feel' in fill ? (
          <FeelInput
            value={fill.feel}
            label={t('begin.with', { field: name })}
            none={t('begin.feel')}
            onChange={(feel) => onChange({ feel: feel ?? '' })}
          />
        ) : null}
        {fill && 'value' in fill ? <Fixed field={field} value={fill.value} given={given} onChange={onChange} /> : null}
        <Faults place={place} about={name} />
      </span>
    </li>
  );
}

interface Option {
  value: string;
  label: string;
}
/** What is chosen is shown, whether it may be or not. */
const withOwn = (options: Option[], own: string): Option[] =>
  options.some(({ value }) => value === own) ? options : [...options, { value: own, label: own }];

const initial = (field: TicketField): BeginFill extends { value: infer V } ? V : string | number | boolean => {
  if (field.type === 'choice') return field.choices[0]?.value ?? '';
  if (field.type === 'yesNo') return true;
  if (field.type === 'number') return field.min ?? 0;
  return field.type === 'satisfaction' ? 5 : '';
};

interface FixedProps {
  field: TicketField;
  value: unknown;
  given: { disabled: boolean; 'aria-label': string };
  onChange: (fill: BeginFill) => void;
}

function Fixed({ field, value, given, onChange }: FixedProps) {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  if (field.type === 'choice') {
    const options = field.choices.map((one) => ({ value: one.value, label: label(one.label) || one.value }));
    const own = typeof value === 'string' ? value : '';
    return (
      <Select
        {...given}
        value={own}
        options={withOwn(options, own)}
        onChange={(next: string) => onChange({ value: next })}
      />
    );
  }
  if (field.type === 'yesNo') {
    const options = [true, false].map((one) => ({ value: String(one), label: t(one ? 'diff.yes' : 'diff.no') }));
    return (
      <Select
        {...given}
        value={String(value)}
        options={options}
        onChange={(next: string) => onChange({ value: next === 'true' })}
      />
    );
  }
  if (field.type === 'number' || field.type === 'satisfaction') {
    return <InputNumber {...given} value={Number(value)} onChange={(next) => onChange({ value: next ?? 0 })} />;
  }
  const text = typeof value === 'string' ? value : '';
  const placeholder = field.type === 'date' ? 'YYYY-MM-DD' : '';
  return (
    <Input
      {...given}
      value={text}
      placeholder={placeholder}
      maxLength={500}
      onChange={(event) => onChange({ value: event.target.value })}
    />
  );
}

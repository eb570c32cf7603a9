import { fieldSchema, type TicketField } from '@hallhub/shared/ticket';
import { Checkbox, Input, InputNumber, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLabel } from '../../../i18n/use-language.js';
import { replaced, useDesigner } from '../draft/designer.js';
import { rename } from '../draft/rename.js';
import { Faults } from '../parts/Faults.js';
import { LabelInput } from '../parts/LabelInput.js';
import { Labelled } from '../parts/Labelled.js';
import { NameInput } from '../parts/NameInput.js';
import { useOptions } from '../parts/use-options.js';
import { Choices, type DetailProps } from './Choices.js';

const types = [
  ...['text', 'longText', 'choice', 'choices', 'yesNo', 'number', 'money', 'date', 'instant', 'category', 'place'],
  ...['phone', 'identityNumber', 'hall', 'device', 'person', 'office', 'files', 'satisfaction', 'signature'],
] as const;
type Type = TicketField['type'];

/** The same field of another type: what both know is kept, the rest begins as usual. */
const asType = ({ key, label, hint, personal, searched }: TicketField, type: Type, choice: string): TicketField => {
  const base = { key, label, ...(hint ? { hint } : {}), personal, searched, type };
  const first = [{ value: 'choice_1', label: { zh: choice } }];
  const more =
    type === 'choice' || type === 'choices' ? { choices: first } : type === 'category' ? { tree: 'matters' } : {};
  return fieldSchema.parse({ ...base, ...more, label: label.zh === '' ? { zh: choice } : label });
};

export function FieldEditor({ field, index }: { field: TicketField; index: number }) {
  const { t } = useTranslation('ticketKinds');
  const { kind, change, mayWrite, open } = useDesigner();
  const place = `fields.${field.key}`;
  const set = (next: TicketField, where = place) =>
    change((was) => ({ ...was, fields: replaced(was.fields, index, next) }), where);
  const hint = field.hint ?? { zh: '' };
  return (
    <div className="tk-editor card">
      <div className="tk-form">
        <LabelInput
          label={t('fields.label')}
          value={field.label}
          place={`${place}.label`}
          onChange={(label) => set({ ...field, label })}
        />
        <Labelled label={t('fields.type')} place={`${place}.type`}>
          {(id) => (
            <Select
              id={id}
              disabled={!mayWrite}
              value={field.type}
              showSearch={{ optionFilterProp: 'label' }}
              options={types.map((one) => ({ value: one, label: t(`type.${one}`) }))}
              onChange={(type: Type) => set(asType(field, type, t('new.choice')))}
            />
          )}
        </Labelled>
        <NameInput
          value={field.key}
          taken={kind.fields.map(({ key }) => key)}
          pattern={/^[a-z][A-Za-z0-9]{0,47}$/}
          hint={t('fields.keyHint')}
          onRename={(to) => {
            change((was) => rename(was, 'field', { from: field.key, to }));
            open('fields', to);
          }}
        />
        <TypeDetail field={field} set={set} />
        <LabelInput
          label={t('fields.hint')}
          value={hint}
          place={`${place}.hint`}
          onChange={(next) => {
            const { hint: _, ...bare } = field;
            set(next.zh === '' && !next.en ? bare : { ...field, hint: next });
          }}
        />
        <Labelled label={t('fields.more')} group wide>
          {() => (
            <div className="row row-wrap">
              <Checkbox
                disabled={!mayWrite}
                checked={field.personal}
                onChange={({ target }) => set({ ...field, personal: target.checked })}
              >
                {t('fields.personal')}
              </Checkbox>
              <Checkbox
                disabled={!mayWrite || field.personal}
                checked={field.searched}
                onChange={({ target }) => set({ ...field, searched: target.checked })}
              >
                {t('fields.searched')}
              </Checkbox>
            </div>
          )}
        </Labelled>
        <Faults place={place} exact />
        <FieldRights fieldKey={field.key} />
      </div>
    </div>
  );
}

function TypeDetail({ field, set }: DetailProps) {
  const { t } = useTranslation('ticketKinds');
  const { mayWrite } = useDesigner();
  const options = useOptions();
  const place = `fields.${field.key}`;
  const bound = (name: 'min' | 'max') =>
    field.type === 'number' ? (
      <Labelled label={t(`fields.${name}`)} place={`${place}.${name}`}>
        {(id) => (
          <InputNumber
            id={id}
            disabled={!mayWrite}
            value={field[name] ?? null}
            onChange={(next) => {
              const { [name]: _, ...bare } = field;
              set(next === null ? bare : { ...field, [name]: next });
            }}
          />
        )}
      </Labelled>
    ) : null;
  switch (field.type) {
    case 'text':
    case 'longText':
      return (
        <Labelled label={t('fields.maxLength')} place={`${place}.maxLength`}>
          {(id) => (
            <InputNumber
              id={id}
              disabled={!mayWrite}
              min={1}
              max={field.type === 'text' ? 1_000 : 20_000}
              value={field.maxLength}
              onChange={(maxLength) => set({ ...field, maxLength: maxLength ?? 200 })}
            />
          )}
        </Labelled>
      );
    case 'number':
      return (
        <>
          {bound('min')}
          {bound('max')}
          <Labelled label={t('fields.unit')}>
            {(id) => (
              <Input
                id={id}
                disabled={!mayWrite}
                maxLength={16}
                value={field.unit ?? ''}
                onChange={({ target }) => set({ ...field, unit: target.value })}
              />
            )}
          </Labelled>
        </>
      );
    case 'files':
      return (
        <Labelled label={t('fields.most')}>
          {(id) => (
            <InputNumber
              id={id}
              disabled={!mayWrite}
              min={1}
              max={50}
              value={field.most}
              onChange={(most) => set({ ...field, most: most ?? 10 })}
            />
          )}
        </Labelled>
      );
    case 'category':
      return (
        <Labelled label={t('fields.tree')} place={`${place}.tree`}>
          {(id) => (
            <Select
              id={id}
              disabled={!mayWrite}
              value={field.tree}
              options={options.trees}
              onChange={(tree: string) => set({ ...field, tree })}
            />
          )}
        </Labelled>
      );
    case 'choice':
    case 'choices':
      return <Choices field={field} set={set} />;
    default:
      return null;
  }
}

/** In which steps it is written, asked for or not shown: the same as each step's own table, seen from the field. */
function FieldRights({ fieldKey }: { fieldKey: string }) {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const { kind, open } = useDesigner();
  const used = kind.steps.flatMap((step) => {
    const is = (['edit', 'required', 'hidden'] as const).filter((right) => step.fields[right].includes(fieldKey));
    return is.length > 0 ? [{ step, is }] : [];
  });
  return (
    <Labelled label={t('fields.where')} group wide>
      {() =>
        used.length === 0 ? (
          <p className="faint small">{t('fields.nowhere')}</p>
        ) : (
          <ul className="tk-used">
            {used.map(({ step, is }) => (
              <li key={step.id}>
                <button type="button" className="tk-link" onClick={() => open('flow', step.id)}>
                  {label(step.label)}
                </button>{' '}
                <span className="faint small">{is.map((one) => t(`rights.${one}`)).join(' · ')}</span>
              </li>
            ))}
          </ul>
        )
      }
    </Labelled>
  );
}

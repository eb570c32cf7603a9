import { useTranslation } from 'react-i18next';
import { useLabel } from '../../../i18n/use-language.js';
import { Section } from '../../../ui/Page.js';
import { Empty } from '../../../ui/states.js';
import { moved, useDesigner, without } from '../draft/designer.js';
import { freeName } from '../draft/rename.js';
import { Faults } from '../parts/Faults.js';
import { MasterList } from '../parts/MasterList.js';
import { FieldEditor } from './FieldEditor.js';
import { LayoutEditor } from './LayoutEditor.js';

/** What is asked, and where it stands on the page. */
export function FieldsTab() {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const { kind, change, item, open } = useDesigner();
  const { fields } = kind;
  const at = fields.findIndex(({ key }) => key === item);
  const index = Math.max(at, 0);
  const field = fields[index];
  const add = () => {
    const key = freeName(
      fields.map((one) => one.key),
      'field',
    );
    const base = { key, label: { zh: t('new.field') }, personal: false, searched: false };
    change((was) => ({
      ...was,
      fields: [...was.fields, { ...base, type: 'text', maxLength: 200 }],
      layout: was.layout.map((section, i) =>
        i === was.layout.length - 1 ? { ...section, rows: [...section.rows, [key]] } : section,
      ),
    }));
    open('fields', key);
  };
  const remove = (place: number) => {
    const key = fields[place]?.key ?? '';
    const drop = (keys: readonly string[]) => keys.filter((one) => one !== key);
    change((was) => ({
      ...was,
      fields: without(was.fields, place),
      layout: was.layout.map((section) => ({
        ...section,
        rows: section.rows.map(drop).filter((row) => row.length > 0),
      })),
      steps: was.steps.map((step) => ({
        ...step,
        fields: {
          edit: drop(step.fields.edit),
          required: drop(step.fields.required),
          hidden: drop(step.fields.hidden),
        },
      })),
    }));
  };
  return (
    <div className="stack tk-pane">
      <Faults place="fields" exact />
      <div className="tk-split">
        <MasterList
          label={t('tabs.fields')}
          place="fields"
          items={fields.map((one) => ({ id: one.key, text: label(one.label), note: t(`type.${one.type}`) }))}
          selected={field?.key}
          onSelect={(key) => open('fields', key)}
          onAdd={add}
          addText={t('new.field')}
          onMove={(place, by) => change((was) => ({ ...was, fields: moved(was.fields, place, by) }))}
          onRemove={remove}
        />
        {field ? (
          <FieldEditor key={index} field={field} index={index} />
        ) : (
          <Empty title={t('fields.none')} hint={t('fields.noneHint')} />
        )}
      </div>
      <Section title={t('layout.title')}>
        <LayoutEditor />
      </Section>
    </div>
  );
}

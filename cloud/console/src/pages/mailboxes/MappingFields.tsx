import { useQuery } from '@tanstack/react-query';
import { Form, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { makeableKindsQuery } from '../../api/tickets.js';
import { useLabel } from '../../i18n/use-language.js';
import { CategoryField } from '../tickets/work/CategoryField.js';
import { mailFields } from './mail-fields.js';

interface MappingFieldsProps {
  /** Code of the kind that letters become. */
  kind: string | undefined;
}

/** Which of the kind’s fields each part of a letter goes to, and what every letter of this mailbox is about. */
export function MappingFields({ kind }: MappingFieldsProps) {
  const { t } = useTranslation('mailboxes');
  const label = useLabel();
  const kinds = useQuery(makeableKindsQuery);
  const document = kinds.data?.items.find(({ code }) => code === kind)?.document;
  if (!document) return null;
  const { texts, files, category, title } = mailFields(document);
  const options = (all: typeof texts) => all.map((one) => ({ value: one.key, label: label(one.label) }));
  return (
    <section className="mailbox-mapping" aria-label={t('mapping.title')}>
      <h3>{t('mapping.title')}</h3>
      <p className="soft small">{t('mapping.hint', { field: title ? label(title.label) : '' })}</p>
      <div className="mailbox-two">
        {(['text', 'requester', 'email'] as const).map((name) => (
          <Form.Item key={name} name={['mapping', name]} label={t(`mapping.${name}`)}>
            <Select allowClear placeholder={t('mapping.none')} options={options(texts)} />
          </Form.Item>
        ))}
        <Form.Item name={['mapping', 'files']} label={t('mapping.files')}>
          <Select allowClear placeholder={t('mapping.filesNone')} options={options(files)} />
        </Form.Item>
      </div>
      {category ? (
        <Form.Item name={['mapping', 'category']} label={label(category.label)} extra={t('mapping.categoryHint')}>
          <CategoryOf tree={category.tree} />
        </Form.Item>
      ) : null}
    </section>
  );
}

/** As the form’s item hands down its value. */
function CategoryOf({ tree, id, value, onChange }: { tree: string } & Partial<FormValue>) {
  return (
    <CategoryField
      {...{ tree, value, disabled: false, status: '' as const, id: id ?? 'category' }}
      onChange={(path) => onChange?.(path)}
    />
  );
}

interface FormValue {
  id: string;
  value: unknown;
  onChange: (value: unknown) => void;
}

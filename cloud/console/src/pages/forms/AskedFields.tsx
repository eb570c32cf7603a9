import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import type { AskableField } from '../../api/ticket-forms.js';
import { useLabel } from '../../i18n/use-language.js';
import { Icon } from '../../ui/icons.js';
import { SortableList } from '../parts/SortableList.js';

interface AskedFieldsProps {
  askable: readonly AskableField[];
  fields: readonly string[];
  disabled: boolean;
  onChange: (fields: string[]) => void;
}

/** The questions in the order of the page, and those that may be added. */
export function AskedFields({ askable, fields, disabled, onChange }: AskedFieldsProps) {
  const { t } = useTranslation('ticketForms');
  const label = useLabel();
  const byKey = new Map(askable.map((field) => [field.key, field]));
  const left = askable.filter(({ key }) => !fields.includes(key));
  const nameOf = (key: string) => label(byKey.get(key)?.label) || key;
  return (
    <div className="stack">
      {fields.length === 0 ? <p className="soft">{t('noFields')}</p> : null}
      <SortableList
        label={t('part.questions')}
        disabled={disabled}
        onChange={onChange}
        items={fields.map((key) => {
          const field = byKey.get(key);
          return {
            ...{ id: key, text: nameOf(key) },
            content: (
              <span className="row">
                <span>{nameOf(key)}</span>
                {field?.required ? <span className="form-tag">{t('needed')}</span> : null}
                {field?.personal ? <span className="form-tag">{t('personal')}</span> : null}
                {field ? null : <span className="problem-inline small">{t('noLonger')}</span>}
              </span>
            ),
            end:
              field?.required || disabled ? null : (
                <Button
                  type="text"
                  size="small"
                  icon={<Icon name="close" size={14} />}
                  aria-label={t('takeOff', { name: nameOf(key) })}
                  onClick={() => onChange(fields.filter((one) => one !== key))}
                />
              ),
          };
        })}
      />
      {left.length > 0 && !disabled ? (
        <div className="form-add">
          <span className="faint small">{t('addField')}</span>
          {left.map(({ key }) => (
            <Button
              key={key}
              size="small"
              icon={<Icon name="plus" size={12} />}
              onClick={() => onChange([...fields, key])}
            >
              {nameOf(key)}
            </Button>
          ))}
        </div>
      ) : null}
    </div>
  );
}

import type { TicketField } from '@hallhub/shared/ticket';
import { Button, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { replaced, useDesigner, without } from '../draft/designer.js';
import { freeName } from '../draft/rename.js';
import { Labelled } from '../parts/Labelled.js';
import { RemoveButton } from '../parts/RemoveButton.js';

export interface DetailProps {
  field: TicketField;
  set: (next: TicketField, where?: string) => void;
}

/** What can be chosen in a field. */
export function Choices({ field, set }: DetailProps) {
  const { t } = useTranslation('ticketKinds');
  const { mayWrite } = useDesigner();
  if (field.type !== 'choice' && field.type !== 'choices') return null;
  const { choices } = field;
  const write = (next: typeof choices, place: string) => set({ ...field, choices: next }, place);
  const place = `fields.${field.key}.choices`;
  return (
    <Labelled label={t('fields.choices')} place={place} group wide>
      {() => (
        <div className="tk-rules">
          {choices.map((choice, i) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a choice is known by its place while its value is typed
            <div key={i} className="tk-choice">
              <Input
                className="mono"
                disabled={!mayWrite}
                value={choice.value}
                aria-label={t('fields.choiceValue')}
                onChange={({ target }) =>
                  write(replaced(choices, i, { ...choice, value: target.value }), `${place}.${i}.value`)
                }
              />
              <Input
                disabled={!mayWrite}
                value={choice.label.zh}
                placeholder={t('part.zhShort')}
                aria-label={t('part.zh', { label: t('fields.choice') })}
                onChange={({ target }) =>
                  write(
                    replaced(choices, i, { ...choice, label: { ...choice.label, zh: target.value } }),
                    `${place}.${i}.zh`,
                  )
                }
              />
              <Input
                disabled={!mayWrite}
                value={choice.label.en ?? ''}
                placeholder={t('part.enShort')}
                aria-label={t('part.en', { label: t('fields.choice') })}
                onChange={({ target }) => {
                  const label = target.value === '' ? { zh: choice.label.zh } : { ...choice.label, en: target.value };
                  write(replaced(choices, i, { ...choice, label }), `${place}.${i}.en`);
                }}
              />
              <RemoveButton
                disabled={!mayWrite || choices.length < 2}
                onClick={() => write(without(choices, i), place)}
              />
            </div>
          ))}
          {mayWrite ? (
            <Button
              size="small"
              type="dashed"
              onClick={() => {
                const value = freeName(
                  choices.map((one) => one.value),
                  'choice_',
                );
                write([...choices, { value, label: { zh: t('new.choice') } }], `${place}.add`);
              }}
            >
              {t('fields.addChoice')}
            </Button>
          ) : null}
        </div>
      )}
    </Labelled>
  );
}

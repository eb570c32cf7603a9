import { Checkbox, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { useDesigner } from './draft/designer.js';
import { LabelInput } from './parts/LabelInput.js';
import { Labelled } from './parts/Labelled.js';

const sections = ['fields', 'history', 'clocks', 'signatures'] as const;

/** What a printed sheet shows. */
export function PrintFields() {
  const { t } = useTranslation('ticketKinds');
  const { kind, change, mayWrite } = useDesigner();
  const { print } = kind;
  return (
    <>
      <Labelled label={t('general.print')}>
        {(id) => (
          <Switch
            id={id}
            disabled={!mayWrite}
            checked={print !== undefined}
            onChange={(on) =>
              change(({ print: _, ...rest }) =>
                on ? { ...rest, print: { title: kind.label, sections: ['fields', 'history'] } } : rest,
              )
            }
          />
        )}
      </Labelled>
      {print ? (
        <>
          <LabelInput
            label={t('general.printTitle')}
            value={print.title}
            place="print"
            onChange={(title) => change((was) => ({ ...was, print: { ...print, title } }), 'print.title')}
          />
          <Labelled label={t('general.printSections')} group wide>
            {() => (
              <Checkbox.Group
                disabled={!mayWrite}
                value={print.sections}
                options={sections.map((one) => ({ value: one, label: t(`general.printOf.${one}`) }))}
                onChange={(chosen) =>
                  change((was) => ({
                    ...was,
                    print: { ...print, sections: sections.filter((one) => chosen.includes(one)) },
                  }))
                }
              />
            )}
          </Labelled>
        </>
      ) : null}
    </>
  );
}

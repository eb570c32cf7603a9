import { Checkbox } from 'antd';
import { useTranslation } from 'react-i18next';
import { useLabel } from '../../../i18n/use-language.js';
import { useDesigner } from '../draft/designer.js';
import { Faults } from '../parts/Faults.js';
import type { Step, StepProps } from './StepEditor.js';

const rights = ['edit', 'required', 'hidden'] as const;
type Right = (typeof rights)[number];

/** What goes with what: what is asked for can be written, what is hidden cannot. */
const after = ({ fields }: Step, key: string, change: { right: Right; on: boolean }): Step['fields'] => {
  const has = Object.fromEntries(rights.map((one) => [one, fields[one].includes(key)])) as Record<Right, boolean>;
  has[change.right] = change.on;
  if (change.on && change.right === 'required') Object.assign(has, { edit: true, hidden: false });
  if (change.on && change.right === 'edit') has.hidden = false;
  if (change.on && change.right === 'hidden') Object.assign(has, { edit: false, required: false });
  if (!change.on && change.right === 'edit') has.required = false;
  const write = (right: Right) => {
    const others = fields[right].filter((one) => one !== key);
    if (!has[right]) return others;
    return fields[right].includes(key) ? fields[right] : [...others, key];
  };
  return { edit: write('edit'), required: write('required'), hidden: write('hidden') };
};

/** Per field of the kind: written here, asked for, or not shown. */
export function RightsGrid({ step, set }: StepProps) {
  const { t } = useTranslation('ticketKinds');
  const label = useLabel();
  const { kind, mayWrite } = useDesigner();
  return (
    <div className="tk-row tk-row-wide">
      <table className="tk-rights">
        <caption className="tk-label">{t('rights.title')}</caption>
        <thead>
          <tr>
            <th scope="col">{t('rights.field')}</th>
            {rights.map((one) => (
              <th key={one} scope="col">
                {t(`rights.${one}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {kind.fields.map((field) => {
            const name = label(field.label) || field.key;
            return (
              <tr key={field.key}>
                <th scope="row">{name}</th>
                {rights.map((right) => (
                  <td key={right}>
                    <Checkbox
                      disabled={!mayWrite}
                      checked={step.fields[right].includes(field.key)}
                      aria-label={`${name} ${t(`rights.${right}`)}`}
                      onChange={({ target }) =>
                        set({ ...step, fields: after(step, field.key, { right, on: target.checked }) })
                      }
                    />
                  </td>
                ))}
              </tr>
            );
          })}
        </tbody>
      </table>
      <Faults place={`steps.${step.id}.fields`} />
    </div>
  );
}

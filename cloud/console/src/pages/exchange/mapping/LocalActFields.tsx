import type { LocalAct } from '@hallhub/shared/exchange';
import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import type { KindNames, Option } from './use-kind-names.js';

const doings = [
  ...['submit', 'return', 'intervene', 'sign', 'decideExtension', 'askExtension', 'cancel', 'reopen', 'remind'],
  ...['instruct', 'comment'],
] as LocalAct['do'][];

interface LocalActFieldsProps {
  local: LocalAct;
  names: KindNames;
  /** Left out: nobody chooses one. */
  offices?: Option[];
  onChange: (local: LocalAct) => void;
}

/** What is done here, at which step, by which action. */
export function LocalActFields({ local, names, offices, onChange }: LocalActFieldsProps) {
  const { t } = useTranslation('exchange');
  const fresh = (doing: LocalAct['do']): LocalAct => {
    const step = names.steps[0]?.value ?? 'step';
    const action = names.actionsOf(step)[0]?.value ?? 'action';
    if (doing === 'submit') return { do: doing, step, action, set: {}, take: {}, more: [] };
    if (doing === 'return') return { do: doing, step, action };
    return doing === 'intervene' ? { do: doing, to: step } : { do: doing };
  };
  const filled = local.do === 'submit' ? Object.keys({ ...local.set, ...local.take }) : [];
  return (
    <>
      <Select
        value={local.do}
        aria-label={t('map.weDo')}
        options={doings.map((value) => ({ value, label: t(`map.do.${value}`) }))}
        onChange={(doing) => onChange(fresh(doing))}
      />
      {local.do === 'intervene' ? (
        <Select
          value={local.to}
          aria-label={t('map.toStep')}
          options={names.steps}
          onChange={(to: string) => onChange({ ...local, to })}
        />
      ) : (
        <Select
          value={local.step ?? null}
          allowClear={local.do !== 'submit' && local.do !== 'return'}
          aria-label={t('map.step')}
          placeholder={t('map.anyStep')}
          options={names.steps}
          onChange={(step: string | null) => {
            if (local.do === 'submit' || local.do === 'return') {
              if (step) onChange({ ...local, step });
              return;
            }
            const { step: _, ...rest } = local;
            onChange(step ? { ...local, step } : rest);
          }}
        />
      )}
      {local.do === 'submit' || local.do === 'return' ? (
        <Select
          value={local.action}
          aria-label={t('map.action')}
          options={names.actionsOf(local.step)}
          onChange={(action: string) => onChange({ ...local, action })}
        />
      ) : null}
      {local.do === 'submit' && offices ? (
        <Select
          value={local.office ?? null}
          allowClear
          showSearch={{ optionFilterProp: 'label' }}
          aria-label={t('map.chosenOffice')}
          placeholder={t('map.chosenOffice')}
          options={offices}
          onChange={(office: string | null) => {
            const { office: _, ...rest } = local;
            onChange(office ? { ...rest, office } : rest);
          }}
        />
      ) : null}
      {filled.length > 0 ? (
        <span className="faint small">
          {t('map.fills', {
            names: filled.map((key) => names.fields.find(({ value }) => value === key)?.label ?? key).join('、'),
          })}
        </span>
      ) : null}
    </>
  );
}

import type { FastList } from '@hallhub/shared/exchange';
import { Input, Select, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { LabelledRow } from '../../parts/LabelledRow.js';
import { LocalActFields } from './LocalActFields.js';
import { MappingPart } from './MappingPart.js';
import { RuleRows } from './RuleRows.js';
import type { KindNames, Option } from './use-kind-names.js';

type Value = FastList['values'][number];
/** As somebody types it; what was a number stays one. */
const asTyped = (typed: string, known: readonly Value[]): Value => {
  const before = known.find((one) => String(one) === typed);
  if (before !== undefined) return before;
  return typed === 'true' || typed === 'false' ? typed === 'true' : typed;
};

interface FastEditorProps {
  value: FastList | null;
  names: KindNames;
  offices: Option[];
  onChange: (value: FastList | null) => void;
}

/** Tickets that the platform marks as urgent go their way by rule, and are signed. */
export function FastEditor({ value, names, offices, onChange }: FastEditorProps) {
  const { t } = useTranslation('exchange');
  return (
    <MappingPart title={t('map.fast.title')}>
      <div className="switch-row">
        <Switch
          checked={value !== null}
          aria-label={t('map.fast.switch')}
          onChange={(on) => onChange(on ? { field: 'fast', values: [], acts: [] } : null)}
        />
        {t('map.fast.switch')}
      </div>
      {value ? (
        <>
          <div className="mapping-two">
            <LabelledRow label={t('map.fast.field')} hint={t('map.fast.fieldHint')}>
              {(id) => (
                <Input
                  id={id}
                  value={value.field}
                  maxLength={64}
                  spellCheck={false}
                  onChange={({ target }) => onChange({ ...value, field: target.value })}
                />
              )}
            </LabelledRow>
            <LabelledRow label={t('map.fast.values')} hint={t('map.fast.valuesHint')}>
              {(id) => (
                <Select
                  id={id}
                  mode="tags"
                  open={false}
                  suffixIcon={null}
                  maxCount={50}
                  value={value.values.map(String)}
                  tokenSeparators={[',', '，', '、']}
                  onChange={(typed: string[]) =>
                    onChange({ ...value, values: typed.map((one) => asTyped(one, value.values)) })
                  }
                />
              )}
            </LabelledRow>
          </div>
          <p className="faint small">{t('map.fast.actsHint')}</p>
          <RuleRows
            rules={value.acts}
            most={10}
            add={{ text: t('map.fast.add'), fresh: { do: 'sign' } }}
            onChange={(acts) => onChange({ ...value, acts })}
          >
            {(local, set, remove) => (
              <>
                <LocalActFields {...{ local, names, offices }} onChange={set} />
                {remove}
              </>
            )}
          </RuleRows>
        </>
      ) : null}
    </MappingPart>
  );
}

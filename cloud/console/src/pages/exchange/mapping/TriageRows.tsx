import type { TriageRule } from '@hallhub/shared/exchange';
import { Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { LabelledRow } from '../../parts/LabelledRow.js';
import { MappingPart } from './MappingPart.js';
import { RuleRows } from './RuleRows.js';

interface TriageRowsProps {
  rules: readonly TriageRule[];
  onChange: (rules: TriageRule[]) => void;
}

/** What comes here and is not for here: given back at once, by the first rule that fits. */
export function TriageRows({ rules, onChange }: TriageRowsProps) {
  const { t } = useTranslation('exchange');
  return (
    <MappingPart title={t('map.triage.title')} hint={t('map.triage.hint')}>
      <RuleRows
        rules={rules}
        cards
        most={50}
        add={{
          text: t('map.triage.add'),
          fresh: { name: '', categories: [], words: [], unless: [], code: '', say: '' },
        }}
        onChange={onChange}
      >
        {(rule, set, remove) => (
          <>
            <div className="mapping-card-head">
              <Input
                value={rule.name}
                maxLength={100}
                aria-label={t('map.triage.name')}
                placeholder={t('map.triage.name')}
                onChange={({ target }) => set({ ...rule, name: target.value })}
              />
              {remove}
            </div>
            {(['categories', 'words', 'unless'] as const).map((name) => (
              <LabelledRow key={name} label={t(`map.triage.${name}`)}>
                {(id) => (
                  <Select
                    id={id}
                    mode="tags"
                    open={false}
                    suffixIcon={null}
                    value={rule[name]}
                    maxCount={200}
                    tokenSeparators={[',', '，', '、']}
                    placeholder={t('map.triage.type')}
                    onChange={(terms: string[]) =>
                      set({ ...rule, [name]: terms.map((one) => one.trim()).filter(Boolean) })
                    }
                  />
                )}
              </LabelledRow>
            ))}
            <div className="mapping-two">
              <LabelledRow label={t('map.triage.code')} hint={t('map.triage.codeHint')}>
                {(id) => (
                  <Input
                    id={id}
                    value={rule.code}
                    maxLength={64}
                    onChange={({ target }) => set({ ...rule, code: target.value })}
                  />
                )}
              </LabelledRow>
              <LabelledRow label={t('map.triage.say')}>
                {(id) => (
                  <Input
                    id={id}
                    value={rule.say}
                    maxLength={1_000}
                    onChange={({ target }) => set({ ...rule, say: target.value })}
                  />
                )}
              </LabelledRow>
            </div>
          </>
        )}
      </RuleRows>
    </MappingPart>
  );
}

import type { TriageRule } from '@hallhub/shared/exchange';
import { Button, Input, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../ui/icons.js';
import { Row } from '../../forms/Row.js';
import { RemoveButton } from '../../ticket-kinds/parts/RemoveButton.js';

interface TriageRowsProps {
  rules: readonly TriageRule[];
  onChange: (rules: TriageRule[]) => void;
}

/** What comes here and is not for here: given back at once, by the first rule that fits. */
export function TriageRows({ rules, onChange }: TriageRowsProps) {
  const { t } = useTranslation('exchange');
  const set = (i: number, change: Partial<TriageRule>) =>
    onChange(rules.map((one, at) => (at === i ? { ...one, ...change } : one)));
  return (
    <section className="mapping-part" aria-label={t('map.triage.title')}>
      <h3>{t('map.triage.title')}</h3>
      <p className="faint small">{t('map.triage.hint')}</p>
      <ol className="mapping-rows">
        {rules.map((rule, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the name itself is being typed; their order counts
          <li key={i} className="mapping-card">
            <div className="mapping-card-head">
              <Input
                value={rule.name}
                maxLength={100}
                aria-label={t('map.triage.name')}
                placeholder={t('map.triage.name')}
                onChange={({ target }) => set(i, { name: target.value })}
              />
              <RemoveButton onClick={() => onChange(rules.filter((_, at) => at !== i))} />
            </div>
            {(['categories', 'words', 'unless'] as const).map((name) => (
              <Row key={name} label={t(`map.triage.${name}`)}>
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
                    onChange={(terms: string[]) => set(i, { [name]: terms.map((one) => one.trim()).filter(Boolean) })}
                  />
                )}
              </Row>
            ))}
            <div className="mapping-two">
              <Row label={t('map.triage.code')} hint={t('map.triage.codeHint')}>
                {(id) => (
                  <Input
                    id={id}
                    value={rule.code}
                    maxLength={64}
                    onChange={({ target }) => set(i, { code: target.value })}
                  />
                )}
              </Row>
              <Row label={t('map.triage.say')}>
                {(id) => (
                  <Input
                    id={id}
                    value={rule.say}
                    maxLength={1_000}
                    onChange={({ target }) => set(i, { say: target.value })}
                  />
                )}
              </Row>
            </div>
          </li>
        ))}
      </ol>
      <div>
        <Button
          size="small"
          icon={<Icon name="plus" size={12} />}
          disabled={rules.length >= 50}
          onClick={() => onChange([...rules, { name: '', categories: [], words: [], unless: [], code: '', say: '' }])}
        >
          {t('map.triage.add')}
        </Button>
      </div>
    </section>
  );
}

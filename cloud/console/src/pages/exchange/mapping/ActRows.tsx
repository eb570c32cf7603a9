import { type ExchangeAct, type ExchangeMapping, exchangeActs, type LocalAct } from '@hallhub/shared/exchange';
import { Button, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../ui/icons.js';
import { RemoveButton } from '../../ticket-kinds/parts/RemoveButton.js';
import { useExchangeWords } from '../use-exchange-words.js';
import { LocalActFields } from './LocalActFields.js';
import type { KindNames } from './use-kind-names.js';

type On = NonNullable<ExchangeMapping['incoming']>['on'];
interface Rule {
  readonly act: ExchangeAct;
  readonly local: LocalAct;
}

const rulesOf = (on: On): Rule[] =>
  Object.entries(on).flatMap(([act, all]) => (all ?? []).map((local) => ({ act: act as ExchangeAct, local })));
const onOf = (rules: readonly Rule[]): On => {
  const on: Partial<Record<ExchangeAct, LocalAct[]>> = {};
  for (const { act, local } of rules) on[act] = [...(on[act] ?? []), local];
  return on;
};

interface ActRowsProps {
  on: On;
  names: KindNames;
  onChange: (on: On) => void;
}

/** What is done here when the platform acts; of several for the same, the first that the ticket allows. */
export function ActRows({ on, names, onChange }: ActRowsProps) {
  const { t } = useTranslation('exchange');
  const words = useExchangeWords();
  const rules = rulesOf(on);
  const set = (i: number, rule: Rule) => onChange(onOf(rules.map((one, at) => (at === i ? rule : one))));
  return (
    <section className="mapping-part" aria-label={t('map.on')}>
      <h3>{t('map.on')}</h3>
      <p className="faint small">{t('map.onHint')}</p>
      <ol className="mapping-rows">
        {rules.map(({ act, local }, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rules have no names; their order counts
          <li key={i} className="mapping-rule">
            <Select
              value={act}
              aria-label={t('map.whenThey')}
              options={exchangeActs
                .filter((one) => one !== 'dispatch')
                .map((value) => ({ value, label: words.act(value) }))}
              onChange={(next) => set(i, { act: next, local })}
            />
            <span className="mapping-arrow" aria-hidden="true">
              →
            </span>
            <LocalActFields local={local} names={names} onChange={(next) => set(i, { act, local: next })} />
            <RemoveButton onClick={() => onChange(onOf(rules.filter((_, at) => at !== i)))} />
          </li>
        ))}
      </ol>
      <div>
        <Button
          size="small"
          icon={<Icon name="plus" size={12} />}
          onClick={() => onChange(onOf([...rules, { act: 'opinion', local: { do: 'comment' } }]))}
        >
          {t('map.addOn')}
        </Button>
      </div>
    </section>
  );
}

import { type ExchangeAct, type ExchangeMapping, exchangeActs, type LocalAct } from '@hallhub/shared/exchange';
import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useExchangeWords } from '../use-exchange-words.js';
import { LocalActFields } from './LocalActFields.js';
import { MappingPart } from './MappingPart.js';
import { Arrow, RuleRows } from './RuleRows.js';
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
  return (
    <MappingPart title={t('map.on')} hint={t('map.onHint')}>
      <RuleRows<Rule>
        rules={rulesOf(on)}
        add={{ text: t('map.addOn'), fresh: { act: 'opinion', local: { do: 'comment' } } }}
        onChange={(rules) => onChange(onOf(rules))}
      >
        {({ act, local }, set, remove) => (
          <>
            <Select
              value={act}
              aria-label={t('map.whenThey')}
              options={exchangeActs
                .filter((one) => one !== 'dispatch')
                .map((value) => ({ value, label: words.act(value) }))}
              onChange={(next) => set({ act: next, local })}
            />
            <Arrow />
            <LocalActFields local={local} names={names} onChange={(next) => set({ act, local: next })} />
            {remove}
          </>
        )}
      </RuleRows>
    </MappingPart>
  );
}

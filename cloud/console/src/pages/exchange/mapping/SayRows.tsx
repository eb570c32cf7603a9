import { exchangeActs, type Say, saySchema } from '@hallhub/shared/exchange';
import { Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useExchangeWords } from '../use-exchange-words.js';
import { MappingPart } from './MappingPart.js';
import { Arrow, RuleRows } from './RuleRows.js';
import type { KindNames } from './use-kind-names.js';

const types = saySchema.shape.when.shape.type.options;

interface SayRowsProps {
  says: readonly Say[];
  names: KindNames;
  onChange: (says: Say[]) => void;
}

/** What happens here that the platform is told of. */
export function SayRows({ says, names, onChange }: SayRowsProps) {
  const { t } = useTranslation('exchange');
  const words = useExchangeWords();
  const atStep = (say: Say, step: string | null): Say => {
    const { step: _, ...rest } = say.when;
    return { ...say, when: step ? { ...say.when, step } : rest };
  };
  return (
    <MappingPart title={t('map.says')} hint={t('map.saysHint')}>
      <RuleRows
        rules={says}
        add={{ text: t('map.addSay'), fresh: { when: { type: 'commented' }, act: 'opinion', more: [] } }}
        onChange={onChange}
      >
        {(say, set, remove) => (
          <>
            <Select
              value={say.when.type}
              aria-label={t('map.when')}
              options={types.map((value) => ({ value, label: t(`map.event.${value}`) }))}
              onChange={(type) => set({ ...say, when: { ...say.when, type } })}
            />
            <Select
              value={say.when.step ?? null}
              allowClear
              aria-label={t('map.step')}
              placeholder={t('map.anyStep')}
              options={names.steps}
              onChange={(step: string | null) => set(atStep(say, step))}
            />
            {say.when.type === 'finished' ? (
              <Select
                value={say.when.mark ? `mark:${say.when.mark}` : (say.when.action ?? null)}
                allowClear
                aria-label={t('map.action')}
                placeholder={t('map.anyAction')}
                options={[
                  ...names.actionsOf(say.when.step),
                  ...names.marks.map((one) => ({
                    value: `mark:${one.value}`,
                    label: t('map.mark', { name: one.label }),
                  })),
                ]}
                onChange={(value: string | null) => {
                  const { action: _, mark: __, ...rest } = say.when;
                  const more = value?.startsWith('mark:') ? { mark: value.slice(5) } : value ? { action: value } : {};
                  set({ ...say, when: { ...rest, ...more } });
                }}
              />
            ) : null}
            <Arrow />
            <Select
              value={say.act}
              aria-label={t('map.tell')}
              options={exchangeActs
                .filter((act) => act !== 'dispatch')
                .map((value) => ({ value, label: words.act(value) }))}
              onChange={(act) => set({ ...say, act })}
            />
            <Select
              value={say.words ?? null}
              allowClear
              showSearch={{ optionFilterProp: 'label' }}
              aria-label={t('map.wordsFrom')}
              placeholder={t('map.wordsOpinion')}
              options={names.fields}
              onChange={(field: string | null) => {
                const { words: _, ...rest } = say;
                set(field ? { ...say, words: field } : rest);
              }}
            />
            {remove}
          </>
        )}
      </RuleRows>
    </MappingPart>
  );
}

import { exchangeActs, type Say, saySchema } from '@hallhub/shared/exchange';
import { Button, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../ui/icons.js';
import { RemoveButton } from '../../ticket-kinds/parts/RemoveButton.js';
import { useExchangeWords } from '../use-exchange-words.js';
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
  const set = (i: number, say: Say) => onChange(says.map((one, at) => (at === i ? say : one)));
  const when = (i: number, say: Say, key: 'step' | 'action' | 'mark', value: string | null) => {
    const { [key]: _, ...rest } = say.when;
    set(i, { ...say, when: value ? { ...say.when, [key]: value } : rest });
  };
  return (
    <section className="mapping-part" aria-label={t('map.says')}>
      <h3>{t('map.says')}</h3>
      <p className="faint small">{t('map.saysHint')}</p>
      <ol className="mapping-rows">
        {says.map((say, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rules have no names; the first that fits counts
          <li key={i} className="mapping-rule">
            <Select
              value={say.when.type}
              aria-label={t('map.when')}
              options={types.map((value) => ({ value, label: t(`map.event.${value}`) }))}
              onChange={(type) => set(i, { ...say, when: { ...say.when, type } })}
            />
            <Select
              value={say.when.step ?? null}
              allowClear
              aria-label={t('map.step')}
              placeholder={t('map.anyStep')}
              options={names.steps}
              onChange={(step: string | null) => when(i, say, 'step', step)}
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
                  set(i, { ...say, when: { ...rest, ...more } });
                }}
              />
            ) : null}
            <span className="mapping-arrow" aria-hidden="true">
              →
            </span>
            <Select
              value={say.act}
              aria-label={t('map.tell')}
              options={exchangeActs
                .filter((act) => act !== 'dispatch')
                .map((value) => ({ value, label: words.act(value) }))}
              onChange={(act) => set(i, { ...say, act })}
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
                set(i, field ? { ...say, words: field } : rest);
              }}
            />
            <RemoveButton onClick={() => onChange(says.filter((_, at) => at !== i))} />
          </li>
        ))}
      </ol>
      <div>
        <Button
          size="small"
          icon={<Icon name="plus" size={12} />}
          onClick={() => onChange([...says, { when: { type: 'commented' }, act: 'opinion', more: [] }])}
        >
          {t('map.addSay')}
        </Button>
      </div>
    </section>
  );
}

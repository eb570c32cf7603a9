import type { FastList } from '@hallhub/shared/exchange';
import { Button, Input, Select, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../../ui/icons.js';
import { Row } from '../../forms/Row.js';
import { RemoveButton } from '../../ticket-kinds/parts/RemoveButton.js';
import { LocalActFields } from './LocalActFields.js';
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
    <section className="mapping-part" aria-label={t('map.fast.title')}>
      <h3>{t('map.fast.title')}</h3>
      <div className="form-switch">
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
            <Row label={t('map.fast.field')} hint={t('map.fast.fieldHint')}>
              {(id) => (
                <Input
                  id={id}
                  value={value.field}
                  maxLength={64}
                  spellCheck={false}
                  onChange={({ target }) => onChange({ ...value, field: target.value })}
                />
              )}
            </Row>
            <Row label={t('map.fast.values')} hint={t('map.fast.valuesHint')}>
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
            </Row>
          </div>
          <p className="faint small">{t('map.fast.actsHint')}</p>
          <ol className="mapping-rows">
            {value.acts.map((local, i) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: acts have no names; their order counts
              <li key={i} className="mapping-rule">
                <LocalActFields
                  {...{ local, names, offices }}
                  onChange={(next) =>
                    onChange({ ...value, acts: value.acts.map((one, at) => (at === i ? next : one)) })
                  }
                />
                <RemoveButton onClick={() => onChange({ ...value, acts: value.acts.filter((_, at) => at !== i) })} />
              </li>
            ))}
          </ol>
          <div>
            <Button
              size="small"
              icon={<Icon name="plus" size={12} />}
              disabled={value.acts.length >= 10}
              onClick={() => onChange({ ...value, acts: [...value.acts, { do: 'sign' }] })}
            >
              {t('map.fast.add')}
            </Button>
          </div>
        </>
      ) : null}
    </section>
  );
}

import { Input } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { RemoveButton } from '../../ticket-kinds/parts/RemoveButton.js';
import { MappingPart } from './MappingPart.js';
import { AddRow, Arrow } from './RuleRows.js';

interface PairRowsProps<V> {
  label: string;
  /** What stands at the left, for people. */
  keyLabel: string;
  value: Record<string, V>;
  fresh: V;
  control: (value: V, onChange: (value: V) => void, name: string) => ReactNode;
  onChange: (value: Record<string, V>) => void;
}

/** Codes of one side and what they are at the other. */
export function PairRows<V>({ label, keyLabel, value, fresh, control, onChange }: PairRowsProps<V>) {
  const { t } = useTranslation('exchange');
  const rows = Object.entries(value);
  const set = (i: number, row: [string, V]) =>
    onChange(Object.fromEntries(rows.map((one, at) => (at === i ? row : one))));
  return (
    <MappingPart title={label}>
      <div className="mapping-rows">
        {rows.map(([key, one], i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the code itself is being typed
          <div key={i} className="mapping-row">
            <Input
              value={key}
              maxLength={64}
              aria-label={keyLabel}
              onChange={({ target }) => {
                if (target.value === key || !Object.hasOwn(value, target.value)) set(i, [target.value, one]);
              }}
            />
            <Arrow />
            {control(one, (next) => set(i, [key, next]), key)}
            <RemoveButton onClick={() => onChange(Object.fromEntries(rows.filter((_, at) => at !== i)))} />
          </div>
        ))}
        <AddRow
          text={t('map.add')}
          disabled={Object.hasOwn(value, '')}
          onClick={() => onChange({ ...value, '': fresh })}
        />
      </div>
    </MappingPart>
  );
}

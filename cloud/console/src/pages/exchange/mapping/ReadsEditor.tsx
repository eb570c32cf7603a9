import type { ExchangeMapping, ExchangeRead } from '@hallhub/shared/exchange';
import { Checkbox } from 'antd';
import { useTranslation } from 'react-i18next';

/** As the mapping’s schema has them. */
const reads: readonly ExchangeRead[] = ['tickets', 'files', 'boundaries'];

interface ReadsEditorProps {
  value: ExchangeMapping['reads'];
  onChange: (value: ExchangeRead[]) => void;
}

/** What the platform may fetch by itself, beside what it is sent. */
export function ReadsEditor({ value = [], onChange }: ReadsEditorProps) {
  const { t } = useTranslation('exchange');
  return (
    <div className="card card-pad stack">
      <p className="soft">{t('map.readsHint')}</p>
      {reads.map((one) => (
        <Checkbox
          key={one}
          checked={value.includes(one)}
          onChange={({ target }) =>
            onChange(reads.filter((other) => (other === one ? target.checked : value.includes(other))))
          }
        >
          {t(`map.read.${one}`)}
          <span className="faint small mapping-read-hint">{t(`map.readOf.${one}`)}</span>
        </Checkbox>
      ))}
    </div>
  );
}

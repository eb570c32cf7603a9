import { Select, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import { LabelledRow } from '../../parts/LabelledRow.js';
import { MappingPart } from './MappingPart.js';

const choices = ['named', 'all', 'none'] as const;
type Attach = (typeof choices)[number];

interface AlongRowsProps {
  attach: Attach | undefined;
  opinions: boolean | undefined;
  onChange: (change: { attach?: Attach; opinions?: boolean }) => void;
}

/** What else goes along with the messages: files, and opinions that no rule names. */
export function AlongRows({ attach, opinions, onChange }: AlongRowsProps) {
  const { t } = useTranslation('exchange');
  return (
    <MappingPart title={t('map.along.title')}>
      <LabelledRow label={t('map.along.attach')}>
        {(id) => (
          <Select
            id={id}
            value={attach ?? 'named'}
            options={choices.map((value) => ({ value, label: t(`map.along.${value}`) }))}
            onChange={(next) => onChange({ attach: next })}
          />
        )}
      </LabelledRow>
      <div className="switch-row">
        <Switch
          checked={opinions === true}
          aria-label={t('map.along.opinions')}
          onChange={(on) => onChange({ opinions: on })}
        />
        {t('map.along.opinions')}
      </div>
    </MappingPart>
  );
}

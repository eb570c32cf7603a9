import { InputNumber, Select, Space } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { formatDuration } from '../../../format/time.js';
import { useLanguage } from '../../../i18n/use-language.js';
import { startUnit } from './start-unit.js';

interface MinutesFieldProps {
  id: string;
  most: number;
  value: number | undefined;
  onChange: (minutes: number) => void;
}

const units = { min: 1, h: 60, d: 1_440 } as const;
type Unit = keyof typeof units;
/** Beyond this nobody is told a bound. */
const boundlessMinutes = 5_256_000;

/** A span of the clock's own time, in the unit that fits. */
export function MinutesField({ id, most, value, onChange }: MinutesFieldProps) {
  const { t } = useTranslation(['common', 'ticketDesk']);
  const language = useLanguage();
  const [picked, setUnit] = useState<Unit>();
  const unit = picked ?? startUnit(value);
  const shown = value === undefined || value === 0 ? null : value / units[unit];
  return (
    <div className="row row-wrap">
      <Space.Compact>
        <InputNumber
          id={id}
          min={1}
          max={Math.max(1, Math.floor(most / units[unit]))}
          precision={0}
          value={shown}
          onChange={(next) => {
            setUnit(unit);
            onChange(Math.round(Number(next ?? 0) * units[unit]));
          }}
        />
        <Select
          aria-label={t('unit.h')}
          value={unit}
          style={{ width: 88 }}
          options={(Object.keys(units) as Unit[]).map((one) => ({ value: one, label: t(`unit.${one}`) }))}
          onChange={(next) => {
            if (shown !== null) onChange(Math.min(most, Math.max(1, Math.round(shown)) * units[next]));
            setUnit(next);
          }}
        />
      </Space.Compact>
      {most < boundlessMinutes ? (
        <span className="small faint">{t('ticketDesk:most', { time: formatDuration(most * 60_000, language) })}</span>
      ) : null}
    </div>
  );
}

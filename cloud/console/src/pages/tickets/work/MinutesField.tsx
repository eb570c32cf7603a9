import { InputNumber, Select, Space } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

interface MinutesFieldProps {
  id: string;
  most: number;
  value: number | undefined;
  onChange: (minutes: number) => void;
}

const units = { min: 1, h: 60, d: 1_440 } as const;
type Unit = keyof typeof units;

/** A span of the clock's own time, in the unit that fits. */
export function MinutesField({ id, most, value, onChange }: MinutesFieldProps) {
  const { t } = useTranslation('common');
  const [unit, setUnit] = useState<Unit>('h');
  const shown = value === undefined || value === 0 ? null : value / units[unit];
  return (
    <Space.Compact>
      <InputNumber
        id={id}
        min={1}
        max={Math.floor(most / units[unit])}
        precision={0}
        value={shown}
        onChange={(next) => onChange(Math.round(Number(next ?? 0) * units[unit]))}
      />
      <Select
        aria-label={t('unit.h')}
        value={unit}
        style={{ width: 88 }}
        options={(Object.keys(units) as Unit[]).map((one) => ({ value: one, label: t(`unit.${one}`) }))}
        onChange={(next) => {
          if (shown !== null) onChange(Math.min(most, Math.round(shown) * units[next]));
          setUnit(next);
        }}
      />
    </Space.Compact>
  );
}

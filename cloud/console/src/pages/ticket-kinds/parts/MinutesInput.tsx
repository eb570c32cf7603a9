import { InputNumber, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDesigner } from '../draft/designer.js';

const units = { minutes: 1, hours: 60, days: 1_440 } as const;
type Unit = keyof typeof units;

const unitOf = (minutes: number): Unit =>
  minutes !== 0 && minutes % 1_440 === 0 ? 'days' : minutes !== 0 && minutes % 60 === 0 ? 'hours' : 'minutes';

interface MinutesInputProps {
  value: number;
  onChange: (minutes: number) => void;
  label: string;
  /** May be before: less than nothing. */
  signed?: boolean;
}

/** A length of time in people's units, kept in whole minutes. */
export function MinutesInput({ value, onChange, label, signed }: MinutesInputProps) {
  const { t } = useTranslation('ticketKinds');
  const { mayWrite } = useDesigner();
  const [unit, setUnit] = useState<Unit>(() => unitOf(value));
  return (
    <span className="tk-minutes">
      <InputNumber
        value={value / units[unit]}
        min={signed ? -525_600 : 0}
        disabled={!mayWrite}
        aria-label={label}
        onChange={(next) => onChange(Math.round((next ?? 0) * units[unit]))}
      />
      <Select
        value={unit}
        disabled={!mayWrite}
        aria-label={t('part.unit')}
        options={(Object.keys(units) as Unit[]).map((one) => ({ value: one, label: t(`unit.${one}`) }))}
        onChange={(next: Unit) => {
          onChange(Math.round((value / units[unit]) * units[next]));
          setUnit(next);
        }}
      />
    </span>
  );
}

import { DatePicker, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { pickedMs, pickerOf } from '../../format/picker-time.js';
import { parseRange, type RangeKey, rangeKeys, writeRange } from './time-range.js';

interface RangeChoiceProps {
  value: string | undefined;
  onChange: (value: string) => void;
}

/** How far back to look: a usual length, or two times. */
export function RangeChoice({ value, onChange }: RangeChoiceProps) {
  const { t } = useTranslation();
  const span = parseRange(value, Date.now());
  const [custom, setCustom] = useState(span.key === undefined);
  return (
    <div className="row row-wrap">
      <Segmented<RangeKey | 'custom'>
        size="small"
        aria-label={t('range.label')}
        value={custom ? 'custom' : (span.key ?? 'custom')}
        options={[
          ...rangeKeys.map((key) => ({ value: key, label: t(`range.${key}`) })),
          { value: 'custom' as const, label: t('range.custom') },
        ]}
        onChange={(next) => {
          setCustom(next === 'custom');
          if (next !== 'custom') onChange(next);
        }}
      />
      {custom ? (
        <DatePicker.RangePicker
          size="small"
          showTime={{ format: 'HH:mm' }}
          format="YYYY-MM-DD HH:mm"
          allowClear={false}
          value={[pickerOf(span.fromMs), pickerOf(span.toMs)]}
          maxDate={pickerOf(Date.now())}
          onChange={(times) => {
            const [from, to] = times ?? [];
            if (from && to) onChange(writeRange(pickedMs(from), pickedMs(to)));
          }}
        />
      ) : null}
    </div>
  );
}

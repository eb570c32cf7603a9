import type { TimeTemplate, VisionRule } from '@hallhub/shared/vision';
import { Button, Checkbox, Dropdown, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/icons.js';

const days = [1, 2, 3, 4, 5, 6, 7] as const;

/** What most halls mean; each can be changed afterwards. */
const usual = {
  workdays: [{ days: [1, 2, 3, 4, 5], from: '09:00', to: '17:00' }],
  everyDay: [{ days: [...days], from: '09:00', to: '17:00' }],
  nights: [{ days: [...days], from: '22:00', to: '06:00' }],
} satisfies Record<string, TimeTemplate>;

/** When a rule is awake; nothing means always. */
export function TimeFields({
  value,
  others,
  onChange,
}: {
  value: TimeTemplate | undefined;
  /** Rules whose times may be taken over. */
  others: readonly VisionRule[];
  onChange: (value: TimeTemplate | undefined) => void;
}) {
  const { t } = useTranslation(['video', 'cameras']);
  const spans = value ?? [];
  const change = (index: number, part: Partial<TimeTemplate[number]>) =>
    onChange(spans.map((span, i) => (i === index ? { ...span, ...part } : span)));
  return (
    <div className="stack">
      {spans.length === 0 ? <span className="soft">{t('rule.always')}</span> : null}
      {spans.map((span, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a span is its place in the row
        <div key={index} className="time-span">
          <Checkbox.Group
            value={span.days}
            options={days.map((day) => ({ value: day, label: t(`day.${day}`) }))}
            onChange={(chosen) =>
              chosen.length > 0 && change(index, { days: [...(chosen as number[])].sort((a, b) => a - b) })
            }
          />
          <div className="row">
            <Input
              type="time"
              aria-label={t('rule.from')}
              value={span.from}
              onChange={({ target }) => target.value && change(index, { from: target.value })}
            />
            <span className="faint">–</span>
            <Input
              type="time"
              aria-label={t('rule.to')}
              value={span.to}
              onChange={({ target }) => target.value && change(index, { to: target.value })}
            />
            <Button
              type="text"
              icon={<Icon name="close" size={14} />}
              aria-label={t('remove')}
              onClick={() => onChange(spans.length === 1 ? undefined : spans.filter((_span, i) => i !== index))}
            />
          </div>
        </div>
      ))}
      <div className="row row-wrap">
        {spans.length < 16 ? (
          <Button
            size="small"
            icon={<Icon name="plus" size={14} />}
            onClick={() => onChange([...spans, ...usual.workdays])}
          >
            {t('rule.addTime')}
          </Button>
        ) : null}
        <Dropdown
          trigger={['click']}
          menu={{
            items: [
              ...(['workdays', 'everyDay', 'nights'] as const).map((key) => ({
                key,
                label: t(`cameras:rule.${key}`),
                onClick: () => onChange([...usual[key]]),
              })),
              ...others
                .filter(({ times }) => times !== undefined)
                .map(({ id, name, times }) => ({
                  key: id,
                  label: t('cameras:rule.asRule', { rule: name }),
                  onClick: () => onChange(times),
                })),
            ],
          }}
        >
          <Button size="small">{t('cameras:rule.usualTimes')}</Button>
        </Dropdown>
      </div>
    </div>
  );
}

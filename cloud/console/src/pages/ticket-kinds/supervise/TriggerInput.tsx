import type { SuperviseRule } from '@hallhub/shared/ticket';
import { InputNumber, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { formatDuration } from '../../../format/time.js';
import { useLanguage } from '../../../i18n/use-language.js';
import { useDesigner } from '../draft/designer.js';
import { useOptions } from '../parts/use-options.js';

type Trigger = SuperviseRule['on'];
const triggers = ['breach', 'escalated', 'returned', 'reopened'] as const;
const minuteMs = 60_000;

/** When: a clock that is over or was escalated, or so many returns. */
export function TriggerInput({ on, onChange }: { on: Trigger; onChange: (on: Trigger) => void }) {
  const { t } = useTranslation('ticketKinds');
  const { kind, mayWrite } = useDesigner();
  const options = useOptions();
  const language = useLanguage();
  const given = { disabled: !mayWrite };
  const of = (name: (typeof triggers)[number]): Trigger => {
    if (name === 'returned' || name === 'reopened') return { on: name, times: 'times' in on ? on.times : 1 };
    return { on: name, clock: 'clock' in on ? on.clock : (kind.clocks[0]?.id ?? '') };
  };
  const escalations = 'clock' in on ? (kind.clocks.find(({ id }) => id === on.clock)?.escalations ?? []) : [];
  const moment = (minutes: number) => {
    if (minutes === 0) return t('supervise.atDue');
    const time = formatDuration(Math.abs(minutes) * minuteMs, language);
    return t(minutes > 0 ? 'supervise.afterDue' : 'supervise.beforeDue', { time });
  };
  return (
    <span className="tk-rule">
      <Select
        {...given}
        className="tk-rule-kind"
        value={on.on}
        aria-label={t('supervise.on')}
        options={triggers.map((one) => ({ value: one, label: t(`supervise.onOf.${one}`) }))}
        onChange={(name: (typeof triggers)[number]) => onChange(of(name))}
      />
      {'clock' in on ? (
        <Select
          {...given}
          className="tk-rule-detail"
          value={on.clock || null}
          placeholder={t('tabs.clocks')}
          aria-label={t('tabs.clocks')}
          options={options.clocks}
          onChange={(clock: string) => onChange({ on: on.on, clock })}
        />
      ) : null}
      {on.on === 'escalated' ? (
        <Select<number>
          {...given}
          className="tk-rule-detail"
          value={on.place ?? -1}
          aria-label={t('supervise.place')}
          options={[
            { value: -1, label: t('supervise.anyPlace') },
            ...escalations.map(({ afterMinutes }, i) => ({
              value: i,
              label: t('supervise.placeOf', { n: i + 1, moment: moment(afterMinutes) }),
            })),
          ]}
          onChange={(place) => onChange({ on: 'escalated', clock: on.clock, ...(place < 0 ? {} : { place }) })}
        />
      ) : null}
      {'times' in on ? (
        <InputNumber
          {...given}
          className="tk-rule-detail"
          value={on.times}
          min={1}
          max={50}
          precision={0}
          aria-label={t('supervise.times')}
          prefix={t('supervise.timesBefore')}
          suffix={t('supervise.timesAfter')}
          onChange={(times) => onChange({ on: on.on, times: times ?? 1 })}
        />
      ) : null}
    </span>
  );
}

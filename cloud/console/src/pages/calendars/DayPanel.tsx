import type { WorkCalendar } from '@hallhub/shared/ticket';
import { Button, Form, Input, Segmented } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Section } from '../../ui/Page.js';
import { dayOf, readShifts, writeShifts } from './calendar-days.js';

interface DayPanelProps {
  calendar: WorkCalendar;
  date: string;
  mayWrite: boolean;
  saving: boolean;
  onChange: (special: WorkCalendar['days'][string] | undefined) => void;
}

type As = 'usual' | 'rests' | 'works';

/** One day: as its weekday, free, or with its own shifts. */
export function DayPanel({ calendar, date, mayWrite, saving, onChange }: DayPanelProps) {
  const { t } = useTranslation(['workCalendars', 'common']);
  const special = calendar.days[date];
  const now = dayOf(calendar, date);
  const [as, setAs] = useState<As>(special ? (special.shifts.length > 0 ? 'works' : 'rests') : 'usual');
  const [name, setName] = useState(special?.name.zh ?? '');
  const [hours, setHours] = useState(writeShifts(now.shifts.length > 0 ? now.shifts : calendar.week[1]));
  const shifts = readShifts(hours);
  const isBroken = as === 'works' && (shifts === undefined || shifts.length === 0);
  const save = () => {
    if (as === 'usual') return onChange(undefined);
    const called =
      special && special.name.zh === name
        ? special.name
        : { zh: name.trim() || t(as === 'rests' ? 'ownRest' : 'ownWork') };
    onChange({ name: called, shifts: as === 'rests' ? [] : (shifts ?? []) });
  };
  return (
    <Section title={date}>
      <Form layout="vertical" requiredMark={false} onFinish={save} disabled={!mayWrite}>
        <Form.Item label={t('day.as')}>
          <Segmented
            aria-label={t('day.as')}
            block
            disabled={!mayWrite}
            value={as}
            options={(['usual', 'rests', 'works'] as const).map((one) => ({ value: one, label: t(`day.${one}`) }))}
            onChange={(next) => setAs(next as As)}
          />
        </Form.Item>
        {as === 'usual' ? null : (
          <Form.Item label={t('day.name')} htmlFor="cal-day-name">
            <Input id="cal-day-name" value={name} maxLength={60} onChange={({ target }) => setName(target.value)} />
          </Form.Item>
        )}
        {as === 'works' ? (
          <Form.Item
            label={t('day.hours')}
            htmlFor="cal-day-hours"
            extra={t('hoursHint')}
            {...(isBroken ? { validateStatus: 'error' as const, help: t('hoursBroken') } : {})}
          >
            <Input
              id="cal-day-hours"
              className="mono"
              value={hours}
              onChange={({ target }) => setHours(target.value)}
            />
          </Form.Item>
        ) : null}
        {mayWrite ? (
          <Button htmlType="submit" type="primary" loading={saving} disabled={isBroken}>
            {t('common:save')}
          </Button>
        ) : null}
      </Form>
    </Section>
  );
}

import type { WorkCalendar } from '@hallhub/shared/ticket';
import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Section } from '../../ui/Page.js';
import { readShifts, writeShifts } from './calendar-days.js';

type Week = WorkCalendar['week'];
const weekdays = [1, 2, 3, 4, 5, 6, 7] as const;

interface WeekShiftsProps {
  calendar: WorkCalendar;
  mayWrite: boolean;
  saving: boolean;
  onChange: (week: Week) => void;
}

/** The usual week: the shifts of each weekday. */
export function WeekShifts({ calendar, mayWrite, saving, onChange }: WeekShiftsProps) {
  const { t } = useTranslation(['workCalendars', 'common']);
  const [typed, setTyped] = useState(() => weekdays.map((day) => writeShifts(calendar.week[day])));
  const read = typed.map(readShifts);
  const isBroken = read.includes(undefined);
  const isChanged = weekdays.some((day, i) => typed[i] !== writeShifts(calendar.week[day]));
  const save = () => onChange(Object.fromEntries(weekdays.map((day, i) => [day, read[i] ?? []])) as unknown as Week);
  return (
    <Section title={t('week')}>
      <Form layout="vertical" requiredMark={false} className="cal-week" onFinish={save} disabled={!mayWrite}>
        {weekdays.map((day, i) => (
          <div key={day} className="row">
            <label className="cal-weekday soft" htmlFor={`cal-week-${day}`}>
              {t(`weekday.${day}`)}
            </label>
            <Input
              id={`cal-week-${day}`}
              className="mono"
              value={typed[i] ?? ''}
              placeholder={t('free')}
              status={read[i] === undefined ? 'error' : ''}
              aria-invalid={read[i] === undefined}
              onChange={({ target }) => setTyped((was) => was.map((one, j) => (j === i ? target.value : one)))}
            />
          </div>
        ))}
        <p className={isBroken ? 'problem-inline small' : 'faint small'}>
          {isBroken ? t('hoursBroken') : t('hoursHint')}
        </p>
        {mayWrite ? (
          <Button htmlType="submit" loading={saving} disabled={isBroken || !isChanged}>
            {t('common:save')}
          </Button>
        ) : null}
      </Form>
    </Section>
  );
}

import type { WorkCalendar } from '@hallhub/shared/ticket';
import type { KeyboardEvent } from 'react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { useLabel } from '../../i18n/use-language.js';
import { type CalendarDay, dateOf, monthGrid, writeShifts } from './calendar-days.js';

interface MonthGridProps {
  calendar: WorkCalendar;
  year: number;
  month: number;
  /** One of twelve: no words in the days. */
  small?: boolean;
  today: string;
  chosen: string | undefined;
  onChoose: (date: string) => void;
}

const weekdays = [1, 2, 3, 4, 5, 6, 7] as const;

/** A month as a table of days; arrow keys go from day to day. */
export function MonthGrid({ calendar, year, month, small, today, chosen, onChoose }: MonthGridProps) {
  const { t } = useTranslation('workCalendars');
  const label = useLabel();
  const table = useRef<HTMLTableElement>(null);
  const grid = monthGrid(calendar, year, month);
  const days = grid.flat().filter(({ isOfMonth }) => isOfMonth);
  const first = days.find(({ date }) => date === chosen) ?? days.find(({ date }) => date === today) ?? days[0];
  const go = (event: KeyboardEvent, date: string) => {
    const by = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    const next = dateOf(Date.parse(`${date}T00:00:00Z`) + by * 86_400_000);
    table.current?.querySelector<HTMLButtonElement>(`[data-date="${next}"]`)?.focus();
  };
  const say = ({ date, kind, name, shifts }: CalendarDay) =>
    [date, name ? label(name) : '', t(`kind.${kind}`), writeShifts(shifts)].filter(Boolean).join(' ');
  return (
    <table className={small ? 'cal-month is-small' : 'cal-month'} ref={table}>
      <caption className={small ? 'soft small' : 'sr-only'}>
        {small ? t('monthOnly', { month }) : t('month', { year, month })}
      </caption>
      <thead>
        <tr>
          {weekdays.map((day) => (
            <th key={day} scope="col">
              {t(`weekday.${day}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {grid.map((week) => (
          <tr key={week[0]?.date}>
            {week.map((day) => (
              <td key={day.date}>
                {day.isOfMonth ? (
                  <button
                    type="button"
                    data-date={day.date}
                    tabIndex={day.date === first?.date ? 0 : -1}
                    className={[
                      'cal-day',
                      `cal-${day.kind}`,
                      day.date === today && 'is-today',
                      day.date === chosen && 'is-chosen',
                    ]
                      .filter(Boolean)
                      .join(' ')}
                    aria-label={say(day)}
                    aria-pressed={day.date === chosen}
                    title={say(day)}
                    onClick={() => onChoose(day.date)}
                    onKeyDown={(event) => go(event, day.date)}
                  >
                    <span>{day.day}</span>
                    {small ? null : <span className="cal-words clip">{day.name ? label(day.name) : ''}</span>}
                  </button>
                ) : null}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

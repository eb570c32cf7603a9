import type { WorkCalendar } from '@hallhub/shared/ticket';
import { defaultZone } from './calendar-book.js';
import { stateHolidays, withHolidays } from './state-holidays.js';

const firstYear = 2024;

/** Monday to Friday, 9 to 12 and 13:30 to 17:30, with the holidays of all years that are announced from 2024 on. */
export const officeCalendar = (): WorkCalendar => {
  const day = [
    { from: '09:00', to: '12:00' },
    { from: '13:30', to: '17:30' },
  ];
  const week = { 1: day, 2: day, 3: day, 4: day, 5: day, 6: [], 7: [] };
  let calendar: WorkCalendar = {
    ...{ code: 'office', label: { zh: '法定工作日', en: 'Statutory working days' }, zone: defaultZone, days: {} },
    week,
  };
  for (let year = firstYear, days = stateHolidays(year); days.length > 0; year++, days = stateHolidays(year)) {
    calendar = withHolidays(calendar, days).document;
  }
  return calendar;
};

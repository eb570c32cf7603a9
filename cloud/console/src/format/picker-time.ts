import dayjs, { type Dayjs } from 'dayjs';
import { instantOf } from './day-in-zone.js';
import { pageZone } from './page-zone.js';
import { formatStamp } from './time.js';

/** What a picker shows of an instant: the wall clock of the page's zone. Only for pickers; `pickedMs` reads it back. */
export const pickerOf = (time: string | number): Dayjs => dayjs(formatStamp(time, pageZone()).replace(' ', 'T'));

/** The instant that somebody picked by the page's zone, epoch ms. */
export const pickedMs = (picked: Dayjs): number => instantOf(picked.format('YYYY-MM-DDTHH:mm:ss'), pageZone());

/** The same as it goes to the API, `2026-11-22T00:15:00.000Z`. */
export const pickedInstant = (picked: Dayjs): string => new Date(pickedMs(picked)).toISOString();

import { labelSchema } from '@hallhub/shared';
import { slugSchema, workCalendarSchema } from '@hallhub/shared/ticket';
import { z } from '@hono/zod-openapi';

export const mostCalendars = 100;
/** Ten years of holidays and as many days of one’s own. */
const mostDays = 1_500;

const realDate = z.iso.date();
export const calendarDocumentSchema = workCalendarSchema
  .refine(({ days }) => Object.keys(days).length <= mostDays, { path: ['days'], message: `${mostDays} days at most` })
  .refine(({ days }) => Object.keys(days).every((date) => realDate.safeParse(date).success), {
    path: ['days'],
    message: 'Each is a day that exists, as YYYY-MM-DD',
  })
  .openapi('WorkCalendar');

const yearSchema = z.object({
  year: z.int(),
  state: z
    .enum(['included', 'offered', 'unknown'])
    .describe('offered: announced, and not in the calendar; unknown: not announced as far as this version knows'),
});

const summary = {
  code: slugSchema,
  label: labelSchema,
  zone: z.string(),
  version: z.int().describe('0: built in, cannot be changed'),
  years: z.array(yearSchema).describe('Holidays of this year and the next'),
  updatedAt: z.iso.datetime().nullable(),
  updatedBy: z.string().nullable(),
};
export const calendarSummarySchema = z.object(summary).openapi('CalendarSummary');
export type CalendarSummary = z.infer<typeof calendarSummarySchema>;

export const calendarSchema = z.object({ ...summary, document: workCalendarSchema }).openapi('Calendar');
export type Calendar = z.infer<typeof calendarSchema>;

export const holidaysSchema = calendarSchema
  .extend({
    added: z.int(),
    kept: z.array(z.string()).describe('Days that said something else and were left as they are'),
  })
  .openapi('CalendarHolidays');
export type Holidays = z.infer<typeof holidaysSchema>;

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Segmented, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { addHolidays, type Calendar, calendarQuery, calendarsQuery, saveCalendar } from '../../api/calendars.js';
import { askCalendar, type CalendarIf, type ClocksWhatIf } from '../../api/what-if.js';
import { anyText, oneOf, useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { useLabel } from '../../i18n/use-language.js';
import { Icon } from '../../ui/icons.js';
import { Page, Section } from '../../ui/Page.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { Empty, ErrorState } from '../../ui/states.js';
import { FormProblem } from '../parts/FormProblem.js';
import { SetUpTabs } from '../ticket-kinds/SetUpTabs.js';
import { withDay } from './calendar-days.js';
import { DayPanel } from './DayPanel.js';
import { MonthGrid } from './MonthGrid.js';
import { NewCalendar } from './NewCalendar.js';
import { WeekShifts } from './WeekShifts.js';
import { WhatIfDialog } from './WhatIfDialog.js';
import './calendars.css';
import { today } from '../../format/page-zone.js';

const months = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12] as const;
const searchSchema = z.object({
  code: anyText,
  year: anyText,
  month: anyText,
  show: oneOf(['month', 'year']),
  day: anyText,
});

/** When people work: weeks, holidays, and days that are otherwise. Clocks of running tickets follow at once. */
export default function CalendarsPage() {
  const { t } = useTranslation('workCalendars');
  const label = useLabel();
  const may = useRights();
  const [search, setSearch] = useSearchState(searchSchema);
  const [adding, setAdding] = useState(false);
  const list = useQuery(calendarsQuery);
  const calendars = list.data ?? [];
  const code = search.code ?? calendars.find((one) => one.code === 'office')?.code ?? calendars[0]?.code;
  const one = useQuery({ ...calendarQuery(code ?? ''), enabled: code !== undefined });
  const mayWrite = may('calendar.write');
  const add = mayWrite ? (
    <Button type="primary" onClick={() => setAdding(true)}>
      {t('new')}
    </Button>
  ) : undefined;
  const problem = list.error ?? one.error;
  return (
    <Page title={t('title')} tabs={<SetUpTabs active="calendars" />} actions={add}>
      {problem ? (
        <ErrorState error={problem} onRetry={() => void (list.error ? list.refetch() : one.refetch())} />
      ) : list.data && calendars.length === 0 ? (
        <Empty icon="today" title={t('none')} hint={t('noneHint')} action={add} />
      ) : one.data ? (
        <>
          <div className="row row-wrap cal-bar">
            <Select
              className="cal-choice"
              value={code ?? null}
              aria-label={t('calendar')}
              options={calendars.map((calendar) => ({ value: calendar.code, label: label(calendar.label) }))}
              onChange={(next: string) => setSearch({ code: next, day: undefined })}
            />
            <span className="faint small">{t('zone', { zone: one.data.zone })}</span>
          </div>
          <Open
            key={`${one.data.code} ${one.data.version}`}
            calendar={one.data}
            mayWrite={mayWrite && one.data.version > 0}
            search={search}
            setSearch={setSearch}
          />
        </>
      ) : (
        <SkeletonLines lines={8} />
      )}
      {adding ? (
        <NewCalendar
          from={one.data}
          taken={calendars.map((calendar) => calendar.code)}
          onMade={(made) => setSearch({ code: made })}
          onClose={() => setAdding(false)}
        />
      ) : null}
    </Page>
  );
}

interface OpenProps {
  calendar: Calendar;
  mayWrite: boolean;
  search: z.infer<typeof searchSchema>;
  setSearch: (patch: Partial<z.infer<typeof searchSchema>>) => void;
}

function Open({ calendar, mayWrite, search, setSearch }: OpenProps) {
  const { t } = useTranslation(['workCalendars', 'common']);
  const { message } = App.useApp();
  const client = useQueryClient();
  const [thisYear, thisMonth] = today().split('-').map(Number) as [number, number];
  const year = Number(search.year) || thisYear;
  const month = Math.min(12, Math.max(1, Number(search.month) || thisMonth));
  const settle = (next: Calendar) => {
    client.setQueryData(calendarQuery(next.code).queryKey, next);
    void client.invalidateQueries({ queryKey: calendarsQuery.queryKey });
  };
  const save = useMutation({
    mutationFn: (document: Calendar['document']) => saveCalendar(calendar.version, document),
    onSettled: () => ask.reset(),
    onSuccess: (next) => {
      void message.success(t('common:saved'));
      settle(next);
    },
  });
  const holidays = useMutation({
    mutationFn: () => addHolidays(calendar.code, year),
    onSettled: () => ask.reset(),
    onSuccess: (next) => {
      void message.success(t('added', { count: next.added }));
      settle(next);
    },
  });
  const isSaving = save.isPending || holidays.isPending;
  const write = (asked: CalendarIf) => {
    if ('document' in asked) save.mutate(asked.document);
    else holidays.mutate();
  };
  // What moves no clock is written at once; what does is shown first.
  const ask = useMutation({
    mutationFn: (asked: CalendarIf) => askCalendar(calendar.code, asked),
    onSuccess: (told, asked) => {
      if (movesNothing(told)) write(asked);
    },
  });
  const asked = ask.variables;
  const isAsking = asked !== undefined && (ask.error !== null || (ask.data !== undefined && !movesNothing(ask.data)));
  const turn = (by: number) => {
    if (search.show === 'year') return setSearch({ year: String(year + by) });
    const at = new Date(Date.UTC(year, month - 1 + by, 1));
    setSearch({ year: String(at.getUTCFullYear()), month: String(at.getUTCMonth() + 1) });
  };
  const known = calendar.years.find((one) => one.year === year);
  const choose = (day: string) => setSearch({ day: day === search.day ? undefined : day });
  const grid = {
    calendar: calendar.document,
    today: today(),
    chosen: search.day,
    onChoose: choose,
  };
  return (
    <div className="cal-columns">
      <Section bare>
        <div className="row row-wrap cal-bar">
          <Button
            icon={
              <span className="cal-before">
                <Icon name="chevron" />
              </span>
            }
            aria-label={t('before')}
            onClick={() => turn(-1)}
          />
          <h2 className="cal-now" aria-live="polite">
            {search.show === 'year' ? t('year', { year }) : t('month', { year, month })}
          </h2>
          <Button icon={<Icon name="chevron" />} aria-label={t('after')} onClick={() => turn(1)} />
          <Segmented
            aria-label={t('show.label')}
            value={search.show ?? 'month'}
            options={(['month', 'year'] as const).map((one) => ({ value: one, label: t(`show.${one}`) }))}
            onChange={(show) => setSearch({ show: show as 'month' | 'year' })}
          />
          <span className="grow" />
          {mayWrite && known?.state !== 'included' ? (
            <Button loading={ask.isPending || isSaving} onClick={() => ask.mutate({ holidaysOf: year })}>
              {t('addHolidays', { year })}
            </Button>
          ) : null}
        </div>
        {known?.state === 'unknown' ? <p className="faint small">{t('unknownYear', { year })}</p> : null}
        <FormProblem error={holidays.error ?? save.error} />
        {search.show === 'year' ? (
          <div className="cal-year">
            {months.map((one) => (
              <MonthGrid key={one} {...grid} small year={year} month={one} />
            ))}
          </div>
        ) : (
          <MonthGrid {...grid} year={year} month={month} />
        )}
        <Legend />
      </Section>
      <div className="stack">
        {search.day ? (
          <DayPanel
            key={search.day}
            calendar={calendar.document}
            date={search.day}
            mayWrite={mayWrite}
            saving={ask.isPending || isSaving}
            onChange={(special) => ask.mutate({ document: withDay(calendar.document, search.day ?? '', special) })}
          />
        ) : (
          <p className="faint small">{t('chooseDay')}</p>
        )}
        <WeekShifts
          calendar={calendar.document}
          mayWrite={mayWrite}
          saving={ask.isPending || isSaving}
          onChange={(week) => ask.mutate({ document: { ...calendar.document, week } })}
        />
      </div>
      {isAsking ? (
        <WhatIfDialog
          told={ask.data}
          error={ask.error}
          zone={calendar.document.zone}
          saving={isSaving}
          onSave={() => write(asked)}
          onClose={() => ask.reset()}
        />
      ) : null}
    </div>
  );
}

const movesNothing = ({ tickets, isCut, refused }: ClocksWhatIf): boolean => tickets === 0 && !isCut && refused === 0;

function Legend() {
  const { t } = useTranslation('workCalendars');
  return (
    <ul className="row row-wrap cal-legend" aria-label={t('legend')}>
      {(['works', 'rests', 'holiday', 'moved'] as const).map((kind) => (
        <li key={kind} className="row small soft">
          <span className={`cal-swatch cal-${kind}`} aria-hidden="true" />
          {t(`kind.${kind}`)}
        </li>
      ))}
    </ul>
  );
}

import { useTranslation } from 'react-i18next';
import { formatNumber } from '../../format/number.js';
import { formatDuration, formatExact } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { Facts } from '../parts/Facts.js';
import { type ReportColumn, ReportTable } from '../parts/ReportTable.js';
import { asHeading } from './as-heading.js';
import { monthName } from './month-name.js';
import type { MonthReport } from './month-report.js';
import { ProofSum } from './ProofSum.js';
import { verdictLooks } from './proof-looks.js';
import { ReportCheck } from './ReportCheck.js';

type Figures = MonthReport['report']['totals'];

/** The sheet itself: always dark on light, whatever the theme, as it will be on paper. */
export function ReportSheet({ month }: { month: MonthReport }) {
  const { t } = useTranslation('proof');
  const language = useLanguage();
  const { report, verdict, isEarly } = month;
  const number = (value: number) => formatNumber(value, language, 0);
  return (
    <article className="report-sheet" data-theme="light">
      <header className="report-head">
        <p className="report-org">{report.tenant.name}</p>
        <h2>
          {t('sheet.title')} <span className="report-month">{monthName(report.month, language)}</span>
        </h2>
        <div className="row row-wrap">
          <StatusMark {...verdictLooks[verdict]} word={t(`verdict.${verdict}`)} />
          <span>{t(`sheet.say.${verdict}`)}</span>
        </div>
        {isEarly ? <p>{t('sheet.early')}</p> : null}
      </header>
      <Facts
        facts={[
          { label: t('sheet.made'), value: formatExact(report.madeAt) },
          { label: t('sheet.by'), value: `HallHub ${report.software}` },
          { label: t('sheet.id'), value: <code>{report.id}</code> },
        ]}
      />
      <section>
        <h3>{t('sheet.totals')}</h3>
        <ProofSum figures={report.totals} />
        <Facts
          facts={[
            report.totals.delayMaxMs !== null && {
              label: t('fact.delay'),
              value: formatDuration(report.totals.delayMaxMs, language),
            },
            report.totals.unsealed > 0 && { label: t('fact.unsealed'), value: number(report.totals.unsealed) },
            report.totals.repeated > 0 && { label: t('fact.repeated'), value: number(report.totals.repeated) },
            (report.totals.quarantined ?? 0) > 0 && {
              label: t('fact.quarantined'),
              value: number(report.totals.quarantined),
            },
          ]}
        />
      </section>
      <Units month={month} />
      {month.exceptions.length > 0 ? <Exceptions month={month} /> : null}
      <section>
        <h3>{t('limits.title')}</h3>
        <ul className="proof-limits">
          {(['chain', 'not'] as const).map((key) => (
            <li key={key}>{t(`limits.${key}`)}</li>
          ))}
        </ul>
      </section>
      <ReportCheck month={month} />
    </article>
  );
}

const figures = ['produced', 'stored', 'aside', 'thinned', 'waiting', 'lost', 'twice'] as const;

/** The same figures of a unit and of a day. */
const useFigureColumns = <Row,>(of: (row: Row) => Figures): ReportColumn<Row>[] => {
  const { t } = useTranslation('proof');
  const language = useLanguage();
  return [
    ...figures.map((name) => ({
      key: name,
      head: asHeading(t(`sum.${name}`)),
      cell: (row: Row) => formatNumber(of(row)[name], language, 0),
      className: (row: Row) => ((name === 'lost' || name === 'twice') && of(row)[name] > 0 ? 'proof-bad' : undefined),
    })),
    {
      key: 'delay',
      head: t('columns.delay'),
      cell: (row: Row) => {
        const { delayMaxMs } = of(row);
        return delayMaxMs === null ? '—' : formatDuration(delayMaxMs, language);
      },
    },
  ];
};

function Units({ month }: { month: MonthReport }) {
  const { t } = useTranslation('proof');
  const columns = useFigureColumns<MonthReport['units'][number]>(({ unit }) => unit.totals);
  return (
    <section>
      <h3>{t('sheet.units')}</h3>
      {month.units.length === 0 ? (
        <p>{t('sheet.noUnits')}</p>
      ) : (
        <ReportTable
          rows={month.units}
          keyOf={({ unit }) => unit.unitId}
          columns={[
            {
              key: 'unit',
              head: t('columns.unit'),
              cell: ({ unit }) => (
                <>
                  {unit.unitName}
                  <span className="report-hall">{unit.hallName}</span>
                </>
              ),
            },
            {
              key: 'days',
              head: t('sheet.days'),
              className: 'report-verdicts',
              cell: ({ counts }) =>
                counts.map(({ verdict, days }) => (
                  <span key={verdict}>{t('sheet.daysOf', { count: days, verdict: t(`verdict.${verdict}`) })}</span>
                )),
            },
            ...columns,
          ]}
        />
      )}
    </section>
  );
}

function Exceptions({ month }: { month: MonthReport }) {
  const { t } = useTranslation('proof');
  const columns = useFigureColumns<MonthReport['exceptions'][number]>(({ day }) => day.figures);
  return (
    <section>
      <h3>{t('sheet.exceptions')}</h3>
      <ReportTable
        rows={month.exceptions}
        keyOf={({ unitName, hallName, day }) => `${hallName}${unitName}${day.day}`}
        columns={[
          { key: 'unit', head: t('columns.unit'), cell: ({ unitName }) => unitName },
          {
            key: 'day',
            head: t('day'),
            cell: ({ day }) => (
              <>
                {day.day} <StatusMark {...verdictLooks[day.verdict]} word={t(`verdict.${day.verdict}`)} />
              </>
            ),
          },
          ...columns,
        ]}
      />
    </section>
  );
}

import { useTranslation } from 'react-i18next';
import { formatNumber } from '../../format/number.js';
import { formatDuration, formatExact } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { Facts } from '../parts/Facts.js';
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

const columns = ['produced', 'stored', 'aside', 'thinned', 'waiting', 'lost', 'twice'] as const;

function FigureCells({ figures }: { figures: Figures }) {
  const language = useLanguage();
  return (
    <>
      {columns.map((column) => (
        <td
          key={column}
          className={(column === 'lost' || column === 'twice') && figures[column] > 0 ? 'proof-bad' : ''}
        >
          {formatNumber(figures[column], language, 0)}
        </td>
      ))}
      <td>{figures.delayMaxMs === null ? '—' : formatDuration(figures.delayMaxMs, language)}</td>
    </>
  );
}

function FigureHeads() {
  const { t } = useTranslation('proof');
  return (
    <>
      {columns.map((column) => (
        <th key={column} scope="col">
          {asHeading(t(`sum.${column}`))}
        </th>
      ))}
      <th scope="col">{t('columns.delay')}</th>
    </>
  );
}

function Units({ month }: { month: MonthReport }) {
  const { t } = useTranslation('proof');
  return (
    <section>
      <h3>{t('sheet.units')}</h3>
      {month.units.length === 0 ? (
        <p>{t('sheet.noUnits')}</p>
      ) : (
        <table className="report-table">
          <thead>
            <tr>
              <th scope="col">{t('columns.unit')}</th>
              <th scope="col">{t('sheet.days')}</th>
              <FigureHeads />
            </tr>
          </thead>
          <tbody>
            {month.units.map(({ unit, counts }) => (
              <tr key={unit.unitId}>
                <th scope="row">
                  {unit.unitName}
                  <span className="report-hall">{unit.hallName}</span>
                </th>
                <td className="report-verdicts">
                  {counts.map(({ verdict, days }) => (
                    <span key={verdict}>{t('sheet.daysOf', { count: days, verdict: t(`verdict.${verdict}`) })}</span>
                  ))}
                </td>
                <FigureCells figures={unit.totals} />
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Exceptions({ month }: { month: MonthReport }) {
  const { t } = useTranslation('proof');
  return (
    <section>
      <h3>{t('sheet.exceptions')}</h3>
      <table className="report-table">
        <thead>
          <tr>
            <th scope="col">{t('columns.unit')}</th>
            <th scope="col">{t('day')}</th>
            <FigureHeads />
          </tr>
        </thead>
        <tbody>
          {month.exceptions.map(({ unitName, hallName, day }) => (
            <tr key={`${hallName}${unitName}${day.day}`}>
              <th scope="row">{unitName}</th>
              <td>
                {day.day} <StatusMark {...verdictLooks[day.verdict]} word={t(`verdict.${day.verdict}`)} />
              </td>
              <FigureCells figures={day.figures} />
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

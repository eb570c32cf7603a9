import { useTranslation } from 'react-i18next';
import type { RunReport } from '../../api/run-report.js';
import { formatNumber } from '../../format/number.js';
import { formatStamp } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { monthName } from '../proof/month-name.js';
import { RemarkList } from './RemarkList.js';
import { ReportCameras } from './ReportCameras.js';
import { ReportFindings } from './ReportFindings.js';
import { Shares } from './Shares.js';
import { useAlgorithmName } from './use-algorithm-name.js';

/** The sheet as it goes to paper: dark on light, whatever the theme. */
export function RunReportSheet({ report }: { report: RunReport }) {
  const { t } = useTranslation(['review', 'video']);
  const language = useLanguage();
  const algorithm = useAlgorithmName();
  const { totals } = report;
  const stamp = (time: string) => formatStamp(time, report.timeZone).slice(0, 16);
  const share = (name: string, rows: { key: string; name: string; findings: number }[]) => (
    <section>
      <h3>{name}</h3>
      <Shares rows={rows.slice(0, 8)} all={totals.findings} />
    </section>
  );
  return (
    <article className="report-sheet run-report" data-theme="light">
      <header className="report-head">
        <p className="report-org">
          {report.organisation} · {report.place ?? t('report.everywhere')}
        </p>
        <h2>
          {t('report.title')}{' '}
          <span className="report-month">
            {report.kind === 'month' ? monthName(report.period, language) : report.period}
          </span>
        </h2>
        {report.isOver ? null : <p>{t('report.running', { at: stamp(totals.to) })}</p>}
        <p className="small faint">{t('report.made', { name: report.madeBy, at: stamp(report.madeAt) })}</p>
      </header>
      <ReportFigures report={report} />
      <section>
        <h3>{t('report.remarks')}</h3>
        <RemarkList remarks={report.remarks} />
      </section>
      {totals.findings > 0 ? (
        <div className="run-report-pair">
          {share(
            t('video:overview.byAlgorithm'),
            totals.byAlgorithm.map((one) => ({ ...one, key: one.algorithm, name: algorithm(one.algorithm) })),
          )}
          {share(
            t('video:overview.topHours'),
            report.topHours.map(({ hour, findings }) => ({ key: String(hour), name: hourName(hour), findings })),
          )}
          {totals.byRegion.length > 1
            ? share(
                t('stats.byRegion'),
                totals.byRegion.slice(0, 5).map((one) => ({ ...one, key: one.regionId })),
              )
            : null}
          {totals.byHall.length > 1
            ? share(
                t('video:overview.topHalls'),
                totals.byHall.slice(0, 5).map((one) => ({ ...one, key: one.hallId })),
              )
            : null}
        </div>
      ) : null}
      {report.flow.in === null && report.flow.out === null ? null : (
        <section>
          <h3>{t('report.flow')}</h3>
          <p>
            {t('report.flowSum', {
              in: formatNumber(report.flow.in ?? 0, language),
              out: formatNumber(report.flow.out ?? 0, language),
            })}
          </p>
          {report.flow.busiest ? (
            <p className="soft">
              {t('report.busiest', { at: stamp(report.flow.busiest.at), in: report.flow.busiest.in })}
            </p>
          ) : null}
        </section>
      )}
      <ReportCameras report={report} />
      <ReportFindings report={report} />
    </article>
  );
}

const two = (hour: number) => `${String(hour).padStart(2, '0')}:00`;
const hourName = (hour: number) => `${two(hour)}–${two(hour + 1)}`;

function ReportFigures({ report }: { report: RunReport }) {
  const { t } = useTranslation(['review', 'video']);
  const language = useLanguage();
  const { totals, before } = report;
  const percent = (value: number | null, digits = 0) =>
    value === null ? '—' : `${formatNumber(Number((value * 100).toFixed(digits)), language)} %`;
  const was = (value: string) => t('report.before', { value });
  const figures = [
    {
      key: 'findings',
      value: formatNumber(totals.findings, language),
      note: was(formatNumber(before.findings, language)),
    },
    { key: 'waiting', value: formatNumber(totals.open, language), note: '' },
    { key: 'reviewed', value: percent(totals.reviewRate), note: was(percent(before.reviewRate)) },
    {
      key: 'precision',
      value: percent(totals.precision),
      note: t('video:overview.ofDecided', { accepted: totals.accepted, decided: totals.decided }),
    },
    {
      key: 'uptime',
      value: percent(report.uptime, 1),
      note: t('report.cameras', { count: report.cameras.length }),
    },
  ] as const;
  return (
    <dl className="figures">
      {figures.map(({ key, value, note }) => (
        <div key={key}>
          <dt>{t(`report.${key}`)}</dt>
          <dd>
            {value}
            <span className="figures-note">{note}</span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

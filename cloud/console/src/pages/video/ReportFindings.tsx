import { useTranslation } from 'react-i18next';
import type { RunReport } from '../../api/run-report.js';
import { AppLink } from '../../app/AppLink.js';
import { formatStamp } from '../../format/time.js';
import { paths } from '../../paths.js';
import { SeverityMark } from '../parts/marks.js';

/** What was so, the gravest first; each leads to its pictures. */
export function ReportFindings({ report }: { report: RunReport }) {
  const { t } = useTranslation(['review', 'video']);
  const { findings, findingsAll } = report;
  if (findings.length === 0) return null;
  const columns = ['number', 'rule', 'camera', 'severity', 'time', 'decision'] as const;
  return (
    <section>
      <h3>{t('report.list')}</h3>
      <table className="report-table report-findings">
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {t(`report.column.${column}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {findings.map((finding) => (
            <tr key={finding.id}>
              <th scope="row" className="nowrap">
                <AppLink to={paths.review()} search={{ state: 'all', id: finding.itemId }}>
                  {finding.number}
                </AppLink>
              </th>
              <td>{finding.ruleName}</td>
              <td>{finding.deviceName}</td>
              <td className="nowrap">
                <SeverityMark severity={finding.severity} />
              </td>
              <td className="nowrap">{formatStamp(finding.startedAt, finding.timeZone).slice(0, 16)}</td>
              <td>{finding.decision ? t(`video:decision.${finding.decision}`) : null}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {findingsAll > findings.length ? (
        <p className="small faint">{t('report.listFirst', { all: findingsAll, count: findings.length })}</p>
      ) : null}
    </section>
  );
}

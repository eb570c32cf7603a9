import { useTranslation } from 'react-i18next';
import type { RunReport } from '../../api/run-report.js';
import { AppLink } from '../../app/AppLink.js';
import { formatStamp } from '../../format/time.js';
import { paths } from '../../paths.js';
import { SeverityMark } from '../parts/marks.js';
import { ReportTable } from '../parts/ReportTable.js';

/** What was so, the gravest first; each leads to its pictures. */
export function ReportFindings({ report }: { report: RunReport }) {
  const { t } = useTranslation(['review', 'video']);
  const { findings, findingsAll } = report;
  if (findings.length === 0) return null;
  const head = (name: 'number' | 'rule' | 'camera' | 'severity' | 'time' | 'decision') => ({
    key: name,
    head: t(`report.column.${name}`),
  });
  return (
    <section>
      <h3>{t('report.list')}</h3>
      <ReportTable
        className="report-findings"
        rows={findings}
        keyOf={({ id }) => id}
        columns={[
          {
            ...head('number'),
            className: 'nowrap',
            cell: ({ itemId, number }) => (
              <AppLink to={paths.review()} search={{ state: 'all', id: itemId }}>
                {number}
              </AppLink>
            ),
          },
          { ...head('rule'), cell: ({ ruleName }) => ruleName },
          { ...head('camera'), cell: ({ deviceName }) => deviceName },
          {
            ...head('severity'),
            className: 'nowrap',
            cell: ({ severity }) => <SeverityMark severity={severity} />,
          },
          {
            ...head('time'),
            className: 'nowrap',
            cell: ({ startedAt, timeZone }) => formatStamp(startedAt, timeZone).slice(0, 16),
          },
          {
            ...head('decision'),
            cell: ({ decision }) => (decision ? t(`video:decision.${decision}`) : null),
          },
        ]}
      />
      {findingsAll > findings.length ? (
        <p className="small faint">{t('report.listFirst', { all: findingsAll, count: findings.length })}</p>
      ) : null}
    </section>
  );
}

import { useTranslation } from 'react-i18next';
import type { RunReport } from '../../api/run-report.js';
import { AppLink } from '../../app/AppLink.js';
import { formatNumber } from '../../format/number.js';
import { formatDuration } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { ReportTable } from '../parts/ReportTable.js';

const mostRows = 30;

/** Whether cameras were there, the least reachable first. */
export function ReportCameras({ report }: { report: RunReport }) {
  const { t } = useTranslation('review');
  const language = useLanguage();
  const { cameras } = report;
  if (cameras.length === 0) return null;
  const head = (name: 'camera' | 'hall' | 'findings' | 'uptime' | 'outages' | 'down') => ({
    key: name,
    head: t(`report.column.${name}`),
  });
  return (
    <section>
      <h3>{t('report.byCamera')}</h3>
      <ReportTable
        className="report-cameras"
        rows={cameras.slice(0, mostRows)}
        keyOf={({ deviceId }) => deviceId}
        columns={[
          {
            ...head('camera'),
            cell: ({ deviceId, name }) => <AppLink to={paths.camera(deviceId)}>{name}</AppLink>,
          },
          { ...head('hall'), cell: ({ hallName }) => hallName },
          { ...head('findings'), cell: ({ findings }) => formatNumber(findings, language) },
          { ...head('uptime'), cell: ({ uptime }) => (uptime === null ? '—' : `${(uptime * 100).toFixed(1)} %`) },
          { ...head('outages'), cell: ({ uptime, outages }) => (uptime === null ? '—' : outages) },
          { ...head('down'), cell: ({ downMs }) => (downMs === 0 ? '—' : formatDuration(downMs, language)) },
        ]}
      />
      {cameras.length > mostRows ? (
        <p className="small faint">{t('report.moreRows', { count: cameras.length - mostRows })}</p>
      ) : null}
      <p className="small faint">{t('report.uptimeHint')}</p>
    </section>
  );
}

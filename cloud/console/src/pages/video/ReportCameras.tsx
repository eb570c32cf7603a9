import { useTranslation } from 'react-i18next';
import type { RunReport } from '../../api/run-report.js';
import { AppLink } from '../../app/AppLink.js';
import { formatNumber } from '../../format/number.js';
import { formatDuration } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';

const mostRows = 30;

/** Whether cameras were there, the least reachable first. */
export function ReportCameras({ report }: { report: RunReport }) {
  const { t } = useTranslation('review');
  const language = useLanguage();
  const { cameras } = report;
  if (cameras.length === 0) return null;
  const columns = ['camera', 'hall', 'findings', 'uptime', 'outages', 'down'] as const;
  return (
    <section>
      <h3>{t('report.byCamera')}</h3>
      <table className="report-table report-cameras">
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
          {cameras.slice(0, mostRows).map((camera) => (
            <tr key={camera.deviceId}>
              <th scope="row">
                <AppLink to={paths.camera(camera.deviceId)}>{camera.name}</AppLink>
              </th>
              <td>{camera.hallName}</td>
              <td>{formatNumber(camera.findings, language)}</td>
              <td>{camera.uptime === null ? '—' : `${(camera.uptime * 100).toFixed(1)} %`}</td>
              <td>{camera.uptime === null ? '—' : camera.outages}</td>
              <td>{camera.downMs === 0 ? '—' : formatDuration(camera.downMs, language)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {cameras.length > mostRows ? (
        <p className="small faint">{t('report.moreRows', { count: cameras.length - mostRows })}</p>
      ) : null}
      <p className="small faint">{t('report.uptimeHint')}</p>
    </section>
  );
}

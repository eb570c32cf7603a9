import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { reportFile, signedReportQuery } from '../../api/proof.js';
import { AppLink } from '../../app/AppLink.js';
import { PageLoading } from '../../app/PageStates.js';
import { useLanguage } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { Page } from '../../ui/Page.js';
import { ErrorState } from '../../ui/states.js';
import { monthName } from './month-name.js';
import { readMonthReport } from './month-report.js';
import { ReportSheet } from './ReportSheet.js';
import './proof.css';
import './report-sheet.css';

/** A signed month on paper. */
export default function ReportPage() {
  const { t } = useTranslation('proof');
  const language = useLanguage();
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const query = useQuery({ ...signedReportQuery(id), select: readMonthReport });
  const month = query.data;
  if (!month) {
    return query.error ? <ErrorState error={query.error} onRetry={() => void query.refetch()} /> : <PageLoading />;
  }
  return (
    <Page
      title={`${t('sheet.title')} · ${monthName(month.report.month, language)}`}
      trail={<AppLink to={paths.proof()}>{t('title')}</AppLink>}
      actions={
        <>
          <Button href={reportFile(id)} download>
            {t('report.whole')}
          </Button>
          <Button type="primary" onClick={() => window.print()}>
            {t('print')}
          </Button>
        </>
      }
    >
      <ReportSheet month={month} />
    </Page>
  );
}

import { useQuery } from '@tanstack/react-query';
import { Button, DatePicker, Segmented } from 'antd';
import dayjs from 'dayjs';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { reportFileUrl, runReportQuery } from '../../api/run-report.js';
import { anyText, useSearchState } from '../../app/search-state.js';
import { usePlace } from '../../app/use-place.js';
import { useLanguage } from '../../i18n/use-language.js';
import { Icon } from '../../ui/icons.js';
import { Page } from '../../ui/Page.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';
import { useSaveLink } from '../../ui/use-save-link.js';
import { RunReportSheet } from './RunReportSheet.js';
import { VideoTabs } from './VideoTabs.js';
import '../proof/report-sheet.css';
import './overview.css';
import './run-report.css';

const searchSchema = z.object({ period: anyText });
const formats = { month: 'YYYY-MM', day: 'YYYY-MM-DD' } as const;

/** How a day or a month went, as it is handed out: to read here, to print, as PDF and as a spreadsheet. */
export default function RunReportPage() {
  const { t } = useTranslation('review');
  const onSave = useSaveLink();
  const language = useLanguage();
  const { hallId } = usePlace();
  const [search, setSearch] = useSearchState(searchSchema);
  const asked = search.period && dayjs(search.period).isValid() ? search.period : undefined;
  const kind = asked?.length === formats.day.length ? 'day' : 'month';
  const period = asked ?? dayjs().format(formats.month);
  const query = useQuery(runReportQuery({ period, hallId }));
  const choose = (next: 'day' | 'month', at: dayjs.Dayjs) => setSearch({ period: at.format(formats[next]) });
  const href = (format: 'pdf' | 'xlsx') => reportFileUrl(format, { period, hallId }, language);
  return (
    <Page
      title={t('report.title')}
      tabs={<VideoTabs active="report" />}
      actions={
        <>
          <Segmented<'month' | 'day'>
            aria-label={t('report.kind.label')}
            value={kind}
            options={(['month', 'day'] as const).map((value) => ({ value, label: t(`report.kind.${value}`) }))}
            onChange={(next) => choose(next, next === 'day' ? dayjs().subtract(1, 'day') : dayjs(period))}
          />
          <DatePicker
            picker={kind === 'day' ? 'date' : 'month'}
            value={dayjs(period)}
            maxDate={dayjs()}
            allowClear={false}
            aria-label={t('report.period')}
            onChange={(at) => at && choose(kind, at)}
          />
          <Button href={href('xlsx')} download onClick={onSave} icon={<Icon name="export" size={16} />}>
            {t('report.excel')}
          </Button>
          <Button type="primary" href={href('pdf')} download onClick={onSave}>
            {t('report.pdf')}
          </Button>
        </>
      }
    >
      {query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : !query.data ? (
        <div className="report-sheet">
          <SkeletonLines lines={14} />
        </div>
      ) : (
        <RunReportSheet report={query.data} />
      )}
    </Page>
  );
}

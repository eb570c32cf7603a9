import { useQuery } from '@tanstack/react-query';
import { Button, Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import { unitQuery } from '../../../api/units.js';
import { useRights } from '../../../app/session.js';
import { formatBytes, formatNumber } from '../../../format/number.js';
import { formatStamp } from '../../../format/time.js';
import { useLabel, useLanguage } from '../../../i18n/use-language.js';
import { StatusMark } from '../../../ui/StatusMark.js';
import type { BundleHead } from './read-bundle-head.js';
import type { UploadJob } from './upload-queue.js';
import { useUploadProblem } from './use-upload-problem.js';

const looks = {
  waiting: { tone: 'quiet', shape: 'ring' },
  sending: { tone: 'accent', shape: 'half' },
  taking: { tone: 'accent', shape: 'half' },
  done: { tone: 'quiet', shape: 'check' },
  failed: { tone: 'bad', shape: 'cross' },
  refused: { tone: 'bad', shape: 'cross' },
} as const;

interface UploadListProps {
  jobs: readonly UploadJob[];
  onShow: (job: UploadJob) => void;
  onRetry: (id: number) => void;
  onRemove: (id: number) => void;
}

/** The files that were chosen: how far each is, or why it did not get in. */
export function UploadList({ jobs, ...acts }: UploadListProps) {
  const { t } = useTranslation('bundles');
  if (jobs.length === 0) return null;
  const isBusy = jobs.some(({ state }) => state === 'waiting' || state === 'sending' || state === 'taking');
  return (
    <section className="bundle-jobs card" aria-label={t('import')}>
      <ul>
        {jobs.map((job) => (
          <UploadLine key={job.id} job={job} {...acts} />
        ))}
      </ul>
      {isBusy ? <p className="bundle-leave faint small">{t('leave')}</p> : null}
    </section>
  );
}

function UploadLine({ job, onShow, onRetry, onRemove }: { job: UploadJob } & Omit<UploadListProps, 'jobs'>) {
  const { t } = useTranslation(['bundles', 'common']);
  const language = useLanguage();
  const problem = useUploadProblem(job);
  const percent = job.bytes === 0 ? 0 : Math.floor((100 * Math.min(job.sentBytes, job.bytes)) / job.bytes);
  const isGoing = job.state === 'sending' || job.state === 'taking';
  return (
    <li className="bundle-job">
      <div className="bundle-job-text">
        <span className="bundle-job-name">{job.name}</span>{' '}
        <span className="faint small nowrap">{formatBytes(job.bytes, language)}</span>
        {job.head ? <HeadLine head={job.head} /> : null}
        <div role="status">
          <StatusMark {...looks[job.state]} word={t(`state.${job.state}`, { percent })} />
        </div>
        {isGoing ? (
          <Progress
            percent={percent}
            showInfo={false}
            size="small"
            status={job.state === 'taking' ? 'active' : 'normal'}
          />
        ) : null}
        {problem ? (
          <div className="bundle-job-problem" role="alert">
            <div>
              {problem.what}
              {problem.detail ? <span className="faint small"> {problem.detail}</span> : null}
            </div>
            <div className="soft">{problem.next}</div>
            {problem.requestId ? (
              <div className="faint small">
                {t('common:requestId')} <code>{problem.requestId}</code>
              </div>
            ) : null}
          </div>
        ) : null}
      </div>
      <div className="row">
        {job.state === 'done' ? (
          <Button size="small" onClick={() => onShow(job)}>
            {t('show')}
          </Button>
        ) : null}
        {job.state === 'failed' ? (
          <Button size="small" onClick={() => onRetry(job.id)}>
            {t('again')}
          </Button>
        ) : null}
        {/* What the cloud is taking in already cannot be called back. */}
        {job.state === 'taking' ? null : (
          <Button size="small" type="text" onClick={() => onRemove(job.id)}>
            {t(job.state === 'waiting' || job.state === 'sending' ? 'stop' : 'hide')}
          </Button>
        )}
      </div>
    </li>
  );
}

/** Whose it is and what it holds, as the file itself says. */
function HeadLine({ head }: { head: BundleHead }) {
  const { t } = useTranslation('bundles');
  const label = useLabel();
  const language = useLanguage();
  const may = useRights();
  const unit = useQuery({ ...unitQuery(head.unitId), enabled: may('unit.read'), retry: false });
  return (
    <div className="soft small">
      {[
        t('holds', {
          unit: unit.data ? label(unit.data.name) : `${t('unknownUnit')} ${head.unitId.slice(-8)}`,
          at: formatStamp(head.madeAt),
        }),
        t('rowCount', { count: head.rows, shown: formatNumber(head.rows, language, 0) }),
        t('fileCount', { count: head.files, shown: formatNumber(head.files, language, 0) }),
      ].join(' · ')}
    </div>
  );
}

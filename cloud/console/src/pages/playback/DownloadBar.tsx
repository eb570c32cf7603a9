import { useMutation } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { downloadUrl, planDownload } from '../../api/recordings.js';
import { clockOf } from '../../format/day-in-zone.js';
import { formatBytes } from '../../format/number.js';
import { formatDuration } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { ErrorState } from '../../ui/states.js';

export interface Marked {
  from?: number | undefined;
  to?: number | undefined;
}

interface DownloadBarProps {
  deviceId: string;
  zone: string;
  marked: Marked;
  at: number | undefined;
  /** Also over a line that is paid for by volume. */
  pays: boolean;
  onMark: (marked: Marked) => void;
}

const mostMs = 30 * 60_000;

/** A stretch, marked from and to, as one file. Who takes it stands in the audit trail. */
export function DownloadBar({ deviceId, zone, marked, at, pays, onMark }: DownloadBarProps) {
  const { t } = useTranslation('playback');
  const language = useLanguage();
  const plan = useMutation({
    mutationFn: (span: { from: number; to: number }) => planDownload(deviceId, span, pays),
    onSuccess: (planned) => {
      const link = document.createElement('a');
      link.href = downloadUrl(deviceId, planned);
      link.download = '';
      link.click();
    },
  });
  const { from, to } = marked;
  const length = from === undefined || to === undefined ? undefined : to - from;
  const isRight = length !== undefined && length > 0 && length <= mostMs;
  const time = (ms: number | undefined) => (ms === undefined ? '--:--:--' : clockOf(ms, zone));
  return (
    <div className="playback-download">
      <Button onClick={() => onMark({ from: at, to })} disabled={at === undefined}>
        {t('markFrom', { time: time(from) })}
      </Button>
      <Button onClick={() => onMark({ from, to: at })} disabled={at === undefined}>
        {t('markTo', { time: time(to) })}
      </Button>
      <Button
        disabled={!isRight}
        loading={plan.isPending}
        onClick={() => from !== undefined && to !== undefined && plan.mutate({ from, to })}
      >
        {t('download')}
      </Button>
      <span className="small faint" role="status">
        {plan.data
          ? t('downloading', {
              size: formatBytes(plan.data.bytes, language),
              from: clockOf(Date.parse(plan.data.from), zone),
              to: clockOf(Date.parse(plan.data.to), zone),
            })
          : length === undefined
            ? t('downloadHint')
            : length <= 0
              ? t('downloadBackwards')
              : length > mostMs
                ? t('downloadTooLong')
                : formatDuration(length, language)}
        {plan.data?.changesAt ? ` ${t('changesAt', { time: clockOf(Date.parse(plan.data.changesAt), zone) })}` : ''}
        {plan.data && plan.data.holes > 0 ? ` ${t('holes', { count: plan.data.holes })}` : ''}
      </span>
      {plan.error ? <ErrorState error={plan.error} compact /> : null}
    </div>
  );
}

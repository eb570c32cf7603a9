import { useTranslation } from 'react-i18next';
import type { LiveState } from '../api/live-stream.js';
import { formatStamp } from '../format/time.js';
import { type StatusLook, StatusMark } from '../ui/StatusMark.js';
import { useLiveStatus } from './live.js';

const looks: Record<LiveState, StatusLook> = {
  live: { tone: 'quiet', shape: 'dot' },
  connecting: { tone: 'accent', shape: 'half' },
  lost: { tone: 'warn', shape: 'triangle' },
};

/** Whether this browser hears the cloud. Quiet while it does. */
export function LiveMark() {
  const { t } = useTranslation('shell');
  const { state, sinceMs } = useLiveStatus();
  return (
    <span className={`live-mark live-mark-${state}`} role="status">
      <StatusMark
        {...looks[state]}
        word={t(`live.${state}`)}
        title={t('live.since', { state: t(`live.${state}`), time: formatStamp(sinceMs) })}
      />
    </span>
  );
}

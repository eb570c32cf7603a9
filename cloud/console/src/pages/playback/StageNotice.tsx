import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { clockOf } from '../../format/day-in-zone.js';
import { formatDuration, formatStamp } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import type { PlayerState } from './player-state.js';

interface StageNoticeProps {
  state: PlayerState;
  zone: string;
  /** Nothing of this day is recorded. */
  isEmpty: boolean;
  /** Why the unit says nothing of its recordings. */
  away: string | undefined;
  unitName: string;
  oldestAt: string | null | undefined;
  /** Undefined: who looks may not pay for it. */
  onPay: (() => void) | undefined;
}

const troubles = ['unit_offline', 'unit_silent', 'unit_line', 'not_recorded', 'gone', 'metered'] as const;
const knownTrouble = (reason: string | undefined) => troubles.find((one) => one === reason) ?? 'other';

/** Why there is no picture, or what was passed over. */
export function StageNotice({ state, zone, isEmpty, away, unitName, oldestAt, onPay }: StageNoticeProps) {
  const { t } = useTranslation('playback');
  const language = useLanguage();
  const reason = state.trouble ? knownTrouble(state.trouble.reason) : away ? knownTrouble(away) : undefined;
  const hasPicture = state.at !== undefined && state.firstPictureMs !== undefined && state.status !== 'loading';
  if (state.status === 'codec')
    return (
      <div className="playback-middle" role="status">
        <p>{t('codec')}</p>
        <p className="small">{t('codecHint', { codec: state.codec ?? '' })}</p>
      </div>
    );
  if (reason !== undefined) {
    const box = hasPicture ? 'playback-notice' : 'playback-middle';
    return (
      <div className={box} role="status">
        <p>{t(`trouble.${reason}`, { unit: unitName })}</p>
        <p className="small">{t(`troubleHint.${reason}`)}</p>
        {reason === 'metered' && onPay ? (
          <Button size="small" onClick={onPay}>
            {t('pay')}
          </Button>
        ) : null}
      </div>
    );
  }
  if (isEmpty && !hasPicture)
    return (
      <div className="playback-middle" role="status">
        <p>{t('empty')}</p>
        <p className="small">{oldestAt ? t('oldest', { time: formatStamp(oldestAt, zone) }) : t('neverRecorded')}</p>
      </div>
    );
  if (state.status === 'loading' && !hasPicture)
    return (
      <div className="playback-middle" role="status">
        <p>{t('loading')}</p>
      </div>
    );
  if (state.status === 'ended')
    return (
      <div className="playback-notice" role="status">
        <p>{t('ended')}</p>
      </div>
    );
  if (state.notice?.kind === 'gap')
    return (
      <div className="playback-notice" role="status">
        <p>
          {t('gap', {
            from: clockOf(state.notice.from, zone),
            length: formatDuration(state.notice.to - state.notice.from, language),
          })}
        </p>
      </div>
    );
  if (state.notice?.kind === 'set_back')
    return (
      <div className="playback-notice" role="status">
        <p>{t('setBack', { to: clockOf(state.notice.to, zone) })}</p>
      </div>
    );
  return null;
}

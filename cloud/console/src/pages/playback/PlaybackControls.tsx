import { Button, Segmented } from 'antd';
import { useTranslation } from 'react-i18next';
import { Icon } from '../../ui/icons.js';
import { type PlayerState, type Rate, rates } from './player-state.js';

interface PlaybackControlsProps {
  state: PlayerState;
  isPlaying: boolean;
  hasEvents: boolean;
  onToggle: () => void;
  onStep: (by: 1 | -1) => void;
  onSkip: (byMs: number) => void;
  onEvent: (by: 1 | -1) => void;
  onRate: (rate: Rate) => void;
  onSnapshot: () => void;
  onZoom: (factor: number) => void;
  onWholeDay: () => void;
}

/** What a mouse needs; the keyboard has the same. */
export function PlaybackControls({ state, isPlaying, hasEvents, ...on }: PlaybackControlsProps) {
  const { t } = useTranslation('playback');
  const hasPicture = state.at !== undefined && state.status !== 'loading' && state.status !== 'codec';
  const button = (label: string, sign: React.ReactNode, onClick: () => void, isOff = false) => (
    <Button aria-label={label} title={label} onClick={onClick} disabled={isOff}>
      {sign}
    </Button>
  );
  return (
    <section className="playback-controls" aria-label={t('controls')}>
      <span className="row">
        {button(t('key.previousEvent'), '«', () => on.onEvent(-1), !hasEvents)}
        {button(t('key.frameBack'), '‹', () => on.onStep(-1), !hasPicture)}
        <Button type="primary" onClick={on.onToggle}>
          {t(isPlaying ? 'pause' : 'play')}
        </Button>
        {button(t('key.frameForward'), '›', () => on.onStep(1), !hasPicture)}
        {button(t('key.nextEvent'), '»', () => on.onEvent(1), !hasEvents)}
      </span>
      <Segmented<Rate>
        aria-label={t('rate')}
        value={state.rate}
        options={rates.map((rate) => ({
          value: rate,
          label: rate < 0 ? t('reverse') : `${rate}×`,
          title: t(rate < 0 ? 'reverseHint' : rate >= 8 ? 'fastHint' : 'rate'),
        }))}
        onChange={on.onRate}
      />
      <span className="playback-grow" />
      <span className="row">
        {button(t('key.closer'), '+', () => on.onZoom(0.5))}
        {button(t('key.further'), '−', () => on.onZoom(2))}
        {button(t('key.wholeDay'), t('wholeDay'), on.onWholeDay)}
        {button(t('key.snapshot'), <Icon name="camera" />, on.onSnapshot, !hasPicture)}
      </span>
    </section>
  );
}

import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../../api/api-error.js';
import type { DaySpan, Recorded } from '../../api/recordings.js';
import type { ReviewItem } from '../../api/review.js';
import type { CameraSummary } from '../../api/vision.js';
import { useRights } from '../../app/session.js';
import { clockOf } from '../../format/day-in-zone.js';
import { useKeys } from '../../ui/keys.js';
import { ErrorState } from '../../ui/states.js';
import { useNow } from '../../ui/use-now.js';
import { DownloadBar, type Marked } from './DownloadBar.js';
import { PlaybackControls } from './PlaybackControls.js';
import { rates } from './player-state.js';
import { StageNotice } from './StageNotice.js';
import { saveSnapshot } from './save-snapshot.js';
import { Timeline } from './Timeline.js';
import { follow, type TimeWindow, zoom } from './time-window.js';
import { usePlayer } from './use-player.js';

interface PlaybackProps {
  camera: CameraSummary;
  day: DaySpan;
  zone: string;
  /** Where to begin, from the address. */
  at: number | undefined;
  recorded: Recorded | undefined;
  error: unknown;
  onRetry: () => void;
  events: readonly ReviewItem[];
}

/** A jump to an event begins a little before it. */
const beforeEventMs = 3_000;

/** One camera's day: its picture, its time line, and all that can be done with both. */
export function Playback({ camera, day, zone, at: askedAt, recorded, error, onRetry, events }: PlaybackProps) {
  const { t } = useTranslation('playback');
  const may = useRights();
  const now = useNow(10_000);
  const { deviceId, name } = camera;
  const { video, player, state } = usePlayer(deviceId, day, recorded?.spans);
  const [window, setWindow] = useState<TimeWindow>(day);
  const [marked, setMarked] = useState<Marked>({});
  const [pays, setPays] = useState(false);
  const seek = (at: number) => player.current?.seek(at);
  const begun = useRef(false);
  // The first picture without a click: of the time in the address, else the newest there is.
  useEffect(() => {
    const first = askedAt ?? (recorded && recorded.spans.length > 0 ? lastOf(recorded) - 60_000 : undefined);
    if (begun.current || first === undefined || !recorded) return;
    begun.current = true;
    player.current?.seek(first);
    if (askedAt !== undefined) player.current?.play();
  }, [askedAt, recorded, player]);
  // Whoever looked elsewhere on the time line is left there.
  const lastAt = useRef<number>(undefined);
  useEffect(() => {
    const { at } = state;
    if (at === undefined) return;
    const before = lastAt.current;
    lastAt.current = at;
    setWindow((was) => (before === undefined || (before >= was.from && before <= was.to) ? follow(was, day, at) : was));
  }, [state, day]);

  const isPlaying = state.status === 'playing' || state.status === 'waiting';
  const pay = () => {
    setPays(true);
    player.current?.pay();
  };
  const toggle = () => player.current?.toggle();
  const skip = (byMs: number) => state.at !== undefined && seek(state.at + byMs);
  const toEvent = (by: 1 | -1) => {
    const here = (state.at ?? day.from) + beforeEventMs;
    const times = events.map(({ startedAt }) => Date.parse(startedAt)).sort((a, b) => a - b);
    const next = by > 0 ? times.find((one) => one > here + 500) : times.filter((one) => one < here - 2_000).at(-1);
    if (next !== undefined) seek(next - beforeEventMs);
  };
  const turnRate = (by: 1 | -1) => {
    const next = rates[rates.indexOf(state.rate) + by];
    if (next !== undefined) player.current?.setRate(next);
  };
  const zoomBy = (factor: number) =>
    setWindow((was) => zoom(was, day, { factor, aroundMs: state.at ?? (was.from + was.to) / 2 }));
  const snapshot = () => video.current && state.at !== undefined && saveSnapshot(video.current, name, state.at, zone);
  useKeys([
    { key: 'k', does: t('key.toggle'), run: toggle },
    { key: ',', does: t('key.frameBack'), run: () => player.current?.step(-1) },
    { key: '.', does: t('key.frameForward'), run: () => player.current?.step(1) },
    { key: 'ArrowLeft', does: t('key.back'), run: ({ shiftKey }) => skip(shiftKey ? -60_000 : -5_000) },
    { key: 'ArrowRight', does: t('key.forward'), run: ({ shiftKey }) => skip(shiftKey ? 60_000 : 5_000) },
    { key: '[', does: t('key.previousEvent'), run: () => toEvent(-1) },
    { key: ']', does: t('key.nextEvent'), run: () => toEvent(1) },
    { key: '<', does: t('key.slower'), run: () => turnRate(-1) },
    { key: '>', does: t('key.faster'), run: () => turnRate(1) },
    { key: '+', does: t('key.closer'), run: () => zoomBy(0.5) },
    { key: '-', does: t('key.further'), run: () => zoomBy(2) },
    { key: '0', does: t('key.wholeDay'), run: () => setWindow(day) },
    { key: 'i', does: t('key.markFrom'), run: () => setMarked((was) => ({ ...was, from: state.at })) },
    { key: 'o', does: t('key.markTo'), run: () => setMarked((was) => ({ ...was, to: state.at })) },
    { key: 's', does: t('key.snapshot'), run: snapshot },
  ]);
  useSpace(toggle);

  const away = isApiError(error) ? error.reason : undefined;
  const isEmpty = recorded !== undefined && recorded.spans.length === 0;
  return (
    <>
      <div
        className="playback-stage"
        data-status={state.status}
        data-at={state.at}
        data-first-picture-ms={state.firstPictureMs}
      >
        <video ref={video} muted playsInline aria-label={t('of', { name })} />
        {state.at !== undefined ? <span className="playback-clock">{clockOf(state.at, zone, true)}</span> : null}
        <StageNotice
          state={state}
          zone={zone}
          isEmpty={isEmpty}
          away={away}
          unitName={camera.unitName}
          oldestAt={recorded?.oldestAt}
          onPay={may('vision.write') ? pay : undefined}
        />
      </div>
      <PlaybackControls
        state={state}
        isPlaying={isPlaying}
        hasEvents={events.length > 0}
        onToggle={toggle}
        onStep={(by) => player.current?.step(by)}
        onSkip={skip}
        onEvent={toEvent}
        onRate={(rate) => player.current?.setRate(rate)}
        onSnapshot={snapshot}
        onZoom={zoomBy}
        onWholeDay={() => setWindow(day)}
      />
      {error && !recorded && away === undefined ? <ErrorState error={error} onRetry={onRetry} compact /> : null}
      <Timeline
        day={day}
        zone={zone}
        window={window}
        onWindow={setWindow}
        spans={recorded?.spans ?? []}
        events={events}
        at={state.at}
        marked={marked}
        now={now}
        onSeek={seek}
      />
      {may('recording.export') ? (
        <DownloadBar deviceId={deviceId} zone={zone} marked={marked} at={state.at} pays={pays} onMark={setMarked} />
      ) : null}
    </>
  );
}

const lastOf = ({ spans }: Recorded): number => Math.max(...spans.map(({ to }) => Date.parse(to)));

/** Space plays and pauses, but presses the button that has the focus. */
function useSpace(toggle: () => void): void {
  const latest = useRef(toggle);
  latest.current = toggle;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const isTaken =
        event.target instanceof Element && event.target.closest('button, input, select, textarea, a, [role="dialog"]');
      if (event.key !== ' ' || event.defaultPrevented || isTaken) return;
      event.preventDefault();
      latest.current();
    };
    globalThis.addEventListener('keydown', onKeyDown);
    return () => globalThis.removeEventListener('keydown', onKeyDown);
  }, []);
}

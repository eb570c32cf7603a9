import { type RefObject, useEffect, useRef, useState } from 'react';
import type { DaySpan, Recorded } from '../../api/recordings.js';
import { nothingShown, type PlayerState } from './player-state.js';
import { RecordingPlayer } from './recording-player.js';

interface UsePlayer {
  video: RefObject<HTMLVideoElement | null>;
  player: RefObject<RecordingPlayer | undefined>;
  state: PlayerState;
}

/** A player for one camera's day, as long as the page shows it. */
export function usePlayer(deviceId: string, day: DaySpan, spans: Recorded['spans'] | undefined): UsePlayer {
  const video = useRef<HTMLVideoElement>(null);
  const player = useRef<RecordingPlayer>(undefined);
  const known = useRef(spans);
  known.current = spans;
  const [state, setState] = useState(nothingShown);
  useEffect(() => {
    if (!video.current || !('MediaSource' in window)) return;
    const made = new RecordingPlayer(video.current, {
      ...{ deviceId, day, onState: setState },
      recordedBefore: (at) => {
        const before = (known.current ?? []).filter(({ from }) => Date.parse(from) < at);
        return before.reduce<number | undefined>(
          (latest, { to }) => Math.max(latest ?? 0, Math.min(Date.parse(to), at)),
          undefined,
        );
      },
    });
    player.current = made;
    return () => {
      player.current = undefined;
      made[Symbol.dispose]();
    };
  }, [deviceId, day]);
  return { video, player, state };
}

import type { LiveSight, SteerAction } from '@hallhub/shared/vision';
import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { type LiveVideo, type SteerGrant, takeInHand } from '../../api/live-video.js';

export interface Steering {
  /** In this window's hand. */
  isHeld: boolean;
  heldBy: SteerGrant['heldBy'];
  error: unknown;
  /** Somebody took it while this window had it. */
  isTaken: boolean;
  takeOver: () => void;
  /** Once. */
  act: (action: SteerAction) => void;
  /** Goes on until `end`, at most as long as this page is there. */
  hold: (make: () => SteerAction) => void;
  end: () => void;
}

interface Held {
  make: () => SteerAction;
  timer: ReturnType<typeof setInterval> | undefined;
}

/** The unit stops by itself after `holdMs` without a word; said often enough that a slow moment does not stop it. */
export const holdMs = 800;
const sayEveryMs = 250;
const renewBeforeMs = 40_000;

/** One camera in this window's hand: taken with the first touch, given back when the page goes. */
export function useSteering(deviceId: string, video: RefObject<LiveVideo | undefined>, sight: LiveSight | undefined) {
  const grant = useRef<{ ticket: string; session: string; endsAt: number } | undefined>(undefined);
  const asking = useRef<Promise<boolean>>(undefined);
  const held = useRef<Held>(undefined);
  const [isHeld, setIsHeld] = useState(false);
  const [heldBy, setHeldBy] = useState<SteerGrant['heldBy']>(null);
  const [isTaken, setIsTaken] = useState(false);
  const [error, setError] = useState<unknown>();

  const ask = useCallback(
    async (over: { takeOver?: boolean } = {}): Promise<boolean> => {
      try {
        const renew = grant.current && !over.takeOver ? { renew: grant.current.ticket } : {};
        const given = await takeInHand(deviceId, { ...over, ...renew });
        setError(undefined);
        setHeldBy(given.heldBy);
        setIsTaken(false);
        if (!given.ticket || !given.session || !given.endsAt) {
          grant.current = undefined;
          setIsHeld(false);
          return false;
        }
        grant.current = { ticket: given.ticket, session: given.session, endsAt: Date.parse(given.endsAt) };
        setIsHeld(true);
        video.current?.steerWith(given.ticket);
        return true;
      } catch (problem) {
        setError(problem);
        return false;
      }
    },
    [deviceId, video],
  );

  const ready = useCallback(async (): Promise<boolean> => {
    const known = grant.current;
    if (known && known.endsAt - Date.now() > renewBeforeMs) return true;
    asking.current ??= ask().finally(() => {
      asking.current = undefined;
    });
    // One that still holds goes on while the next ticket is on its way.
    return known && known.endsAt > Date.now() ? true : asking.current;
  }, [ask]);

  const act = useCallback(
    async (action: SteerAction) => {
      if (await ready()) video.current?.steer(0, action);
    },
    [ready, video],
  );

  const end = useCallback(() => {
    const was = held.current;
    held.current = undefined;
    if (!was) return;
    clearInterval(was.timer);
    if (was.timer !== undefined) video.current?.steer(0, { what: 'stop' });
  }, [video]);

  const hold = useCallback(
    async (make: () => SteerAction) => {
      if (held.current) {
        held.current.make = make;
        return;
      }
      const mine: Held = { make, timer: undefined };
      held.current = mine;
      const isReady = await ready();
      // Let go before it was this window's to turn.
      if (held.current !== mine) return;
      if (!isReady) {
        held.current = undefined;
        return;
      }
      const say = () => video.current?.steer(0, mine.make());
      say();
      mine.timer = setInterval(say, sayEveryMs);
    },
    [ready, video],
  );

  const lose = useCallback(() => {
    end();
    setIsTaken(grant.current !== undefined);
    grant.current = undefined;
    setIsHeld(false);
  }, [end]);

  // The unit heard of a later hand.
  const other = sight?.steering;
  useEffect(() => {
    if (other && grant.current && other.session !== grant.current.session) lose();
    if (!other) setHeldBy(null);
  }, [other, lose]);

  // Whatever takes the keyboard or the page away ends what moves.
  useEffect(() => {
    const away = () => end();
    const hidden = () => document.hidden && end();
    window.addEventListener('blur', away);
    window.addEventListener('pagehide', away);
    document.addEventListener('visibilitychange', hidden);
    const source = video;
    return () => {
      window.removeEventListener('blur', away);
      window.removeEventListener('pagehide', away);
      document.removeEventListener('visibilitychange', hidden);
      end();
      if (grant.current) source.current?.steer(0, { what: 'release' });
      grant.current = undefined;
    };
  }, [end, video]);

  const steering: Steering = {
    ...{ isHeld, heldBy, isTaken, error },
    takeOver: () => void ask({ takeOver: true }),
    act: (action) => void act(action),
    hold: (make) => void hold(make),
    end,
  };
  return { steering, lose };
}

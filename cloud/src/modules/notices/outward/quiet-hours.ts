import { HallClock, minuteOf } from '@hallhub/shared/hall-time';

const dayMs = 86_400_000;

/** When quiet hours that hold now are over, epoch ms; undefined: they do not hold. From = to: there are none. */
export const quietUntil = (
  quiet: { readonly from: string; readonly to: string },
  zone: string,
  nowMs: number,
): number | undefined => {
  const [from, to] = [minuteOf(quiet.from), minuteOf(quiet.to)];
  if (from === to) return undefined;
  const clock = new HallClock(zone);
  const { minute } = clock.at(nowMs);
  const isQuiet = from < to ? minute >= from && minute < to : minute >= from || minute < to;
  if (!isQuiet) return undefined;
  const isTomorrow = from > to && minute >= from;
  // Noon of the day in question: the clock may shift at night.
  const day = clock.at(isTomorrow ? clock.epochMs(clock.at(nowMs), 720) + dayMs : nowMs);
  return clock.epochMs(day, to);
};

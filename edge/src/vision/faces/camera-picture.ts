import { HubError, systemClock } from '@hallhub/shared';
import type { PictureBytes } from '../inference/index.js';
import { planFfmpeg } from '../pipeline/ffmpeg-plan.js';
import { runFfmpeg } from '../pipeline/ffmpeg-run.js';
import type { StreamAddress } from '../pipeline/stream-address.js';

const sidePx = 1_600;
const fps = 5;
const startWithinMs = 8_000;
/** Where the picture is still made brighter or sharper by the camera, the first one is the worst. */
const takenPicture = 3;

/** One picture of a camera as it is now, over a connection of its own that ends with it. Throws `unavailable` saying why none comes. */
export const cameraPicture = async (address: StreamAddress, ffmpeg: string): Promise<PictureBytes> => {
  const done = new AbortController();
  let taken: PictureBytes | undefined;
  let seen = 0;
  const plan = planFfmpeg({
    ...{ address, fps, sidePx, copy: false, hardware: [], networkTimeoutMs: startWithinMs },
  });
  const { reason, detail } = await runFfmpeg({
    ...{ program: ffmpeg, plan, clock: systemClock, signal: done.signal, startWithinMs, silentAfterMs: startWithinMs },
    onPicture: ({ width, height, rgb }) => {
      taken?.rgb.fill(0);
      // A copy: the reader's memory is its own.
      taken = { width, height, rgb: new Uint8Array(rgb) };
      rgb.fill(0);
      seen += 1;
      if (seen === takenPicture) done.abort();
    },
    onInit: () => undefined,
    onFragment: () => undefined,
  });
  if (taken) return taken;
  const why = [reason ?? 'ended', ...(detail === undefined ? [] : [detail])].join(': ');
  throw new HubError('unavailable', `no picture comes from the camera: ${why}`, {
    hint: reason === 'no_ffmpeg' ? 'apt-get install ffmpeg' : 'hub vision status',
  });
};

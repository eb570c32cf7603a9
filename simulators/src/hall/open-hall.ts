import type { RunningPart } from '../hall-parts.js';
import { openStreamServer } from '../peers/camera/rtsp-stream.js';
import { openPart, type PartContext, type SharedStream } from './open-part.js';
import type { PlannedPart } from './plan-hall.js';

export interface OpenedHall extends AsyncDisposable {
  readonly parts: readonly RunningPart[];
}

/** Opens every part of a plan, one after the other; what is open already goes again where one fails. */
export const openHall = async (
  plan: readonly PlannedPart[],
  options: Omit<PartContext, 'stream'> & { readonly streams?: boolean; readonly onPart?: (name: string) => void },
): Promise<OpenedHall> => {
  const parts: RunningPart[] = [];
  let stream: Promise<SharedStream> | undefined;
  const shared = (): Promise<SharedStream> => {
    stream ??= openStreamServer();
    return stream;
  };
  const close = async () => {
    const ends = await Promise.allSettled([...parts].reverse().map((part) => part[Symbol.asyncDispose]()));
    const server = await stream;
    if (server && 'port' in server) await server[Symbol.asyncDispose]();
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed?.status === 'rejected') throw failed.reason;
  };
  try {
    for (const part of plan) {
      options.onPart?.(part.name);
      parts.push(await openPart(part, { ...options, ...(options.streams === false ? {} : { stream: shared }) }));
    }
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
  return { parts, [Symbol.asyncDispose]: close };
};

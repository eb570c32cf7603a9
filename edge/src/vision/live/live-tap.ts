import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { encodeLiveRecord, type LiveRecord, liveJson } from '@hallhub/shared/vision';
import type { Fragment, FragmentListener, InitSegment } from '../pipeline/fragment.js';
import type { FragmentStream } from '../pipeline/fragment-stream.js';

export interface LiveTapOptions {
  readonly stream: Pick<FragmentStream, 'subscribe'>;
  /** Of the agent, which carries the records on. */
  readonly socketPath: string;
  readonly token: string;
  readonly onEnd?: () => void;
}

/** The line does not take more: pictures are left out up to the next key picture, so that what is shown is now. */
const maxUnsentBytes = 1024 * 1024;

const names = new WeakMap<InitSegment, string>();

const nameOf = (init: InitSegment): string => {
  const known = names.get(init) ?? randomUUID();
  names.set(init, known);
  return known;
};

/** In the child: one camera's fragments, as records, to the agent's socket. */
export class LiveTap implements FragmentListener {
  readonly #socket: Socket;
  readonly #leave: () => void;
  #waitsForKey = true;

  constructor({ stream, socketPath, token, onEnd }: LiveTapOptions) {
    this.#socket = connect(socketPath);
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => {
      this.close();
      onEnd?.();
    });
    // Nothing is expected; whoever does not read does not notice the end.
    this.#socket.resume();
    this.#socket.write(`${token}\n`);
    this.#leave = stream.subscribe(this);
  }

  onInit(init: InitSegment): void {
    const { codec, width, height, bytes } = init;
    this.#waitsForKey = true;
    this.#send(liveJson('describe', { v: 1, stream: nameOf(init), codec, width, height }));
    this.#send({ kind: 'init', payload: bytes });
  }

  onFragment({ bytes, isKeyframe }: Fragment): void {
    if (this.#socket.writableLength > maxUnsentBytes) this.#waitsForKey = true;
    else if (isKeyframe) this.#waitsForKey = false;
    if (!this.#waitsForKey) this.#send({ kind: isKeyframe ? 'key' : 'more', payload: bytes });
  }

  onEnd(): void {
    this.#send(liveJson('state', { v: 1, state: 'refused', reason: 'camera_gone' }));
  }

  close(): void {
    this.#leave?.();
    this.#socket.destroy();
  }

  #send(record: LiveRecord): void {
    if (!this.#socket.destroyed) this.#socket.write(encodeLiveRecord(record));
  }
}

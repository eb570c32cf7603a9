import type { LiveRecord } from '@hallhub/shared/vision';

/** Between cloud processes: a camera's stream comes to one of them, its viewers may sit at others. A stream's `key` is a topic level. */
export interface LiveRelay {
  /** Somebody here looks at the camera: whoever has its stream is to send it. Said again every few seconds. */
  want(key: string): void;
  /** Calls back for what other processes want. `newcomer`: it has nothing of this camera yet. */
  onWant(listener: (key: string, processId: string) => void): void;
  /** To all processes that look, or to one alone. */
  send(key: string, record: LiveRecord, to?: string): void;
  /** Records of a camera that came to another process; returns how to end it. */
  receive(key: string, listener: (record: LiveRecord) => void): () => void;
  close(): Promise<void>;
}

/** One process alone. */
export const noRelay: LiveRelay = {
  want: () => {},
  onWant: () => {},
  send: () => {},
  receive: () => () => {},
  close: async () => {},
};

import { uuidv7 } from '@hallhub/shared';

/** A part of an answer on its way from the process that a unit reached to the one that asked. */
export interface AnswerPart {
  readonly requestId: string;
  readonly unitId: string;
  /** Counts from 0: one that is lost spoils the answer. */
  readonly n: number;
  /** `begin` has the content type in `text`. */
  readonly kind: 'begin' | 'data' | 'end' | 'broken';
  readonly text?: string;
  readonly bytes?: Uint8Array;
}

/** Between cloud processes: whoever asked a unit may be another than the one its answer comes to. */
export interface AnswerRelay {
  /** Begins the ids of what this process asks. */
  readonly processId: string;
  send(processId: string, part: AnswerPart): void;
  onPart(listener: (part: AnswerPart) => void): void;
  close(): Promise<void>;
}

/** One process alone. */
export const noAnswerRelay = (): AnswerRelay => ({
  processId: uuidv7(),
  send: () => {},
  onPart: () => {},
  close: async () => {},
});

/** A line of JSON, then the bytes. */
export const writePart = ({ bytes, ...head }: AnswerPart): Buffer =>
  Buffer.concat([Buffer.from(`${JSON.stringify(head)}\n`), bytes ?? new Uint8Array(0)]);

export const readPart = (payload: Buffer): AnswerPart | undefined => {
  const end = payload.indexOf(0x0a);
  if (end < 0 || end > 1_024) return undefined;
  try {
    const head = JSON.parse(payload.toString('utf8', 0, end)) as AnswerPart;
    const isPart = typeof head.requestId === 'string' && typeof head.unitId === 'string' && Number.isInteger(head.n);
    return isPart ? { ...head, bytes: payload.subarray(end + 1) } : undefined;
  } catch {
    return undefined;
  }
};

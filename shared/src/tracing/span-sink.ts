/** One finished step. Times in epoch ms by the clock of whoever did it. */
export interface FinishedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string | undefined;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  /** Why it failed. */
  readonly error?: string | undefined;
}

/** Where finished spans go. It never throws and never waits: what cannot be delivered is dropped. */
export interface SpanSink {
  /** How much of what comes in masses (rows) is traced, 0 to 1. */
  readonly rowRatio: number;
  add(span: FinishedSpan): void;
  /** Sends what is left, for 2 s at most. */
  close(): Promise<void>;
}

/** Nobody listens. */
export const noSpans: SpanSink = { rowRatio: 0, add: () => {}, close: async () => {} };

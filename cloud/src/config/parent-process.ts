import { isHubError } from '@hallhub/shared';

export interface ReadyMessage {
  readonly http: string;
  /** Null with a broker of your own. */
  readonly mqtt: string | null;
  readonly mqtts: string | null;
  readonly gateway: string | null;
  readonly firstUser?: { readonly userName: string; readonly oneTimePassword: string };
  readonly demoUnit?: {
    readonly unitId: string;
    readonly secret?: string;
    readonly hallId: string;
    readonly hallName: string;
  };
}

/** What the launcher hears over IPC; run by hand, the same as one line on stdout. */
export interface ParentProcess {
  progress(step: string, text: string): void;
  ready(message: ReadyMessage): void;
  status(message: Readonly<Record<string, unknown>>): void;
  fatal(error: unknown): void;
  /** What else it says; not checked. */
  onMessage(listener: (message: Readonly<Record<string, unknown>>) => void): void;
}

export const parentProcess = (): ParentProcess => {
  const send = process.send?.bind(process);
  const tell = (message: object): void => {
    // The channel may be gone already; the parent's end is noticed by `disconnect`.
    if (process.connected) send?.(message, undefined, {}, () => {});
  };
  return {
    progress: (step, text) => tell({ type: 'progress', step, text }),
    ready(message) {
      if (send) return tell({ type: 'ready', ...message });
      const user = message.firstUser;
      const first = user ? `  user ${user.userName}  one-time password ${user.oneTimePassword}` : '';
      process.stdout.write(
        `HallHub cloud ready  console ${message.http}  units ${message.mqtts ?? message.mqtt ?? 'own broker'}${first}\n`,
      );
    },
    onMessage: (listener) =>
      void process.on('message', (message) => {
        if (typeof message === 'object' && message !== null) listener(message as Record<string, unknown>);
      }),
    status: (message) => tell({ type: 'status', ...message }),
    fatal(error) {
      const code = isHubError(error) ? error.code : 'bug';
      const message = error instanceof Error ? error.message : String(error);
      const hint = isHubError(error) ? error.hint : undefined;
      if (send) tell({ type: 'fatal', code, message, hint });
      else process.stderr.write(`${message}\n${hint ? `${hint}\n` : ''}`);
    },
  };
};

/** Aborts when the parent says stop, goes away, or a signal comes. */
export const stopSignal = (): AbortSignal => {
  const stop = new AbortController();
  const abort = () => stop.abort();
  process.on('message', (message) => {
    if ((message as { type?: unknown } | null)?.type === 'stop') abort();
  });
  process.once('disconnect', abort);
  process.on('SIGINT', abort);
  process.on('SIGTERM', abort);
  return stop.signal;
};

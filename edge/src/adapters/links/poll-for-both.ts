import type { SerialPort } from 'serialport';

/** What is used of serialport's Linux binding. */
interface Binding {
  readonly poller: { poll(events: number): void; listenerCount(event: 'readable' | 'writable'): number };
}

const readable = 1;
const writable = 2;

/**
 * The library waits for what it was asked for last alone: a write that flow control holds back is forgotten with the next read, and
 * stays unsent when the line is free again. Here each goes on being waited for as long as somebody does.
 */
export const pollForBoth = (port: SerialPort): void => {
  const poller = (port.port as unknown as Binding | undefined)?.poller;
  if (!poller || typeof poller.poll !== 'function') return;
  const poll = poller.poll.bind(poller);
  poller.poll = (events) =>
    poll(
      events |
        (poller.listenerCount('readable') > 0 ? readable : 0) |
        (poller.listenerCount('writable') > 0 ? writable : 0),
    );
};

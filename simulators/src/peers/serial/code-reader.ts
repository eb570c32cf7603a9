import { type ByteLine, type SerialPeerOptions, serveSerial } from './serial-peer.js';

/**
 * A reader of QR codes and barcodes as GM65 modules are: what it reads is sent as text and a carriage return. In command mode
 * it waits for `7E 00 08 01 00 02 01 | AB CD` (which stands for any CRC), answers `02 00 00 01 00 33 31`, and reads once.
 */
const trigger = Buffer.from('7e0008010002 01abcd'.replace(' ', ''), 'hex');
const accepted = Buffer.from('02000001003331', 'hex');

export interface CodeReader {
  /** A code is held before the window. */
  present(text: string): void;
  /** True: it reads only when it is told to. */
  commandMode: boolean;
}

export const serveCodeReader = (line: ByteLine, options: SerialPeerOptions & { suffix?: string } = {}): CodeReader => {
  const suffix = options.suffix ?? '\r';
  let waiting: string | undefined;
  let isTriggered = false;
  const { send } = serveSerial(
    line,
    (held) => {
      const at = held.indexOf(0x7e);
      if (at !== 0) return { used: at < 0 ? held.length : at };
      if (held.length < trigger.length) return { used: 0 };
      if (!held.subarray(0, 7).equals(trigger.subarray(0, 7))) return { used: 1 };
      send(accepted);
      isTriggered = true;
      if (waiting !== undefined) read(waiting);
      return { used: trigger.length };
    },
    options,
  );
  const read = (text: string) => {
    waiting = undefined;
    isTriggered = false;
    send(Buffer.from(`${text}${suffix}`, 'utf8'));
  };
  const reader: CodeReader = {
    commandMode: false,
    present(text) {
      if (!reader.commandMode || isTriggered) read(text);
      else waiting = text;
    },
  };
  return reader;
};

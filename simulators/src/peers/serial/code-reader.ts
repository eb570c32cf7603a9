import { type ByteLine, type SerialPeerOptions, serveSerial } from './serial-peer.js';

/**
 * A reader of QR codes and barcodes: what it reads is sent as text and a carriage return. In command mode it reads once when it
 * is told to: as GM65 modules by `7E 00 08 01 00 02 01 | AB CD` (which stands for any CRC), answered by `02 00 00 01 00 33 31`;
 * as Honeywell scanners by SYN T CR, which is not answered, and SYN U CR ends it.
 */
const gm65Trigger = Buffer.from('7e000801000201', 'hex');
const gm65Accepted = Buffer.from('02000001003331', 'hex');
const syn = 0x16;

export interface CodeReader {
  /** A code is held before the window. */
  present(text: string): void;
  /** True: it reads only when it is told to. */
  commandMode: boolean;
}

export const serveCodeReader = (
  line: ByteLine,
  options: SerialPeerOptions & { suffix?: string; kind?: 'gm65' | 'honeywell' } = {},
): CodeReader => {
  const { suffix = '\r', kind = 'honeywell' } = options;
  let waiting: string | undefined;
  let isTriggered = false;
  const [lead, size] = kind === 'gm65' ? [gm65Trigger.readUInt8(0), gm65Trigger.length + 2] : [syn, 3];
  const { send } = serveSerial(
    line,
    (held) => {
      const at = held.indexOf(lead);
      if (at !== 0) return { used: at < 0 ? held.length : at };
      if (held.length < size) return { used: 0 };
      const order = held.subarray(1, size).toString('latin1');
      if (kind === 'gm65' && !held.subarray(0, 7).equals(gm65Trigger)) return { used: 1 };
      if (kind === 'gm65') send(gm65Accepted);
      isTriggered = kind === 'gm65' || order === 'T\r';
      if (isTriggered && waiting !== undefined) read(waiting);
      return { used: size };
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

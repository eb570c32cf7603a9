import type { LineSettings } from '@hallhub/shared/profile';
import { type LinkOpener, serialLinkOpener, tcpLinkOpener } from '../links/index.js';
import type { ModbusConfig } from './config.js';
import type { FramingKind } from './framing.js';

/** How the bus of a config is reached. */
export interface ModbusTransport {
  readonly opener: LinkOpener;
  readonly framing: FramingKind;
  /** Silence that the line needs between a reply and the next request. */
  readonly gapMs: number;
  /** What one byte takes on the line; left out: nothing. */
  readonly byteMs?: number;
}

export const transportOf = (config: ModbusConfig): ModbusTransport => {
  const { line, url } = config;
  if (url.startsWith('/')) {
    // The schema asks for the line of a serial bus.
    const serial = line as LineSettings;
    return { opener: serialLinkOpener(url, serial), framing: 'rtu', ...lineTimes(serial) };
  }
  const { hostname, port, protocol } = new URL(url);
  const opener = tcpLinkOpener({ host: hostname.replace(/^\[|\]$/g, ''), port: port === '' ? 502 : Number(port) });
  if (protocol === 'tcp:') return { opener, framing: 'mbap', gapMs: 0 };
  // A serial server keeps the silence of its line itself; its line may be stated so that time-outs allow for it.
  return { opener, framing: 'rtu', gapMs: 5, ...(line ? { byteMs: byteMsOf(line) } : {}) };
};

/** 3.5 characters of silence; 1.75 ms are enough above 19,200 baud (Modbus over Serial Line 1.02, 2.5.1.1). */
const lineTimes = (line: LineSettings): { gapMs: number; byteMs: number } => {
  const byteMs = byteMsOf(line);
  return { gapMs: line.baudRate > 19_200 ? 2 : Math.ceil(3.5 * byteMs), byteMs };
};

const byteMsOf = ({ baudRate, dataBits, parity, stopBits }: LineSettings): number =>
  ((1 + dataBits + (parity === 'none' ? 0 : 1) + stopBits) * 1_000) / baudRate;

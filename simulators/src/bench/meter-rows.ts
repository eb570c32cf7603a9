import { uuidv7 } from '@hallhub/shared';
import type { SampleRow } from '@hallhub/shared/wire';

const properties = ['voltageL1', 'currentL1', 'powerL1', 'energyImport'] as const;

export interface MeterRowsOptions {
  readonly devices?: number;
  /** Values in each row, at most four. */
  readonly values?: number;
  /** Of the first row; each next one is 5 ms later. */
  readonly fromMs?: number;
  readonly deviceIds?: readonly string[];
}

/** Samples as a few meters make them: every row another reading, numbers with a few decimals. */
export const meterRows = (count: number, options: MeterRowsOptions = {}): SampleRow[] => {
  const { devices = 20, values = 4, fromMs = Date.now() - count * 5 } = options;
  const deviceIds = options.deviceIds ?? Array.from({ length: devices }, () => uuidv7());
  return Array.from({ length: count }, (_, i) => ({
    kind: 'sample',
    at: fromMs + i * 5,
    deviceId: deviceIds[i % deviceIds.length] as string,
    values: Object.fromEntries(
      properties.slice(0, values).map((name, n) => [name, Math.round(((i * 31 + n * 7) % 40_000) * 12.5) / 100]),
    ),
  }));
};

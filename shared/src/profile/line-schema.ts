import { z } from 'zod';

/** Settings of a serial line. */
export const lineSchema = z.strictObject({
  baudRate: z.int().min(110).max(4_000_000),
  dataBits: z.union([z.literal(5), z.literal(6), z.literal(7), z.literal(8)]).default(8),
  parity: z.enum(['none', 'even', 'odd', 'mark', 'space']).default('none'),
  stopBits: z.union([z.literal(1), z.literal(1.5), z.literal(2)]).default(1),
  flowControl: z.enum(['none', 'rtscts', 'xonxoff']).default('none'),
});
export type LineSettings = z.infer<typeof lineSchema>;

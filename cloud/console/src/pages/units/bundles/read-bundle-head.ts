import * as z from 'zod/mini';

/** docs/protocol.md 7: a line of JSON, a line with its signature, then the parts. */
const most = 8 * 1_048_576 + 65_536 + 2;
const mostBundleBytes = 4 * 1_073_741_824;

const count = z.int().check(z.gte(0));
const headSchema = z.object({
  kind: z.enum(['up', 'down']),
  unitId: z.string(),
  madeAt: z.number(),
  streams: z.array(z.object({ fromSeq: z.optional(count), toSeq: z.optional(count) })),
  parts: z.optional(z.array(z.object({ name: z.string(), bytes: count }))),
});

export interface BundleHead {
  readonly unitId: string;
  /** Epoch ms by the unit's clock. */
  readonly madeAt: number;
  readonly rows: number;
  readonly files: number;
}

export type HeadProblem = 'notBundle' | 'receipt' | 'cut' | 'longer' | 'tooLarge';

/** What a file says of itself, before gigabytes of it travel for nothing. The cloud checks all of it again. */
export async function readBundleHead(file: Blob): Promise<BundleHead | HeadProblem> {
  const bytes = new Uint8Array(await file.slice(0, most).arrayBuffer());
  const first = bytes[0] === 0x7b ? bytes.indexOf(0x0a) : -1;
  const second = first < 0 ? -1 : bytes.indexOf(0x0a, first + 1);
  if (second < 0) return 'notBundle';
  const head = headSchema.safeParse(parse(new TextDecoder().decode(bytes.subarray(0, first))));
  if (!head.success) return 'notBundle';
  const { kind, unitId, madeAt, streams, parts } = head.data;
  if (kind === 'down') return 'receipt';
  if (!parts) return 'notBundle';
  const whole = second + 1 + parts.reduce((sum, part) => sum + part.bytes, 0);
  if (file.size < whole) return 'cut';
  if (file.size > whole) return 'longer';
  if (whole > mostBundleBytes) return 'tooLarge';
  const rows = streams.reduce((sum, { fromSeq = 1, toSeq = 0 }) => sum + Math.max(0, toSeq - fromSeq + 1), 0);
  return { unitId, madeAt, rows, files: parts.filter(({ name }) => name.startsWith('evidence/')).length };
}

const parse = (line: string): unknown => {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
};

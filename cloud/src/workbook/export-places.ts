import type { Readable } from 'node:stream';
import { HubError } from '@hallhub/shared';

export interface ExportedFile {
  readonly body: Readable;
  /** Of the file as it is saved: ASCII, without quotes. */
  readonly name: string;
}

const mostOfOne = 2;
/** Of one organisation: it leaves room for the others. */
const mostOfTenant = 4;
const mostAtOnce = 6;
const mostIdleMs = 120_000;
/** However diligently somebody reads: a million rows over a slow line take a quarter of it. */
const mostWholeMs = 3_600_000;

/** Why an export would be refused now: two of one's own are under way, or others take the places of the organisation or all. */
export type ExportWait = 'own' | 'others';

/** Whose export it is: a person, or a program by its key. */
export interface Exporter {
  readonly tenantId: string;
  readonly userId: string | null;
  readonly apiKeyId?: string;
}

const underWay = new Map<string, number>();

const keyOf = ({ tenantId, userId, apiKeyId }: Exporter): string => `${tenantId} ${userId ?? apiKeyId ?? 'system'}`;

const countOf = (prefix: string): number => {
  let sum = 0;
  for (const [key, count] of underWay) if (key.startsWith(prefix)) sum += count;
  return sum;
};

/** Whether an export that is asked for now would find a place; asking takes none. */
export const exportWait = (exporter: Exporter): ExportWait | null => {
  if ((underWay.get(keyOf(exporter)) ?? 0) >= mostOfOne) return 'own';
  const isFull = countOf(`${exporter.tenantId} `) >= mostOfTenant || countOf('') >= mostAtOnce;
  return isFull ? 'others' : null;
};

/**
 * A place among the exports under way in this process, whatever they are of; answers how to leave it, once or more often.
 * Errors: `rate_limited` reason `exports`.
 */
export const enterExport = (exporter: Exporter): (() => void) => {
  const key = keyOf(exporter);
  const mine = underWay.get(key) ?? 0;
  const wait = exportWait(exporter);
  if (wait !== null) {
    throw new HubError('rate_limited', 'Too many exports are under way', {
      context: { reason: 'exports', retryAfterMs: 10_000 },
      hint:
        wait === 'own'
          ? `You have ${mine} exports under way: ask again once one is saved or broken off.`
          : 'Others export just now: ask again in ten seconds.',
    });
  }
  underWay.set(key, mine + 1);
  let isIn = true;
  return () => {
    if (!isIn) return;
    isIn = false;
    const left = (underWay.get(key) ?? 1) - 1;
    if (left > 0) underWay.set(key, left);
    else underWay.delete(key);
  };
};

/** Whoever stops reading without going away gives up their place, and so does who is not done within an hour. */
export const whileRead = (body: Readable): Readable => {
  let idle: NodeJS.Timeout | undefined;
  const whole = setTimeout(() => body.destroy(new HubError('timeout', 'The export takes too long')), mostWholeMs);
  whole.unref();
  const watch = (): void => {
    clearTimeout(idle);
    idle = setTimeout(() => body.destroy(new HubError('timeout', 'Nobody reads the export')), mostIdleMs);
    idle.unref();
  };
  const read = body._read.bind(body);
  body._read = (size) => {
    watch();
    read(size);
  };
  watch();
  body.once('close', () => {
    clearTimeout(idle);
    clearTimeout(whole);
  });
  return body;
};

/** Makes a file in a place of its own, kept until the file has left, or nobody reads it any more. Errors: `rate_limited`. */
export const inExportPlace = async <T extends { readonly body: Readable }>(
  exporter: Exporter,
  make: () => Promise<T>,
): Promise<T> => {
  const leave = enterExport(exporter);
  try {
    const made = await make();
    whileRead(made.body).once('close', leave);
    return made;
  } catch (error) {
    leave();
    throw error;
  }
};

import type { Readable } from 'node:stream';
import { HubError } from '@hallhub/shared';

export interface ExportedFile {
  readonly body: Readable;
  /** Of the file as it is saved: ASCII, without quotes. */
  readonly name: string;
}

const mostOfOne = 2;
const mostAtOnce = 6;
const mostIdleMs = 120_000;

/** Whose export it is: a person, or a program by its key. */
export interface Exporter {
  readonly tenantId: string;
  readonly userId: string | null;
  readonly apiKeyId?: string;
}

const underWay = new Map<string, number>();

/**
 * A place among the exports under way in this process, whatever they are of; answers how to leave it, once or more often.
 * Errors: `rate_limited` reason `exports`.
 */
export const enterExport = ({ tenantId, userId, apiKeyId }: Exporter): (() => void) => {
  const key = `${tenantId} ${userId ?? apiKeyId ?? 'system'}`;
  const mine = underWay.get(key) ?? 0;
  const all = [...underWay.values()].reduce((sum, one) => sum + one, 0);
  if (mine >= mostOfOne || all >= mostAtOnce) {
    throw new HubError('rate_limited', 'Too many exports are under way', {
      context: { reason: 'exports', retryAfterMs: 10_000 },
      hint:
        mine >= mostOfOne
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

/** Whoever stops reading without going away gives up their place. */
export const whileRead = (body: Readable): Readable => {
  let timer: NodeJS.Timeout | undefined;
  const watch = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => body.destroy(new HubError('timeout', 'Nobody reads the export')), mostIdleMs);
    timer.unref();
  };
  const read = body._read.bind(body);
  body._read = (size) => {
    watch();
    read(size);
  };
  watch();
  body.once('close', () => clearTimeout(timer));
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

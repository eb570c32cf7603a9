import type { ModbusTable } from '@hallhub/shared/profile';
import type { Span } from './block-planner.js';

const firstRetryMs = 60_000;
const lastRetryMs = 86_400_000;

interface Lesson {
  retryMs: number;
  /** Monotonic ms of the next try; undefined: being tried. */
  retryAtMs: number | undefined;
}

/** An address that reads must not reach across, as far as is known. */
export interface Seam extends Pick<Span, 'table' | 'address'>, Lesson {}

/**
 * What the refusals of one device taught about its registers: where reads have to end, and which points it lacks. Each
 * lesson is tried again, twice as rarely each time (1 minute to a day): firmware changes, and some refusals were mistakes.
 */
export class LearnedMap<P> {
  readonly #seams = new Map<string, Seam>();
  readonly #lacking = new Map<P, Lesson>();

  /** Seams that hold now. */
  get seams(): readonly Seam[] {
    return [...this.#seams.values()].filter((seam) => seam.retryAtMs !== undefined);
  }

  get lacking(): ReadonlyMap<P, { retryAtMs: number | undefined }> {
    return this.#lacking;
  }

  addSeam(table: ModbusTable, address: number, nowMs: number): void {
    const key = `${table} ${address}`;
    const known = this.#seams.get(key);
    if (known) fail(known, nowMs);
    else this.#seams.set(key, { table, address, retryMs: firstRetryMs, retryAtMs: nowMs + firstRetryMs });
  }

  lacks(point: P, nowMs: number): void {
    const known = this.#lacking.get(point);
    if (known) fail(known, nowMs);
    else this.#lacking.set(point, { retryMs: firstRetryMs, retryAtMs: nowMs + firstRetryMs });
  }

  /** Monotonic ms of the next seam to be tried. */
  nextTryMs(): number {
    let atMs = Number.POSITIVE_INFINITY;
    for (const seam of this.#seams.values()) atMs = Math.min(atMs, seam.retryAtMs ?? Number.POSITIVE_INFINITY);
    return atMs;
  }

  /** Lifts seams whose time has come until the next read across them says more. */
  trySeams(nowMs: number): void {
    for (const seam of this.#seams.values())
      if ((seam.retryAtMs ?? Number.POSITIVE_INFINITY) <= nowMs) seam.retryAtMs = undefined;
  }

  /** A read went well: seams inside it are none. */
  readWell(span: Span, points: readonly P[]): void {
    if (this.#lacking.size > 0) for (const point of points) this.#lacking.delete(point);
    if (this.#seams.size === 0) return;
    for (const [key, seam] of this.#seams) if (isInside(seam, span)) this.#seams.delete(key);
  }

  /** A read was refused: true where it tried seams, which now hold again. */
  refusedTry(span: Span, nowMs: number): boolean {
    let tried = false;
    for (const seam of this.#seams.values()) {
      if (seam.retryAtMs !== undefined || !isInside(seam, span)) continue;
      fail(seam, nowMs);
      tried = true;
    }
    return tried;
  }
}

const fail = (lesson: Lesson, nowMs: number): void => {
  lesson.retryMs = Math.min(lesson.retryMs * 2, lastRetryMs);
  lesson.retryAtMs = nowMs + lesson.retryMs;
};

const isInside = (seam: Pick<Span, 'table' | 'address'>, span: Span): boolean =>
  seam.table === span.table && seam.address > span.address && seam.address < span.address + span.count;

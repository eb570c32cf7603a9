import { isBitTable, type ModbusTable } from '@hallhub/shared/profile';

/** Registers (or bits) that one point takes. */
export interface Span {
  readonly table: ModbusTable;
  readonly address: number;
  readonly count: number;
}

/** One read request and the points that lie in it. */
export interface Block<P extends Span> extends Span {
  readonly points: readonly P[];
}

export interface PlanOptions {
  /** Unused registers that may be read to join two points; for bits 16 times as many. */
  readonly maxGap: number;
  /** Most registers in one read, at most 125; for bits 16 times as many, at most 2,000. */
  readonly maxBlock: number;
  /** Spans that must not be touched where no point lies: reading there makes the device refuse the whole block. */
  readonly holes?: readonly Span[];
  /** Addresses that no read may reach across: the register there has to be the first of its read. */
  readonly seams?: readonly Pick<Span, 'table' | 'address'>[];
}

export const maxRegistersPerRead = 125;
export const maxBitsPerRead = 2_000;

/**
 * Joins points into the fewest legal reads that the options allow; a point is never split. Taking the points by address
 * and joining each as long as it may be is optimal: a block that starts later reaches at least as far.
 */
export const planBlocks = <P extends Span>(points: readonly P[], options: PlanOptions): Block<P>[] => {
  const blocks: { table: ModbusTable; address: number; count: number; points: P[] }[] = [];
  const sorted = [...points].sort((a, b) => order(a, b));
  for (const point of sorted) {
    const last = blocks.at(-1);
    if (last && mayJoin(last, point, options)) {
      last.count = Math.max(endOf(last), endOf(point)) - last.address;
      last.points.push(point);
    } else {
      blocks.push({ table: point.table, address: point.address, count: point.count, points: [point] });
    }
  }
  return blocks;
};

export const endOf = (span: Span): number => span.address + span.count;

const order = (a: Span, b: Span): number =>
  a.table === b.table ? a.address - b.address || a.count - b.count : a.table < b.table ? -1 : 1;

/** May one read take both? `second` starts where `first` starts, or behind. */
export const mayJoin = (first: Span, second: Span, options: PlanOptions): boolean => {
  const { table } = first;
  if (table !== second.table) return false;
  const bits = isBitTable(table);
  const limit = bits
    ? Math.min(options.maxBlock * 16, maxBitsPerRead)
    : Math.min(options.maxBlock, maxRegistersPerRead);
  const end = Math.max(endOf(first), endOf(second));
  if (end - first.address > limit) return false;
  for (const seam of options.seams ?? []) {
    if (seam.table === table && seam.address > first.address && seam.address < end) return false;
  }
  const gap = second.address - endOf(first);
  if (gap <= 0) return true;
  if (gap > (bits ? options.maxGap * 16 : options.maxGap)) return false;
  for (const hole of options.holes ?? []) {
    if (hole.table === table && hole.address < second.address && endOf(hole) > endOf(first)) return false;
  }
  return true;
};

/** Where a block could be cut in two without cutting a point, and how many registers nobody needs lie there. */
export interface Cut {
  readonly address: number;
  readonly gap: number;
  /** Points in front of the cut. */
  readonly before: number;
}

export const cutsOf = (block: Block<Span>): Cut[] => {
  const cuts: Cut[] = [];
  const sorted = [...block.points].sort(order);
  let end = sorted[0] ? endOf(sorted[0]) : 0;
  for (const [before, point] of sorted.entries()) {
    if (before > 0 && point.address >= end) cuts.push({ address: point.address, gap: point.address - end, before });
    end = Math.max(end, endOf(point));
  }
  return cuts;
};

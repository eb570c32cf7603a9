import type { ModbusTable } from '@hallhub/shared/profile';

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
}

export const maxRegistersPerRead = 125;
export const maxBitsPerRead = 2_000;

export const isBitTable = (table: ModbusTable): boolean => table === 'coil' || table === 'discrete';

/** Joins neighbouring points into as few legal reads as the options allow. A point is never split. */
export const planBlocks = <P extends Span>(points: readonly P[], options: PlanOptions): Block<P>[] => {
  const blocks: { table: ModbusTable; address: number; end: number; points: P[] }[] = [];
  const sorted = [...points].sort(
    (a, b) => a.table.localeCompare(b.table) || a.address - b.address || a.count - b.count,
  );
  for (const point of sorted) {
    const last = blocks.at(-1);
    const end = point.address + point.count;
    if (last && last.table === point.table && joins(last, point, options)) {
      last.end = Math.max(last.end, end);
      last.points.push(point);
    } else {
      blocks.push({ table: point.table, address: point.address, end, points: [point] });
    }
  }
  return blocks.map(({ table, address, end, points }) => ({ table, address, count: end - address, points }));
};

const joins = (block: { address: number; end: number }, point: Span, options: PlanOptions): boolean => {
  const bits = isBitTable(point.table);
  const limit = Math.min(bits ? options.maxBlock * 16 : options.maxBlock, bits ? maxBitsPerRead : maxRegistersPerRead);
  const end = Math.max(block.end, point.address + point.count);
  if (end - block.address > limit) return false;
  const gap = point.address - block.end;
  if (gap <= 0) return true;
  if (gap > (bits ? options.maxGap * 16 : options.maxGap)) return false;
  return !(options.holes ?? []).some(
    (hole) => hole.table === point.table && hole.address < point.address && hole.address + hole.count > block.end,
  );
};

/** The parts of a block that no point needs. */
export const gapsOf = (block: Block<Span>): Span[] => {
  const gaps: Span[] = [];
  let at = block.address;
  for (const point of [...block.points].sort((a, b) => a.address - b.address)) {
    if (point.address > at) gaps.push({ table: block.table, address: at, count: point.address - at });
    at = Math.max(at, point.address + point.count);
  }
  return gaps;
};

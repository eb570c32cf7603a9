import type { TicketKind } from '@hallhub/shared/ticket';
import type { Label } from '../../../i18n/use-language.js';

export const nodeWidth = 124;
export const nodeHeight = 52;
const gapX = 92;
const gapY = 36;
const laneGap = 26;
const margin = 20;

export interface FlowNode {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly rank: number;
}
export interface FlowEdge {
  readonly from: string;
  readonly to: string;
  /** Labels of the actions that lead along it. */
  readonly labels: readonly Label[];
  readonly isReturn: boolean;
  readonly goesBack: boolean;
  /** SVG path, with an arrow at its end. */
  readonly path: string;
  readonly labelX: number;
  /** How wide its names may be there, in px. */
  readonly labelRoom: number;
  readonly labelY: number;
}
export interface FlowDrawing {
  readonly width: number;
  readonly height: number;
  readonly nodes: readonly FlowNode[];
  readonly edges: readonly FlowEdge[];
}

type Way = { from: string; to: string; labels: Label[]; isReturn: boolean };
type Steps = Pick<TicketKind, 'steps' | 'start'>;

/** One way for all actions from one step to another. */
const waysOf = ({ steps }: Steps): Way[] => {
  const known = new Set(steps.map(({ id }) => id));
  const ways = new Map<string, Way>();
  for (const { id, actions } of steps) {
    for (const { act, label, to } of actions) {
      for (const { step } of to) {
        if (!known.has(step) || step === id) continue;
        const key = `${id} ${step}`;
        const way = ways.get(key) ?? { from: id, to: step, labels: [], isReturn: true };
        way.labels.push(label);
        way.isReturn &&= act === 'return';
        ways.set(key, way);
      }
    }
  }
  return [...ways.values()];
};

/** Ways that lead to where the ticket comes from: drawn below, not counted for the order. */
const backWays = ({ steps, start }: Steps, ways: readonly Way[]): ReadonlySet<Way> => {
  const back = new Set<Way>();
  const state = new Map<string, 'open' | 'done'>();
  const visit = (id: string): void => {
    state.set(id, 'open');
    for (const way of ways) {
      if (way.from !== id) continue;
      if (way.isReturn || state.get(way.to) === 'open') back.add(way);
      else if (!state.has(way.to)) visit(way.to);
    }
    state.set(id, 'done');
  };
  for (const id of [start, ...steps.map((one) => one.id)]) if (!state.has(id)) visit(id);
  return back;
};

const ranksOf = ({ steps }: Steps, forward: readonly Way[]): ReadonlyMap<string, number> => {
  const ranks = new Map(steps.map(({ id }) => [id, 0]));
  // As many rounds as the longest way has steps; there is no circle among forward ways.
  for (let changed = true, round = 0; changed && round <= steps.length; round++) {
    changed = false;
    for (const { from, to } of forward) {
      const wanted = (ranks.get(from) ?? 0) + 1;
      if ((ranks.get(to) ?? 0) < wanted) {
        ranks.set(to, wanted);
        changed = true;
      }
    }
  }
  // Ends stand at the right, wherever they are come to from: nothing runs behind them.
  const last = Math.max(0, ...ranks.values());
  const leavers = steps.filter(({ id, end }) => end === undefined && (ranks.get(id) ?? 0) === last);
  for (const { id, end } of steps) if (end !== undefined) ranks.set(id, leavers.length > 0 ? last + 1 : last);
  return ranks;
};

/** Steps of each column, near to those that lead to them. */
const columnsOf = ({ steps }: Steps, ranks: ReadonlyMap<string, number>, forward: readonly Way[]): string[][] => {
  const columns: string[][] = [];
  for (const { id } of steps) {
    const rank = ranks.get(id) ?? 0;
    columns[rank] ??= [];
    columns[rank].push(id);
  }
  const places = new Map<string, number>();
  columns.forEach((column) => {
    const wish = (id: string) => {
      const from = forward.filter(({ to }) => to === id).map((way) => places.get(way.from) ?? 0);
      return from.length === 0 ? 0 : from.reduce((sum, one) => sum + one, 0) / from.length;
    };
    const wishes = new Map(column.map((id, i) => [id, wish(id) + i / 1_000]));
    column.sort((a, b) => (wishes.get(a) ?? 0) - (wishes.get(b) ?? 0));
    column.forEach((id, i) => void places.set(id, i - (column.length - 1) / 2));
  });
  return columns;
};

/** Lays out a kind's steps from left to right in order of work; ways over several columns run above, ways back below. The same kind always looks the same. */
export const layOutFlow = (kind: Steps): FlowDrawing => {
  const ways = waysOf(kind);
  const back = backWays(kind, ways);
  const forward = ways.filter((way) => !back.has(way));
  const ranks = ranksOf(kind, forward);
  const columns = columnsOf(kind, ranks, forward);
  const far = (way: Way) => back.has(way) || (ranks.get(way.to) ?? 0) - (ranks.get(way.from) ?? 0) > 1;
  const above = lanes(
    ways.filter((way) => far(way) && !back.has(way)),
    ranks,
  );
  const below = lanes(
    ways.filter((way) => back.has(way)),
    ranks,
  );
  const tallest = Math.max(1, ...columns.map((column) => column.length));
  const bodyHeight = tallest * nodeHeight + (tallest - 1) * gapY;
  const top = margin + above.count * laneGap + (above.count > 0 ? 12 : 0);
  const nodes = columns.flatMap((column, rank) => {
    const height = column.length * nodeHeight + (column.length - 1) * gapY;
    return column.map((id, i) => ({
      ...{ id, rank, x: margin + rank * (nodeWidth + gapX) },
      y: top + (bodyHeight - height) / 2 + i * (nodeHeight + gapY),
    }));
  });
  const at = new Map(nodes.map((node) => [node.id, node]));
  const bottom = top + bodyHeight;
  const ports = portsOf(ways.filter(far), back, ranks);
  const edges = ways.flatMap((way): FlowEdge[] => {
    const [from, to] = [at.get(way.from), at.get(way.to)];
    if (!from || !to) return [];
    const goesBack = back.has(way);
    const drawn = far(way)
      ? overLane(from, to, {
          y: goesBack
            ? bottom + 12 + laneGap * ((below.of.get(way) ?? 0) + 0.5)
            : top - 12 - laneGap * ((above.of.get(way) ?? 0) + 0.5),
          ...{ goesBack, out: ports(way, 'from'), in: ports(way, 'to') },
        })
      : across(from, to);
    return [{ ...way, goesBack, ...drawn }];
  });
  return {
    ...{ nodes, edges, width: margin * 2 + columns.length * nodeWidth + Math.max(0, columns.length - 1) * gapX },
    height: bottom + margin + below.count * laneGap + (below.count > 0 ? 12 : 0),
  };
};

/** A lane for each far way, so that none lies upon another: short ones next to the steps. */
const lanes = (ways: readonly Way[], ranks: ReadonlyMap<string, number>) => {
  const spanOf = ({ from, to }: Way): [number, number] => {
    const [a, b] = [ranks.get(from) ?? 0, ranks.get(to) ?? 0];
    return a < b ? [a, b] : [b, a];
  };
  const taken: [number, number][][] = [];
  const of = new Map<Way, number>();
  const length = (way: Way) => spanOf(way)[1] - spanOf(way)[0];
  for (const way of [...ways].sort((a, b) => length(a) - length(b))) {
    const [a, b] = spanOf(way);
    let lane = taken.findIndex((spans) => spans.every(([from, to]) => b < from || a > to));
    if (lane < 0) lane = taken.push([]) - 1;
    taken[lane]?.push([a, b]);
    of.set(way, lane);
  }
  return { of, count: taken.length };
};

/** Where far ways begin and end on their steps: side by side within a column, so that none runs upon another. */
const portsOf = (ways: readonly Way[], back: ReadonlySet<Way>, ranks: ReadonlyMap<string, number>) => {
  const sides = new Map<string, string[]>();
  const sideOf = (way: Way, end: 'from' | 'to') => `${ranks.get(way[end])} ${back.has(way)}`;
  const keyOf = (way: Way, end: 'from' | 'to') => `${way.from} ${way.to} ${end}`;
  for (const way of ways) {
    for (const end of ['from', 'to'] as const) {
      const side = sideOf(way, end);
      sides.set(side, [...(sides.get(side) ?? []), keyOf(way, end)]);
    }
  }
  return (way: Way, end: 'from' | 'to'): number => {
    const side = sides.get(sideOf(way, end)) ?? [];
    return (nodeWidth * (side.indexOf(keyOf(way, end)) + 1)) / (side.length + 1);
  };
};

type Drawn = Pick<FlowEdge, 'path' | 'labelX' | 'labelY' | 'labelRoom'>;

const across = (from: FlowNode, to: FlowNode): Drawn => {
  const [x1, y1] = [from.x + nodeWidth, from.y + nodeHeight / 2];
  const [x2, y2] = [to.x, to.y + nodeHeight / 2];
  const bend = gapX / 2;
  return {
    path: `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2 - 2} ${y2}`,
    ...{ labelX: x1 + (x2 - x1) * 0.5, labelY: y1 + (y2 - y1) * 0.5 - 6, labelRoom: 84 },
  };
};

const overLane = (
  from: FlowNode,
  to: FlowNode,
  lane: { readonly y: number; readonly goesBack: boolean; readonly out: number; readonly in: number },
): Drawn => {
  const side = (node: FlowNode) => (lane.goesBack ? node.y + nodeHeight : node.y);
  const [x1, x2] = [from.x + lane.out, to.x + lane.in];
  const r = 8;
  const dx = x2 >= x1 ? r : -r;
  const dy = lane.goesBack ? r : -r;
  const end = side(to) + (lane.goesBack ? 2 : -2);
  const wide = Math.abs(x2 - x1) > 2 * r;
  const path = wide
    ? `M${x1} ${side(from)}V${lane.y - dy}Q${x1} ${lane.y} ${x1 + dx} ${lane.y}H${x2 - dx}Q${x2} ${lane.y} ${x2} ${lane.y - dy}V${end}`
    : `M${x1} ${side(from)}V${lane.y}H${x2}V${end}`;
  const labelRoom = Math.max(lane.goesBack ? 110 : 84, Math.min(220, Math.abs(x2 - x1) - 3 * r));
  return { path, labelX: (x1 + x2) / 2, labelY: lane.y - 4, labelRoom };
};

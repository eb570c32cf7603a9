import { heatColumns, heatRows } from '@hallhub/shared/vision';
import type { RuleOutcome } from './observation.js';
import { footOf, type Scene } from './scene.js';
import { bucketStart } from './steady-time.js';

export interface HeatState {
  hour?: number;
  /** Milliseconds by cell; cells with nothing are left out. */
  cells: Record<string, number>;
}

const hourMs = 3_600_000;

/** Where people stood, by the hour. */
export class HeatMap {
  readonly #viewId: string;
  readonly state: HeatState;

  constructor(viewId: string, state: HeatState = { cells: {} }) {
    this.#viewId = viewId;
    this.state = state;
  }

  look({ atMs, stepMs, tracks }: Pick<Scene, 'atMs' | 'stepMs' | 'tracks'>): RuleOutcome[] {
    const told = this.turn(atMs);
    for (const track of tracks) {
      if (track.label !== 'person' || track.isLost) continue;
      const [x, y] = footOf(track);
      const column = Math.min(heatColumns - 1, Math.floor(x * heatColumns));
      const row = Math.min(heatRows - 1, Math.floor(y * heatRows));
      const cell = String(row * heatColumns + column);
      this.state.cells[cell] = (this.state.cells[cell] ?? 0) + stepMs;
    }
    return told;
  }

  /** Tells the hour that is over. */
  turn(atMs: number): RuleOutcome[] {
    const { hour: current } = this.state;
    const hour = bucketStart(atMs, hourMs, current);
    if (hour === current) return [];
    const seconds = Array.from({ length: heatColumns * heatRows }, (_, i) =>
      Math.round((this.state.cells[i] ?? 0) / 1_000),
    );
    Object.assign(this.state, { hour, cells: {} });
    if (current === undefined || seconds.every((one) => one === 0)) return [];
    return [{ kind: 'heat', heat: { v: 1, viewId: this.#viewId, hour: current, seconds } }];
  }
}

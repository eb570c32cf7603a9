import type { ProxyMode } from '../../faults/tcp-proxy.js';

/** One unit of the drill, as the worker process that runs it gets it. */
export interface UnitSpec {
  readonly index: number;
  readonly unitId: string;
  readonly secret: string;
  readonly deviceId: string;
  readonly serial: string;
  /** Store of the unit. */
  readonly dataDir: string;
  /** What was acknowledged to its device, line by line; outside of the store, as the device's memory is. */
  readonly bookFile: string;
  /** A small file system of its own, which may be filled. */
  readonly isSmall: boolean;
}

export interface WorkerSpec {
  readonly brokerPort: number;
  readonly everyMs: number;
  readonly seed: number;
  readonly units: readonly UnitSpec[];
}

export type WorkerOrder =
  | { readonly type: 'line'; readonly units: readonly number[]; readonly mode: ProxyMode; readonly delayMs?: number }
  /** Connections break off now and then for `forMs`. */
  | { readonly type: 'lossy'; readonly units: readonly number[]; readonly forMs: number }
  | { readonly type: 'clock'; readonly units: readonly number[]; readonly offsetMs: number }
  | { readonly type: 'fill'; readonly units: readonly number[]; readonly forMs: number }
  /** Nothing is produced any more. */
  | { readonly type: 'quiet' }
  /** Every open hour is over: seals are written. */
  | { readonly type: 'seal'; readonly offsetMs: number }
  | { readonly type: 'stop' };

export interface UnitState {
  readonly index: number;
  readonly uplink: string;
  readonly pending: number;
  readonly acknowledged: number;
  /** Writes that the store refused: the device was told so, nothing was promised. */
  readonly refused: number;
  readonly thinned: number;
  readonly filled: number;
}

export type WorkerReport =
  | { readonly type: 'ready' }
  | { readonly type: 'state'; readonly rssBytes: number; readonly units: readonly UnitState[] }
  | { readonly type: 'sealed' };

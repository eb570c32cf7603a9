import type { ProducedKind, Rates } from './rate-book.js';

/** What is left for a kind of data before its own bound. */
export interface Room {
  readonly rows: number;
  readonly bytes: number;
}

export interface RunwayInput {
  readonly rates: Rates;
  readonly room: Readonly<Record<'events' | 'telemetry', Room>> & { readonly evidence: Room | undefined };
  /** Free on the disk and in the unit's own files, less what is kept free; undefined: the disk cannot be read. */
  readonly freeBytes: number | undefined;
  /** Telemetry on the disk, which goes before an event or a clip does. */
  readonly telemetryBytes: number;
}

export interface KindRunway {
  readonly kind: ProducedKind;
  /** Null: not limited (nothing of it is produced), or not known yet. */
  readonly ms: number | null;
  readonly rowsPerHour: number;
  readonly bytesPerHour: number;
  /** What ends it first. */
  readonly limitedBy: 'disk' | 'lane_rows' | 'lane_bytes' | 'nothing' | 'unknown';
}

export interface Runway {
  readonly measuredMs: number;
  readonly kinds: readonly KindRunway[];
}

/** Of a row on the disk beside its text: chain, numbers, the page's own. */
export const rowOverheadBytes = 80;
const leastMeasuredMs = 60_000;
/** Beyond that the figure means nothing. */
const longestMs = 10 * 365 * 86_400_000;

/**
 * FIRST-2: how long each kind of data is kept when the line fails now, at the rates measured. Telemetry ends at its lane's bound or when the disk is full of all
 * kinds together; events and evidence go on, for telemetry makes room for them.
 */
export const reckonRunway = ({ rates, room, freeBytes, telemetryBytes }: RunwayInput): Runway => {
  const { measuredMs, amounts } = rates;
  const known = measuredMs >= leastMeasuredMs;
  const perMs = (kind: ProducedKind) => ({
    rows: known ? amounts[kind].rows / measuredMs : 0,
    bytes: known ? amounts[kind].bytes / measuredMs : 0,
  });
  const rate = { events: perMs('events'), telemetry: perMs('telemetry'), evidence: perMs('evidence') };
  const disk = (kind: ProducedKind) => rate[kind].bytes + rate[kind].rows * rowOverheadBytes;
  const precious = disk('events') + disk('evidence');
  const one = (kind: ProducedKind): KindRunway => {
    const bounds = room[kind];
    const space = freeBytes === undefined ? undefined : kind === 'telemetry' ? freeBytes : freeBytes + telemetryBytes;
    const spent = kind === 'telemetry' ? precious + disk('telemetry') : precious;
    const ends: [KindRunway['limitedBy'], number][] = [
      ['disk', space === undefined ? Number.POSITIVE_INFINITY : Math.max(0, space) / spent],
      ['lane_rows', Math.max(0, bounds?.rows ?? Number.POSITIVE_INFINITY) / rate[kind].rows],
      ['lane_bytes', Math.max(0, bounds?.bytes ?? Number.POSITIVE_INFINITY) / rate[kind].bytes],
    ];
    const isProduced = rate[kind].rows > 0 || rate[kind].bytes > 0;
    const [limitedBy, ms] = ends.reduce((least, end) => (end[1] < least[1] ? end : least));
    const isLimited = isProduced && Number.isFinite(ms);
    return {
      kind,
      ms: isLimited ? Math.round(Math.min(ms, longestMs)) : null,
      rowsPerHour: Math.round(rate[kind].rows * 3_600_000),
      bytesPerHour: Math.round(rate[kind].bytes * 3_600_000),
      limitedBy: isLimited ? limitedBy : known ? 'nothing' : 'unknown',
    };
  };
  return { measuredMs: Math.round(measuredMs), kinds: [one('events'), one('telemetry'), one('evidence')] };
};

import type { Clock } from '@hallhub/shared';
import type { Heartbeat } from '@hallhub/shared/wire';
import type { Outbox } from '../outbox/index.js';
import type { Logger } from '../ports/index.js';
import type { Store } from '../store/index.js';
import { type Amount, type Amounts, RateBook } from './rate-book.js';
import { type KindRunway, type Room, type Runway, reckonRunway } from './reckon-runway.js';
import { RunwayAlarm } from './runway-alarm.js';

/** What keeps clips and pictures says about itself; a unit without cameras has none. */
export interface EvidenceStore {
  /** Since the start of the agent. */
  readonly produced: Amount;
  readonly room: Room;
}

export interface UnitRunwayOptions {
  readonly store: Store;
  readonly outbox: Outbox;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly minFreeBytes: number;
  readonly alarmMs: number;
  readonly freeBytes: () => number | undefined;
  readonly evidence?: () => EvidenceStore | undefined;
  readonly onFault: (code: string, message: string, context: Record<string, unknown>) => void;
}

/** "If the line fails now": rates, room and alarm of this unit. */
export class UnitRunway {
  readonly alarm: RunwayAlarm;
  readonly #options: UnitRunwayOptions;
  readonly #book: RateBook;

  constructor(options: UnitRunwayOptions) {
    const { store, clock, logger, alarmMs, onFault } = options;
    this.#options = options;
    this.#book = new RateBook({ hub: store.hub, clock, logger, produced: () => this.#produced() });
    this.alarm = new RunwayAlarm({ hub: store.hub, logger, alarmMs, onFault });
  }

  /** Call it every few seconds. */
  tick(): void {
    this.#book.tick();
    this.alarm.look(this.runway);
  }

  get runway(): Runway {
    const { outbox, store, minFreeBytes } = this.#options;
    const free = this.#options.freeBytes();
    const { events, live, backlog } = {
      events: outbox.lane('events'),
      live: outbox.lane('live'),
      backlog: outbox.lane('backlog'),
    };
    const room = (lane: 'events' | 'backlog', { rows, bytes }: { rows: number; bytes: number }): Room => ({
      rows: outbox.limits[lane].maxRows - rows,
      bytes: outbox.limits[lane].maxBytes - bytes,
    });
    return reckonRunway({
      rates: this.#book.rates,
      room: {
        events: room('events', events),
        telemetry: room('backlog', backlog),
        evidence: this.#options.evidence?.()?.room,
      },
      freeBytes: free === undefined ? undefined : free + store.reclaimableBytes - minFreeBytes,
      telemetryBytes: live.bytes + backlog.bytes,
    });
  }

  /** As a heartbeat says it. `runwayMs` is the shortest. */
  get wire(): Required<Pick<Heartbeat, 'runway' | 'runwayMs'>> {
    const { kinds, measuredMs } = this.runway;
    const of = (wanted: KindRunway['kind']) => kinds.find(({ kind }) => kind === wanted)?.ms ?? null;
    const known = kinds.flatMap(({ ms }) => (ms === null ? [] : [ms]));
    return {
      runwayMs: known.length === 0 ? null : Math.min(...known),
      runway: { eventsMs: of('events'), telemetryMs: of('telemetry'), evidenceMs: of('evidence'), measuredMs },
    };
  }

  #produced(): Amounts {
    const { events, live, backlog, manifest } = this.#options.outbox.appended;
    const evidence = this.#options.evidence?.()?.produced;
    return {
      events,
      telemetry: { rows: live.rows + backlog.rows, bytes: live.bytes + backlog.bytes },
      evidence: {
        rows: (evidence?.rows ?? 0) + manifest.rows,
        bytes: (evidence?.bytes ?? 0) + manifest.bytes,
      },
    };
  }
}

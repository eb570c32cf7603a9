import { statfs } from 'node:fs/promises';
import type { Clock } from '@hallhub/shared';
import type { EdgeConfig } from '../config/edge-config.js';
import type { FaultBook } from '../devices/index.js';
import type { EvidenceStore } from '../evidence/index.js';
import { LinkBudget } from '../link-budget/index.js';
import { type Outbox, SpaceKeeper } from '../outbox/index.js';
import type { Logger } from '../ports/index.js';
import { UnitRunway } from '../runway/index.js';
import type { Store } from '../store/index.js';

export interface AgentLinkOptions {
  readonly config: EdgeConfig;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly faults: FaultBook;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly evidence: EvidenceStore;
}

/** What bounds the line and the disk of this unit, joined: bandwidth, space, runway. */
export class AgentLink {
  readonly budget: LinkBudget;
  readonly space: SpaceKeeper;
  readonly runway: UnitRunway;
  /** How often values are reported: less often where the line is to be spared and edge.yaml allows it. */
  readonly report: { readonly minIntervalMs: number; readonly maxIntervalMs: number };

  constructor({ config, store, outbox, faults, clock, logger, evidence }: AgentLinkOptions) {
    const { link, report } = config;
    const { minFreeBytes } = config.store;
    const onFault = faults.report.bind(faults);
    const budget = new LinkBudget({
      clock,
      maxBytesPerSecond: link.maxBytesPerSecond,
      lowData: link.lowData,
      onLowData: (on, bytesPerSecond) => {
        const reportMs = on && link.lowDataReportMs > 0 ? Math.max(link.lowDataReportMs, report.minIntervalMs) : null;
        const thinned = reportMs === null ? '' : `; numbers are reported every ${reportMs} ms at most`;
        onFault('link_low_data', on ? `the line is slow: it is spared${thinned}` : 'the line is spared no more', {
          ...{ state: on ? 'on' : 'off', bytesPerSecond: bytesPerSecond ?? null, reportMs },
        });
      },
    });
    this.budget = budget;
    this.report = {
      get minIntervalMs() {
        return budget.lowData ? Math.max(report.minIntervalMs, link.lowDataReportMs) : report.minIntervalMs;
      },
      maxIntervalMs: report.maxIntervalMs,
    };
    const space = new SpaceKeeper({
      ...{ store, outbox, clock, logger, minFreeBytes, onFault },
      freeBytes: () => freeBytesOf(store.dataDir),
      giveUpEvidence: (bytes) => evidence.giveUpOldest(bytes, 'space'),
    });
    this.space = space;
    this.runway = new UnitRunway({
      ...{ store, outbox, clock, logger, minFreeBytes, onFault },
      alarmMs: link.runwayAlarmHours * 3_600_000,
      freeBytes: () => space.freeBytes,
      evidence: () => evidence,
    });
  }
}

const freeBytesOf = async (folder: string): Promise<number | undefined> => {
  try {
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
};

import type { Clock } from '@hallhub/shared';
import type { DownCommand } from '@hallhub/shared/wire';
import { BundleDesk } from '../bundle/index.js';
import type { EdgeConfig } from '../config/edge-config.js';
import type { UnitCredential } from '../config/index.js';
import type { FaultBook } from '../devices/index.js';
import { EvidenceStore, EvidenceUploader } from '../evidence/index.js';
import type { IdentityKeeper } from '../identity/index.js';
import type { LinkBudget } from '../link-budget/index.js';
import type { ClockSegments, Outbox } from '../outbox/index.js';
import type { Logger } from '../ports/index.js';
import type { Store } from '../store/index.js';

export interface AgentFilesOptions {
  readonly config: EdgeConfig;
  readonly store: Store;
  readonly outbox: Outbox;
  readonly segments: ClockSegments;
  readonly faults: FaultBook;
  readonly clock: Clock;
  readonly logger: (part: string) => Logger;
  readonly bootId: string;
  readonly software: string;
  readonly budget: () => LinkBudget;
  readonly identity: () => IdentityKeeper;
  readonly credential: () => UnitCredential | undefined;
  readonly online: () => boolean;
  readonly onCommand: (message: DownCommand) => Promise<void>;
}

/** Files for the cloud, by the line or by a stick. */
export class AgentFiles {
  readonly evidence: EvidenceStore;
  readonly bundles: BundleDesk;
  #uploader: EvidenceUploader | undefined;
  readonly #options: AgentFilesOptions;

  constructor(options: AgentFilesOptions) {
    this.#options = options;
    const { config, store, outbox, segments, faults, clock, logger, bootId, software } = options;
    const { identity, credential, online, onCommand } = options;
    this.evidence = new EvidenceStore({
      ...{ store, outbox, clock, limits: config.evidence, logger: logger('evidence') },
      onFault: (code, message, context) => faults.report(code, message, context),
    });
    const { evidence } = this;
    this.bundles = new BundleDesk({
      ...{ store, outbox, evidence, segments, clock, bootId, software, identity, credential, online, onCommand },
      logger: logger('bundle'),
    });
  }

  get uploader(): EvidenceUploader | undefined {
    return this.#uploader;
  }

  async start(): Promise<void> {
    const { config, clock, logger, budget, identity, credential, online } = this.#options;
    await this.evidence.start();
    this.#uploader = new EvidenceUploader({
      ...{ evidence: this.evidence, budget: budget(), clock, logger: logger('evidence'), online },
      sparing: config.link.lowDataEvidence,
      gateway: () => {
        const gateway = credential()?.cloud.gateway;
        return gateway === undefined ? undefined : new URL(gateway);
      },
      request: (request) => identity().request(request),
    });
    this.#uploader.start();
  }

  async stop(): Promise<void> {
    await this.#uploader?.stop();
  }
}

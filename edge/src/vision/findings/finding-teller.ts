import { type Clock, toHubError, uuidv7 } from '@hallhub/shared';
import {
  experimentalAlgorithms,
  type Flow,
  findingNumber,
  firstSeal,
  type Heat,
  visionEventNames,
} from '@hallhub/shared/vision';
import type { EventRow } from '@hallhub/shared/wire';
import type { EvidenceStore } from '../../evidence/index.js';
import type { UnitIdentity } from '../../identity/index.js';
import type { Outbox } from '../../outbox/index.js';
import type { Transaction } from '../../store/index.js';
import type { FindingBook, WaitingFinding } from './finding-book.js';
import { type FindingDraft, unsealed } from './finding-draft.js';
import type { MadeFolder } from './made-folder.js';
import { sealFinding } from './seal-finding.js';

export interface FindingTellerOptions {
  readonly book: FindingBook;
  readonly outbox: Outbox;
  readonly evidence: Pick<EvidenceStore, 'put'>;
  readonly made: MadeFolder;
  readonly clock: Clock;
  readonly identity: () => UnitIdentity | undefined;
  /** Names people know. */
  readonly nameOf: (cameraId: string) => string;
  readonly onFault: (code: string, message: string, context: Record<string, unknown>) => void;
}

const minuteMs = 60_000;
const hourMs = 3_600_000;
/** By what a file is, or by the room there is: another try gives no other answer. */
const lastWords: ReadonlySet<string> = new Set([
  ...['store_full', 'not_found', 'too_large', 'unsupported', 'invalid_input'],
]);
const putTries = 6;
const firstPauseMs = 2_000;

/** Hands a finding's files over and puts its row into the outbox: seal, row and books in one transaction. */
export class FindingTeller {
  readonly #options: FindingTellerOptions;
  /** Files that the store did not take for a reason that may pass. */
  readonly #again = new Map<string, { readonly tries: number; readonly nextMonoMs: number }>();

  constructor(options: FindingTellerOptions) {
    this.#options = options;
  }

  /** True: it is told. Not while it waits for something, its first row does, or the store is to be asked again. */
  async settle(rowId: string): Promise<boolean> {
    const { book, made } = this.#options;
    const waiting = book.find(rowId);
    if (!waiting || waiting.draft.waits.length > 0) return false;
    const { episodeId, draft } = waiting;
    if (rowId !== episodeId && book.waitingOf(episodeId)[0]?.rowId === episodeId) return false;
    const put = await this.handOver(waiting);
    if (!put) return false;
    await this.#tell(waiting, put);
    await made.remove(draft.files, episodeId);
    return true;
  }

  /** The draft with those files that the store took; undefined: it is to be asked again. */
  async handOver({ cameraId, episodeId, draft }: WaitingFinding): Promise<FindingDraft | undefined> {
    const { evidence, nameOf, clock } = this.#options;
    const files: FindingDraft['files'] = [];
    for (const made of draft.files) {
      const { id, role, file } = made;
      const again = this.#again.get(id);
      if (again && clock.monotonicMs() < again.nextMonoMs) return undefined;
      const name = `${draft.rule.name} ${findingNumber(episodeId)} ${role} · ${nameOf(cameraId)}`.slice(0, 200);
      try {
        await evidence.put({ id, deviceId: cameraId, eventId: episodeId, name, file, madeAt: draft.startedAt });
        files.push(made);
        this.#again.delete(id);
      } catch (error) {
        if (!this.#giveUp(error, { id, role, episodeId })) return undefined;
      }
    }
    return { ...draft, files };
  }

  #giveUp(error: unknown, of: { readonly id: string; readonly role: string; readonly episodeId: string }): boolean {
    const { onFault, clock } = this.#options;
    const failure = toHubError(error);
    const tries = (this.#again.get(of.id)?.tries ?? 0) + 1;
    if (!lastWords.has(failure.code) && tries < putTries) {
      this.#again.set(of.id, { tries, nextMonoMs: clock.monotonicMs() + firstPauseMs * 2 ** (tries - 1) });
      return false;
    }
    this.#again.delete(of.id);
    const { role, episodeId } = of;
    onFault('vision_evidence_lost', `a file of a finding could not be kept: ${failure.message}`, { role, episodeId });
    return true;
  }

  async #tell({ rowId, episodeId, cameraId }: WaitingFinding, draft: FindingDraft): Promise<void> {
    const { book, clock, identity } = this.#options;
    const { rule } = draft;
    await book.commit.write((tx) => {
      if (!book.find(rowId)) return;
      const now = clock.now();
      const data = unsealed(episodeId, draft, experimentalAlgorithms.has(rule.algorithm));
      const { finding, certificate } = sealFinding(book.lastSeal(tx) ?? firstSeal, data, identity());
      const head = { id: rowId, deviceId: cameraId, event: visionEventNames.finding, severity: rule.severity };
      this.#append(tx, head, finding);
      if (certificate) book.keepCertificate(tx, certificate, now);
      book.setSeal(tx, finding.seal.hash);
      book.told(tx, rowId, finding, now);
    });
  }

  flow(tx: Transaction, deviceId: string, flow: Flow): void {
    const key = `flow ${deviceId} ${flow.ruleId}`;
    if (this.#options.book.tellOnce(tx, key, flow.minute, minuteMs))
      this.#count(tx, deviceId, visionEventNames.flow, flow);
  }

  heat(tx: Transaction, deviceId: string, heat: Heat): void {
    const key = `heat ${deviceId} ${heat.viewId}`;
    if (this.#options.book.tellOnce(tx, key, heat.hour, hourMs)) this.#count(tx, deviceId, visionEventNames.heat, heat);
  }

  #count(tx: Transaction, deviceId: string, event: EventRow['event'], data: object): void {
    this.#append(tx, { id: uuidv7(this.#options.clock.now()), deviceId, event, severity: 'info' }, data);
  }

  #append(tx: Transaction, head: Pick<EventRow, 'id' | 'deviceId' | 'event' | 'severity'>, data: object): void {
    const { outbox, clock } = this.#options;
    outbox.append(tx, 'events', {
      ...{ kind: 'event', at: clock.now(), ...head },
      data: JSON.parse(JSON.stringify(data)),
    });
  }
}

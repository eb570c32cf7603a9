import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { type Clock, isHubError, type Timer, toHubError, uuidv7 } from '@hallhub/shared';
import {
  experimentalAlgorithms,
  type Finding,
  type Flow,
  findingNumber,
  firstSeal,
  type Heat,
  sealHash,
  visionEventNames,
} from '@hallhub/shared/vision';
import type { EventRow } from '@hallhub/shared/wire';
import type { EvidenceStore } from '../../evidence/index.js';
import type { UnitIdentity } from '../../identity/index.js';
import type { Outbox } from '../../outbox/index.js';
import type { Logger } from '../../ports/index.js';
import type { Transaction } from '../../store/index.js';
import { sm3 } from '../evidence/hashes.js';
import type { MadeFile, MadePictures } from '../evidence/index.js';
import type { ClipOrder, WatchNews } from '../vision-worker.js';
import type { FindingBook, WaitingFinding } from './finding-book.js';
import {
  closingDraft,
  endDraft,
  type FindingDraft,
  type OutcomeNews,
  openingDraft,
  unsealed,
} from './finding-draft.js';

export interface FindingDeskOptions {
  readonly book: FindingBook;
  readonly outbox: Outbox;
  readonly evidence: Pick<EvidenceStore, 'put'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly identity: () => UnitIdentity | undefined;
  /** Of the child process: where its files lie. */
  readonly madeFolder: string;
  /** Names people know. */
  readonly nameOf: (cameraId: string) => string;
  readonly orderClip: (order: ClipOrder) => void;
  readonly onFault: (code: string, message: string, context: Record<string, unknown>) => void;
}

const picturesPatienceMs = 20_000;
const clipPatienceMs = 240_000;
/** The recording of what comes after lies on the disk by then. */
const clipSlackMs = 1_500;
const clipTries = 3;
const lookEveryMs = 2_000;
const minuteMs = 60_000;
const hourMs = 3_600_000;

/**
 * Makes rows and evidence of what the child says. Each finding is in the books before anything is made of it, and the end of the chain, the row and
 * the books change in one transaction: a kill at any moment neither loses nor doubles one.
 */
export class FindingDesk {
  readonly #options: FindingDeskOptions;
  /** When what a row waits for was last asked for, monotonic. */
  readonly #askedMs = new Map<string, number>();
  #work: Promise<void> = Promise.resolve();
  #timer: Timer | undefined;
  #stopped = false;

  constructor(options: FindingDeskOptions) {
    this.#options = options;
  }

  /** Takes up what a kill left. */
  async start(): Promise<void> {
    const { book, madeFolder } = this.#options;
    for (const { rowId, episodeId, draft } of book.waiting()) {
      if (draft.waits.includes('pictures')) {
        // The pictures themselves are gone with the child; what it had made lies there with what it said of it.
        const made = readMade(path.join(madeFolder, `${episodeId}.made.json`));
        await this.#pictures(episodeId, made);
      } else await this.#settle(rowId);
    }
    await this.#sweepFolder();
    this.#look();
  }

  /** Resolves when all that came so far is in the books. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#work;
  }

  take(news: WatchNews): Promise<void> {
    return this.#inTurn(() => {
      if (news.kind === 'outcomes') return this.#outcomes(news);
      if (news.kind === 'pictures') return this.#pictures(news.episodeId, news.made, news.problem);
      if (news.kind === 'clip') return this.#clip(news);
      const { book } = this.#options;
      return book.commit.write((tx) => book.keep(tx, news.cameraId, news.kept), { patienceMs: 5_000 });
    });
  }

  /** Nobody watches this any more: episodes that are open end now. */
  endAll(isGone: (finding: WaitingFinding) => boolean): Promise<void> {
    return this.#inTurn(async () => {
      const { book, clock } = this.#options;
      for (const one of book.waiting()) {
        if (!one.draft.waits.includes('end') || !isGone(one)) continue;
        const endedAt = Math.max(one.draft.startedAt, clock.now());
        await this.#change(one, { ...one.draft, endedAt, waits: one.draft.waits.filter((what) => what !== 'end') });
        await this.#settle(one.rowId);
      }
    });
  }

  #inTurn(work: () => Promise<unknown>): Promise<void> {
    const done = this.#work.then(work).then(
      () => undefined,
      (error) => {
        const { logger, onFault } = this.#options;
        const failure = toHubError(error);
        logger.error({ error: failure.stack }, 'a finding could not be kept');
        onFault('vision_not_kept', `something that a camera saw could not be kept: ${failure.message}`, {});
      },
    );
    this.#work = done;
    return done;
  }

  async #outcomes(news: OutcomeNews): Promise<void> {
    const { book, clock } = this.#options;
    const { cameraId, viewId } = news;
    const settled: string[] = [];
    await book.commit.write((tx) => {
      const now = clock.now();
      for (const outcome of news.outcomes) {
        if (outcome.kind === 'flow') this.#flow(tx, cameraId, outcome.flow);
        else if (outcome.kind === 'heat') this.#heat(tx, cameraId, outcome.heat);
        else if (outcome.kind === 'ended') {
          const waiting = book.waitingOf(outcome.episodeId).find(({ draft }) => draft.waits.includes('end'));
          if (!waiting) continue;
          book.put(tx, { ...waiting, draft: endDraft(waiting.draft, outcome) }, now);
          settled.push(waiting.rowId);
        } else if (!book.isKnown(outcome.episodeId)) {
          const { episodeId } = outcome;
          book.put(tx, { rowId: episodeId, episodeId, cameraId, draft: openingDraft(outcome, news) }, now);
          const closing = closingDraft(outcome, news);
          if (closing) book.put(tx, { rowId: uuidv7(now), episodeId, cameraId, draft: closing }, now);
          this.#askedMs.set(episodeId, clock.monotonicMs());
        }
      }
      if (news.kept.viewId === viewId) book.keep(tx, cameraId, news.kept);
    });
    for (const rowId of settled) await this.#settle(rowId);
  }

  async #pictures(episodeId: string, made: MadePictures | undefined, problem?: string): Promise<void> {
    const { logger, book } = this.#options;
    const waiting = book.waitingOf(episodeId).find(({ draft }) => draft.waits.includes('pictures'));
    if (!waiting) return;
    const why = problem ?? made?.problem;
    if (why) logger.warn({ episodeId, problem: why }, 'the pictures of a finding are not all they should be');
    const { draft } = waiting;
    const changed: FindingDraft = {
      ...draft,
      ...(made ? { faces: made.faces, picture: { ...made.picture } } : {}),
      files: withIds(made?.files ?? []),
      waits: draft.waits.filter((one) => one !== 'pictures'),
    };
    await this.#change(waiting, changed);
    await this.#settle(waiting.rowId);
    // The last row may have waited for the first.
    for (const { rowId } of book.waitingOf(episodeId)) await this.#settle(rowId);
  }

  async #clip({ episodeId, made, problem }: Extract<WatchNews, { kind: 'clip' }>): Promise<void> {
    const { logger, book } = this.#options;
    const waiting = book.waitingOf(episodeId).find(({ draft }) => draft.waits.includes('clip'));
    if (!waiting) return;
    if (problem) logger.warn({ episodeId, problem }, 'a finding has no clip');
    const { draft } = waiting;
    await this.#change(waiting, {
      ...draft,
      faces: made?.faces ?? draft.faces,
      files: withIds(made ? [made.file] : []),
      waits: draft.waits.filter((one) => one !== 'clip'),
    });
    // An episode may last for hours: its clip goes now.
    const changed = book.find(waiting.rowId);
    if (changed) await this.#putFiles(changed);
    if (made) await rm(made.file.file, { force: true });
    await this.#settle(waiting.rowId);
  }

  #change(waiting: WaitingFinding, draft: FindingDraft): Promise<void> {
    const { book, clock } = this.#options;
    return book.commit.write((tx) => book.put(tx, { ...waiting, draft }, clock.now()));
  }

  /** Hands over its files, then tells the row; nothing where it still waits, or its first row does. */
  async #settle(rowId: string): Promise<void> {
    const { book } = this.#options;
    const waiting = book.find(rowId);
    if (!waiting || waiting.draft.waits.length > 0) return;
    if (waiting.rowId !== waiting.episodeId && book.waitingOf(waiting.episodeId)[0]?.rowId === waiting.episodeId)
      return;
    const put = await this.#putFiles(waiting);
    await this.#tell(waiting, put);
    for (const { file } of waiting.draft.files) await rm(file, { force: true });
    await rm(path.join(this.#options.madeFolder, `${waiting.episodeId}.made.json`), { force: true });
    this.#askedMs.delete(rowId);
  }

  /** The draft with those files that the store took. */
  async #putFiles({ cameraId, episodeId, draft }: WaitingFinding): Promise<FindingDraft> {
    const { evidence, onFault, nameOf } = this.#options;
    const files: FindingDraft['files'] = [];
    for (const made of draft.files) {
      const { id, role, file } = made;
      const name = `${draft.rule.name} ${findingNumber(episodeId)} ${role} · ${nameOf(cameraId)}`.slice(0, 200);
      try {
        await evidence.put({ id, deviceId: cameraId, eventId: episodeId, name, file, madeAt: draft.startedAt });
        files.push(made);
      } catch (error) {
        const failure = toHubError(error);
        if (!isHubError(error, 'store_full') && !['not_found', 'too_large', 'unsupported'].includes(failure.code))
          throw error;
        onFault('vision_evidence_lost', `a file of a finding could not be kept: ${failure.message}`, {
          role,
          episodeId,
        });
      }
    }
    return { ...draft, files };
  }

  /** Seal, row and books in one transaction. */
  async #tell({ rowId, episodeId, cameraId }: WaitingFinding, draft: FindingDraft): Promise<void> {
    const { book, outbox, clock, identity } = this.#options;
    const { rule } = draft;
    await book.commit.write((tx) => {
      if (!book.find(rowId)) return;
      const data = unsealed(episodeId, draft, experimentalAlgorithms.has(rule.algorithm));
      const previous = book.lastSeal(tx) ?? firstSeal;
      const finding: Finding = { ...data, seal: sealOf(previous, data, identity()) };
      const now = clock.now();
      this.#append(
        tx,
        outbox,
        { id: rowId, deviceId: cameraId, event: visionEventNames.finding, severity: rule.severity },
        finding,
      );
      book.setSeal(tx, finding.seal.hash);
      book.told(tx, rowId, finding, now);
    });
  }

  #flow(tx: Transaction, cameraId: string, flow: Flow): void {
    const { book, outbox, clock } = this.#options;
    if (!book.tellOnce(tx, `flow ${flow.ruleId}`, flow.minute, minuteMs)) return;
    const head = {
      id: uuidv7(clock.now()),
      deviceId: cameraId,
      event: visionEventNames.flow,
      severity: 'info' as const,
    };
    this.#append(tx, outbox, head, flow);
  }

  #heat(tx: Transaction, cameraId: string, heat: Heat): void {
    const { book, outbox, clock } = this.#options;
    if (!book.tellOnce(tx, `heat ${heat.viewId}`, heat.hour, hourMs)) return;
    const head = {
      id: uuidv7(clock.now()),
      deviceId: cameraId,
      event: visionEventNames.heat,
      severity: 'info' as const,
    };
    this.#append(tx, outbox, head, heat);
  }

  #append(
    tx: Transaction,
    outbox: Outbox,
    head: Pick<EventRow, 'id' | 'deviceId' | 'event' | 'severity'>,
    data: object,
  ): void {
    outbox.append(tx, 'events', {
      ...{ kind: 'event', at: this.#options.clock.now(), ...head },
      data: JSON.parse(JSON.stringify(data)),
    });
  }

  /** Clips that are due, and what nobody answers any more. */
  #look(): void {
    if (this.#stopped) return;
    void this.#inTurn(() => this.#sweep()).finally(() => {
      if (!this.#stopped) this.#timer = this.#options.clock.setTimeout(() => this.#look(), lookEveryMs);
    });
  }

  async #sweep(): Promise<void> {
    const { book, clock, orderClip } = this.#options;
    const monoMs = clock.monotonicMs();
    for (const one of book.waiting()) {
      const { rowId, episodeId, draft } = one;
      const asked = this.#askedMs.get(rowId);
      if (draft.waits.includes('pictures')) {
        if (asked === undefined) this.#askedMs.set(rowId, monoMs);
        else if (monoMs - asked > picturesPatienceMs) await this.#pictures(episodeId, undefined, 'they did not come');
      } else if (draft.waits.includes('clip') && draft.order) {
        const dueAt = draft.order.atMs + (draft.order.rule.clip?.afterMs ?? 0) + clipSlackMs;
        // By a clock that went back it would never be due.
        const isDue = clock.now() >= dueAt || dueAt - clock.now() > hourMs;
        if (!isDue || (asked !== undefined && monoMs - asked < clipPatienceMs)) continue;
        const tries = (draft.tries ?? 0) + 1;
        if (tries > clipTries) {
          await this.#clip({ kind: 'clip', episodeId, problem: 'it did not come' });
          continue;
        }
        this.#askedMs.set(rowId, monoMs);
        await this.#change(one, { ...draft, tries });
        orderClip(draft.order);
      } else if (draft.waits.length === 0) await this.#settle(rowId);
    }
  }

  /** Files of findings that were told, or that nobody knows. */
  async #sweepFolder(): Promise<void> {
    const { madeFolder, book } = this.#options;
    if (!existsSync(madeFolder)) return;
    const wanted = new Set(book.waiting().flatMap(({ draft }) => draft.files.map(({ file }) => path.basename(file))));
    for (const name of readdirSync(madeFolder)) {
      if (!wanted.has(name)) await rm(path.join(madeFolder, name), { force: true });
    }
  }
}

const withIds = (files: readonly MadeFile[]): FindingDraft['files'] => files.map((one) => ({ ...one, id: uuidv7() }));

const readMade = (file: string): MadePictures | undefined => {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as MadePictures;
  } catch {
    return undefined;
  }
};

const sealOf = (previous: string, data: Omit<Finding, 'seal'>, identity: UnitIdentity | undefined): Finding['seal'] => {
  const hash = sealHash(previous, data, { sm3 });
  const [leaf] = identity?.certificates ?? [];
  return {
    ...{ previous, hash },
    signature: identity ? identity.sign(Buffer.from(hash, 'hex')).toString('base64') : null,
    certificateSerial: leaf ? new X509Certificate(leaf).serialNumber : null,
  };
};

import { type Timer, toHubError, uuidv7 } from '@hallhub/shared';
import type { Logger } from '../../ports/index.js';
import type { MadeFile, MadePictures } from '../evidence/index.js';
import type { EngineSnapshot } from '../rules/index.js';
import type { ClipOrder, WatchNews } from '../vision-worker.js';
import type { WaitingFinding } from './finding-book.js';
import { closingDraft, endDraft, type FindingDraft, type OutcomeNews, openingDraft } from './finding-draft.js';
import { FindingTeller, type FindingTellerOptions } from './finding-teller.js';
import { MadeFolder } from './made-folder.js';

export interface FindingDeskOptions extends Omit<FindingTellerOptions, 'made'> {
  readonly logger: Logger;
  /** Of the child process: where its files lie. */
  readonly madeFolder: string;
  readonly orderClip: (order: ClipOrder) => void;
}

const picturesPatienceMs = 20_000;
const clipPatienceMs = 240_000;
/** The recording of what comes after lies on the disk by then. */
const clipSlackMs = 1_500;
const clipTries = 3;
const lookEveryMs = 2_000;
const hourMs = 3_600_000;
const sweepEveryMs = 600_000;

/**
 * Makes rows and evidence of what the child says. Each finding is in the books before anything is made of it, and the end of the chain, the row and
 * the books change in one transaction: a kill at any moment neither loses nor doubles one. One that cannot be told holds up no other.
 */
export class FindingDesk {
  readonly #options: FindingDeskOptions;
  readonly #made: MadeFolder;
  readonly #teller: FindingTeller;
  /** When what a row waits for was last asked for, monotonic. */
  readonly #askedMs = new Map<string, number>();
  #work: Promise<void> = Promise.resolve();
  #keeping: Promise<void> = Promise.resolve();
  #timer: Timer | undefined;
  #sweptMs = 0;
  #stopped = false;

  constructor(options: FindingDeskOptions) {
    this.#options = options;
    this.#made = new MadeFolder(options.madeFolder, options.clock);
    this.#teller = new FindingTeller({ ...options, made: this.#made });
  }

  /** Takes up what a kill left. */
  async start(): Promise<void> {
    const { book } = this.#options;
    for (const { rowId, episodeId, draft } of book.waiting()) {
      await this.#inTurn(() =>
        draft.waits.includes('pictures')
          ? // The pictures themselves are gone with the child; what it had made lies there with what it said of it.
            this.#pictures(episodeId, this.#made.note(episodeId))
          : this.#settle(rowId),
      );
    }
    await this.#inTurn(() => this.#made.sweep(this.#wanted(), false));
    this.#sweptMs = this.#options.clock.monotonicMs();
    this.#look();
  }

  /** Resolves when all that came so far is in the books. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#work;
    this.#options.book.commit.flush();
    await this.#keeping;
  }

  take(news: WatchNews): Promise<void> {
    return this.#inTurn(async () => {
      if (news.kind === 'outcomes') await this.#outcomes(news);
      else if (news.kind === 'pictures') await this.#pictures(news.episodeId, news.made, news.problem);
      else if (news.kind === 'clip') await this.#clip(news);
      else {
        this.#keep(news.cameraId, news.kept);
        await this.#endForgotten(news.cameraId, news.kept);
      }
    });
  }

  /** Nobody watches this any more: episodes that are open end now. */
  endAll(isGone: (finding: WaitingFinding) => boolean): Promise<void> {
    return this.#inTurn(() => this.#end(this.#options.book.waiting().filter(isGone)));
  }

  #inTurn(work: () => Promise<unknown>): Promise<void> {
    const done = this.#work.then(() => this.#guarded(work));
    this.#work = done;
    return done;
  }

  async #guarded(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const { logger, onFault } = this.#options;
      const failure = toHubError(error);
      logger.error({ error: failure.stack }, 'a finding could not be kept');
      onFault('vision_not_kept', `something that a camera saw could not be kept: ${failure.message}`, {});
    }
  }

  async #outcomes(news: OutcomeNews): Promise<void> {
    const { book, clock } = this.#options;
    const { cameraId, viewId } = news;
    const settled: string[] = [];
    await book.commit.write((tx) => {
      const now = clock.now();
      for (const outcome of news.outcomes) {
        if (outcome.kind === 'flow') this.#teller.flow(tx, cameraId, outcome.flow);
        else if (outcome.kind === 'heat') this.#teller.heat(tx, cameraId, outcome.heat);
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
    await this.#endForgotten(cameraId, news.kept);
  }

  /** With the next that is written, or by itself after a while: nobody waits for it, findings least of all. */
  #keep(cameraId: string, kept: EngineSnapshot): void {
    const { book } = this.#options;
    const write = () => book.commit.write((tx) => book.keep(tx, cameraId, kept), { patienceMs: 5_000 });
    this.#keeping = Promise.all([this.#keeping, this.#guarded(write)]).then(() => undefined);
  }

  /** What its rules do not remember as open will never be told as over: its end was lost, on a full disk or with what they remembered. */
  async #endForgotten(cameraId: string, { viewId, rules }: EngineSnapshot): Promise<void> {
    const open = new Set(rules.flatMap((rule) => rule.open.map(({ episodeId }) => episodeId)));
    const here = this.#options.book.waitingAt(cameraId);
    await this.#end(here.filter(({ episodeId, draft }) => draft.viewId === viewId && !open.has(episodeId)));
  }

  async #end(findings: readonly WaitingFinding[]): Promise<void> {
    for (const one of findings) {
      if (!one.draft.waits.includes('end')) continue;
      const endedAt = Math.max(one.draft.startedAt, this.#options.clock.now());
      await this.#change(one, { ...one.draft, endedAt, waits: one.draft.waits.filter((what) => what !== 'end') });
      await this.#settle(one.rowId);
    }
  }

  async #pictures(episodeId: string, made: MadePictures | undefined, problem?: string): Promise<void> {
    const { logger, book } = this.#options;
    const waiting = book.waitingOf(episodeId).find(({ draft }) => draft.waits.includes('pictures'));
    if (!waiting) {
      // Too late: the row went without them.
      if (made) await this.#made.remove(made.files, episodeId);
      return;
    }
    const why = problem ?? made?.problem;
    if (why) logger.warn({ episodeId, problem: why }, 'the pictures of a finding are not all they should be');
    const { draft } = waiting;
    await this.#change(waiting, {
      ...draft,
      ...(made ? { faces: made.faces, picture: { ...made.picture } } : {}),
      files: this.#withIds(made?.files ?? []),
      waits: draft.waits.filter((one) => one !== 'pictures'),
    });
    await this.#settle(waiting.rowId);
    // The last row may have waited for the first.
    for (const { rowId } of book.waitingOf(episodeId)) await this.#settle(rowId);
  }

  async #clip({ episodeId, made, problem }: Extract<WatchNews, { kind: 'clip' }>): Promise<void> {
    const { logger, book } = this.#options;
    const waiting = book.waitingOf(episodeId).find(({ draft }) => draft.waits.includes('clip'));
    if (!waiting) {
      if (made) await this.#made.remove([made.file]);
      return;
    }
    if (problem) logger.warn({ episodeId, problem }, 'a finding has no clip');
    const { draft } = waiting;
    await this.#change(waiting, {
      ...draft,
      faces: made?.faces ?? draft.faces,
      files: this.#withIds(made ? [made.file] : []),
      waits: draft.waits.filter((one) => one !== 'clip'),
    });
    // An episode may last for hours: its clip goes now.
    const changed = book.find(waiting.rowId);
    const put = changed && (await this.#teller.handOver(changed));
    if (put && changed) await this.#made.remove(changed.draft.files);
    await this.#settle(waiting.rowId);
  }

  #change(waiting: WaitingFinding, draft: FindingDraft): Promise<void> {
    const { book, clock } = this.#options;
    return book.commit.write((tx) => book.put(tx, { ...waiting, draft }, clock.now()));
  }

  async #settle(rowId: string): Promise<void> {
    if (await this.#teller.settle(rowId)) this.#askedMs.delete(rowId);
  }

  #withIds(files: readonly MadeFile[]): FindingDraft['files'] {
    return this.#made.ownOf(files).map((one) => ({ ...one, id: uuidv7() }));
  }

  #wanted(): FindingDraft['files'] {
    return this.#options.book.waiting().flatMap(({ draft }) => draft.files);
  }

  /** Clips that are due, and what nobody answers any more. */
  #look(): void {
    if (this.#stopped) return;
    void this.#inTurn(() => this.#sweep()).finally(() => {
      if (!this.#stopped) this.#timer = this.#options.clock.setTimeout(() => this.#look(), lookEveryMs);
    });
  }

  async #sweep(): Promise<void> {
    const { book, clock } = this.#options;
    const monoMs = clock.monotonicMs();
    for (const one of book.waiting()) await this.#guarded(() => this.#attend(one, monoMs));
    if (monoMs - this.#sweptMs < sweepEveryMs) return;
    this.#sweptMs = monoMs;
    await this.#made.sweep(this.#wanted(), true);
  }

  async #attend(one: WaitingFinding, monoMs: number): Promise<void> {
    const { rowId, episodeId, draft } = one;
    const asked = this.#askedMs.get(rowId);
    if (draft.waits.includes('pictures')) {
      if (asked === undefined) this.#askedMs.set(rowId, monoMs);
      else if (monoMs - asked > picturesPatienceMs) await this.#pictures(episodeId, undefined, 'they did not come');
    } else if (draft.waits.includes('clip') && draft.order) await this.#askForClip(one, draft.order, monoMs);
    else if (draft.waits.length === 0) await this.#settle(rowId);
  }

  async #askForClip(one: WaitingFinding, order: ClipOrder, monoMs: number): Promise<void> {
    const { clock, orderClip } = this.#options;
    const { rowId, episodeId, draft } = one;
    const asked = this.#askedMs.get(rowId);
    const dueAt = order.atMs + (order.rule.clip?.afterMs ?? 0) + clipSlackMs;
    // By a clock that went back it would never be due.
    const isDue = clock.now() >= dueAt || dueAt - clock.now() > hourMs;
    if (!isDue || (asked !== undefined && monoMs - asked < clipPatienceMs)) return;
    const tries = (draft.tries ?? 0) + 1;
    if (tries > clipTries) {
      await this.#clip({ kind: 'clip', episodeId, problem: 'it did not come' });
      return;
    }
    this.#askedMs.set(rowId, monoMs);
    await this.#change(one, { ...draft, tries });
    orderClip(order);
  }
}

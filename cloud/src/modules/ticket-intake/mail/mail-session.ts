import type { FetchMessageObject, ImapFlow } from 'imapflow';
import { withTenant } from '../../../db/index.js';
import { type MailDeps, openPassword } from './mail-deps.js';
import { MailProblem, openFolder, openImap, problemOf } from './open-imap.js';
import { keyOf, type Letter, readLetter } from './read-letter.js';
import type { MailboxRow } from './tables.js';
import { NoKind, takeLetter } from './take-letter.js';

const mostLetterBytes = 30 * 1024 * 1024;

/** One connection to a mailbox: reads what is new, then waits to be told of more. */
export class MailSession {
  readonly #deps: MailDeps;
  readonly #client: ImapFlow;
  readonly #release: () => void;
  mailbox: MailboxRow;

  private constructor(of: {
    readonly deps: MailDeps;
    readonly client: ImapFlow;
    readonly release: () => void;
    readonly mailbox: MailboxRow;
  }) {
    this.#deps = of.deps;
    this.#client = of.client;
    this.#release = of.release;
    this.mailbox = of.mailbox;
  }

  /** Throws `MailProblem`. */
  static async open(deps: MailDeps, mailbox: MailboxRow): Promise<MailSession> {
    const password = openPassword(deps.sealing, mailbox.id, mailbox.password);
    const client = await openImap({ ...mailbox, password }, deps.allowPrivate);
    try {
      const lock = await openFolder(client, mailbox.folder);
      const session = new MailSession({ deps, client, release: () => lock.release(), mailbox });
      await session.#begin();
      return session;
    } catch (error) {
      client.close();
      throw problemOf(error);
    }
  }

  close(): void {
    this.#release();
    this.#client.close();
  }

  /** Where the folder is another than before, all of it is gone through: letters that were taken are known by themselves. */
  async #begin(): Promise<void> {
    const { mailbox: folder } = this.#client;
    if (!folder) throw new MailProblem('folder', 'The folder is not open');
    const validity = Number(folder.uidValidity);
    const isFirst = this.mailbox.uidValidity === null;
    if (this.mailbox.uidValidity === validity) return;
    const lastUid = isFirst ? Math.max(0, folder.uidNext - 1) : 0;
    await withTenant(this.#deps.database, this.mailbox, (tx) =>
      tx.$client.query('UPDATE mailboxes SET uid_validity = $2, last_uid = $3 WHERE id = $1', [
        this.mailbox.id,
        validity,
        lastUid,
      ]),
    );
    this.mailbox = { ...this.mailbox, uidValidity: validity, lastUid };
  }

  /** Takes what is new, oldest first; `mayGoOn` is asked before each. Returns how many. Throws `MailProblem`, or the database's error. */
  async sync(mayGoOn: () => boolean): Promise<number> {
    let taken = 0;
    try {
      const found = await this.#client.search({ uid: `${(this.mailbox.lastUid ?? 0) + 1}:*` }, { uid: true });
      // `n:*` always names the last one, new or not.
      const fresh = (found || []).filter((uid) => uid > (this.mailbox.lastUid ?? 0)).sort((a, b) => a - b);
      for (const uid of fresh) {
        if (!mayGoOn()) break;
        await this.#take(uid);
        this.mailbox = { ...this.mailbox, lastUid: uid };
        taken += 1;
      }
    } catch (error) {
      if (error instanceof NoKind) throw new MailProblem('kind', 'The kind takes no tickets');
      if (!this.#client.usable || error instanceof MailProblem) throw problemOf(error);
      throw error;
    }
    return taken;
  }

  async #take(uid: number): Promise<void> {
    const about = await this.#client.fetchOne(String(uid), { envelope: true, size: true }, { uid: true });
    if (!about) return;
    const size = about.size ?? 0;
    const { letter, aside } =
      size > mostLetterBytes ? { letter: headOf(about), aside: 'too_large' } : await this.#read(uid, about);
    const as = await takeLetter(this.#deps, this.mailbox, { letter, uid, ...(aside ? { aside } : {}) });
    // The ticket is what counts; a mark that fails is no harm. What was put aside stays unread for people.
    if (as !== 'aside') {
      await this.#client.messageFlagsAdd(String(uid), ['\\Seen'], { uid: true }).catch(() => undefined);
    }
  }

  async #read(uid: number, about: About): Promise<{ readonly letter: Letter; readonly aside?: string }> {
    const download = await this.#client.download(String(uid), undefined, { uid: true, maxBytes: mostLetterBytes });
    if (!download.content) return { letter: headOf(about), aside: 'broken' };
    const chunks: Buffer[] = [];
    for await (const chunk of download.content) chunks.push(chunk as Buffer);
    try {
      return { letter: await readLetter(Buffer.concat(chunks)) };
    } catch (error) {
      this.#deps.log.warn({ err: error, mailboxId: this.mailbox.id }, 'a letter could not be read');
      return { letter: headOf(about), aside: 'broken' };
    }
  }

  /** Until the server tells of a new letter, the time is over, or the connection is. */
  async wait(waitMs: number, signal: AbortSignal): Promise<void> {
    const { clock } = this.#deps;
    await new Promise<void>((resolve) => {
      const end = () => {
        timer.cancel();
        this.#client.off('exists', end);
        this.#client.off('close', end);
        signal.removeEventListener('abort', end);
        resolve();
      };
      const timer = clock.setTimeout(end, waitMs);
      this.#client.on('exists', end);
      this.#client.on('close', end);
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
      else void this.#client.idle().catch(() => undefined);
    });
    if (!this.#client.usable && !signal.aborted)
      throw new MailProblem('unreachable', 'The server ended the connection');
  }
}

type About = Pick<FetchMessageObject, 'uid' | 'envelope'>;

/** What the server tells of a letter without sending it. */
const headOf = ({ uid, envelope }: About): Letter => ({
  key: keyOf(envelope?.messageId ?? `${uid}\0${envelope?.date ?? 0}\0${envelope?.subject ?? ''}`),
  ...{ messageId: envelope?.messageId, from: envelope?.from?.[0]?.address?.toLowerCase() ?? '', fromName: '' },
  ...{ subject: (envelope?.subject ?? '').slice(0, 300), text: '', answers: [], files: [], aside: undefined },
  report: undefined,
});

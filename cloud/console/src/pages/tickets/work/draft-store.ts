import type { ActInput } from './act-command.js';

/** What somebody typed and has not sent. */
export interface Draft {
  fields: Record<string, unknown>;
  /** The act that was being made, what its panel held, and the last line that the person had seen. */
  act?: { key: string; input: ActInput; seq: number } | undefined;
}

interface Kept extends Draft {
  at: number;
}
type Shelf = Pick<Storage, 'getItem' | 'setItem' | 'removeItem' | 'key' | 'length'>;

const prefix = 'hallhub.draft.';
const longestMs = 14 * 86_400_000;

/**
 * Drafts of one person in this browser. Personal fields are kept with the tab only: on a computer that many use, the next one
 * finds none of them.
 */
export class DraftStore {
  readonly #user: string;
  readonly #lasting: Shelf;
  readonly #ofTab: Shelf;

  constructor(user: string, lasting: Shelf, ofTab: Shelf) {
    this.#user = user;
    this.#lasting = lasting;
    this.#ofTab = ofTab;
  }

  #key(about: string): string {
    return `${prefix}${this.#user}.${about}`;
  }

  read(about: string, now = Date.now()): Draft | undefined {
    const kept = this.#take(this.#lasting, about, now);
    const personal = this.#take(this.#ofTab, about, now);
    if (!kept && !personal) return undefined;
    const act = kept?.act;
    return { fields: { ...kept?.fields, ...personal?.fields }, ...(act ? { act } : {}) };
  }

  keep(about: string, draft: Draft, personal: ReadonlySet<string>, now = Date.now()): void {
    const part = (isPersonal: boolean) =>
      Object.fromEntries(Object.entries(draft.fields).filter(([key]) => personal.has(key) === isPersonal));
    this.#put(this.#lasting, about, { fields: part(false), act: draft.act, at: now });
    this.#put(this.#ofTab, about, { fields: part(true), at: now });
  }

  drop(about: string): void {
    for (const shelf of [this.#lasting, this.#ofTab]) shelf.removeItem(this.#key(about));
  }

  /** What nobody sent for two weeks goes. */
  sweep(now = Date.now()): void {
    const keys = Array.from({ length: this.#lasting.length }, (_, i) => this.#lasting.key(i));
    for (const key of keys) {
      if (key?.startsWith(prefix) && now - (parse(this.#lasting.getItem(key))?.at ?? 0) > longestMs) {
        this.#lasting.removeItem(key);
      }
    }
  }

  #take(shelf: Shelf, about: string, now: number): Kept | undefined {
    const kept = parse(shelf.getItem(this.#key(about)));
    return kept && now - kept.at <= longestMs ? kept : undefined;
  }

  #put(shelf: Shelf, about: string, kept: Kept): void {
    if (Object.keys(kept.fields).length === 0 && !kept.act) {
      shelf.removeItem(this.#key(about));
      return;
    }
    try {
      shelf.setItem(this.#key(about), JSON.stringify(kept));
    } catch {
      // The browser’s store is full or shut: the form itself still holds everything.
    }
  }
}

const parse = (text: string | null): Kept | undefined => {
  try {
    const read = JSON.parse(text ?? 'null') as Partial<Kept> | null;
    return read && typeof read.fields === 'object' && read.fields && typeof read.at === 'number'
      ? (read as Kept)
      : undefined;
  } catch {
    return undefined;
  }
};

import type { Taken, TicketCommand, TicketFile, TicketPage } from '../../../api/tickets.js';

/** A picture that was taken and is not sent yet. Its id is its idempotency key, too. */
export interface KeptPhoto {
  id: string;
  ticketId: string;
  field: string;
  name: string;
  blob: Blob;
  taken: Taken;
  /** What the server calls it, once it has it. */
  fileId?: string | undefined;
}

export type KeptState = 'waiting' | 'refused';

/** An act that is to be sent, once and no more: its id is its idempotency key. */
export interface KeptAct {
  id: string;
  userId: string;
  ticketId: string;
  title: string;
  seq: number;
  command: TicketCommand;
  madeAt: number;
  state: KeptState;
  /** Why it was refused: an error’s code or the engine’s word. */
  why?: string | undefined;
}

/** What is kept, wherever it is kept. */
export interface FieldStore {
  acts(userId: string): Promise<KeptAct[]>;
  putAct(act: KeptAct): Promise<void>;
  dropAct(id: string): Promise<void>;
  photo(id: string): Promise<KeptPhoto | undefined>;
  putPhoto(photo: KeptPhoto): Promise<void>;
  dropPhoto(id: string): Promise<void>;
}

export interface FieldApi {
  act(of: { id: string; seq: number }, command: TicketCommand, key: string): Promise<TicketPage>;
  addFile(ticketId: string, photo: KeptPhoto): Promise<TicketFile>;
  /** Whether the error means that there is no line, or that nobody answered: to be tried again. */
  isAway(error: unknown): boolean;
  /** What a refusal is called. */
  why(error: unknown): string;
}

/** Ids of pictures that only this device has begin so. They are UUIDs like the server’s: a form checks both alike. */
export const localPrefix = '10ca1f11';
export const localId = (): string => localPrefix + crypto.randomUUID().slice(localPrefix.length);
const isLocal = (value: unknown): value is string => typeof value === 'string' && value.startsWith(localPrefix);

/** What a signature’s value names, where it has a picture. */
const pictureIn = (value: unknown): unknown =>
  typeof value === 'object' && value !== null ? (value as { file?: unknown }).file : undefined;

/** Every picture that a field’s value names and that only this device has. */
export const localIn = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter(isLocal) : [pictureIn(value)].filter(isLocal);

/** The same of all that a command says. */
export const localPhotos = (command: TicketCommand): string[] =>
  'fields' in command ? Object.values(command.fields as Record<string, unknown>).flatMap(localIn) : [];

const withFiles = (command: TicketCommand, ids: ReadonlyMap<string, string>): TicketCommand => {
  if (!('fields' in command)) return command;
  const fields = Object.entries(command.fields as Record<string, unknown>).flatMap(([key, value]) => {
    if (Array.isArray(value)) {
      return [[key, value.flatMap((one) => (isLocal(one) ? (ids.get(one) ?? []) : [one]))]];
    }
    const picture = pictureIn(value);
    if (!isLocal(picture)) return [[key, value]];
    const file = ids.get(picture);
    // Without its picture it would pass for a typed name.
    return file === undefined ? [] : [[key, { ...(value as object), file }]];
  });
  return { ...command, fields: Object.fromEntries(fields) } as TicketCommand;
};

export type SendResult = { sent: TicketPage } | { away: true } | { refused: string; error: unknown };

/** One act: its pictures first, each once, then the act itself. What was sent before a break is not sent again. */
export const sendAct = async (store: FieldStore, api: FieldApi, act: KeptAct): Promise<SendResult> => {
  const photos = localPhotos(act.command);
  const ids = new Map<string, string>();
  try {
    for (const id of photos) {
      const photo = await store.photo(id);
      // Gone from this device: the act goes without it rather than never.
      if (!photo) continue;
      if (photo.fileId === undefined) {
        photo.fileId = (await api.addFile(act.ticketId, photo)).id;
        await store.putPhoto(photo);
      }
      ids.set(id, photo.fileId);
    }
    const page = await api.act({ id: act.ticketId, seq: act.seq }, withFiles(act.command, ids), act.id);
    await store.dropAct(act.id);
    for (const id of photos) await store.dropPhoto(id);
    return { sent: page };
  } catch (error) {
    if (api.isAway(error)) return { away: true };
    const why = api.why(error);
    await store.putAct({ ...act, state: 'refused', why });
    return { refused: why, error };
  }
};

/** All that waits, in the order in which it was made. Of a ticket whose act was refused, later ones wait for the person. */
export const sendAll = async (
  store: FieldStore,
  api: FieldApi,
  userId: string,
): Promise<{ sent: TicketPage[]; isAway: boolean }> => {
  const sent: TicketPage[] = [];
  const held = new Set<string>();
  const seqs = new Map<string, number>();
  const acts = [...(await store.acts(userId))].sort((a, b) => a.madeAt - b.madeAt || (a.id < b.id ? -1 : 1));
  for (const act of acts) {
    if (act.state === 'refused') held.add(act.ticketId);
    if (held.has(act.ticketId)) continue;
    // One’s own act before it moved the ticket on: that is nobody else’s.
    const result = await sendAct(store, api, { ...act, seq: seqs.get(act.ticketId) ?? act.seq });
    if ('away' in result) return { sent, isAway: true };
    if ('refused' in result) held.add(act.ticketId);
    else {
      sent.push(result.sent);
      seqs.set(act.ticketId, result.sent.seq);
    }
  }
  return { sent, isAway: false };
};

export interface SweptStore extends Pick<FieldStore, 'dropPhoto'> {
  /** Of everybody who uses this device. */
  allActs(): Promise<KeptAct[]>;
  photoTimes(): Promise<{ id: string; takenAt: string }[]>;
}

const longestMs = 15 * 86_400_000;

/** Pictures that no act names and no draft can name any more: a draft lives for two weeks. */
export const sweepPhotos = async (store: SweptStore, now = Date.now()): Promise<void> => {
  const named = new Set((await store.allActs()).flatMap(({ command }) => localPhotos(command)));
  for (const { id, takenAt } of await store.photoTimes()) {
    if (!named.has(id) && now - Date.parse(takenAt) > longestMs) await store.dropPhoto(id);
  }
};

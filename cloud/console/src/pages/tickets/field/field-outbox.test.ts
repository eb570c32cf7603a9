import { fieldProblem, fieldSchema } from '@hallhub/shared/ticket';
import t from 'tap';
import type { TicketCommand, TicketFile, TicketPage } from '../../../api/tickets.js';
import {
  type FieldApi,
  type FieldStore,
  type KeptAct,
  type KeptPhoto,
  localId,
  sendAct,
  sendAll,
  sweepPhotos,
} from './field-outbox.js';

class MemoryStore implements FieldStore {
  readonly kept = new Map<string, KeptAct>();
  readonly photos = new Map<string, KeptPhoto>();
  acts = async (userId: string) => [...this.kept.values()].filter((act) => act.userId === userId);
  putAct = async (act: KeptAct) => void this.kept.set(act.id, act);
  dropAct = async (id: string) => void this.kept.delete(id);
  photo = async (id: string) => this.photos.get(id);
  putPhoto = async (photo: KeptPhoto) => void this.photos.set(photo.id, { ...photo });
  dropPhoto = async (id: string) => void this.photos.delete(id);
}

const away = new Error('no line');

/** A server that knows its idempotency keys, and a line that may break after the server has heard. */
class Server implements FieldApi {
  readonly acted = new Map<string, { ticket: string; seq: number; command: TicketCommand }>();
  readonly files = new Map<string, string>();
  seq = 5;
  breaks: ('before' | 'after')[] = [];
  refuses: string | undefined;

  #line(): void {
    if (this.breaks[0] === 'before') {
      this.breaks.shift();
      throw away;
    }
  }
  #back<T>(value: T): T {
    if (this.breaks.shift() === 'after') throw away;
    return value;
  }
  async addFile(_ticket: string, photo: KeptPhoto) {
    this.#line();
    if (!this.files.has(photo.id)) this.files.set(photo.id, `file-${this.files.size + 1}`);
    return this.#back({ id: this.files.get(photo.id) } as TicketFile);
  }
  async act(of: { id: string; seq: number }, command: TicketCommand, key: string) {
    this.#line();
    if (this.refuses) throw new Error(this.refuses);
    if (!this.acted.has(key)) {
      if (of.seq !== this.seq) throw new Error('precondition_failed');
      this.acted.set(key, { ticket: of.id, seq: of.seq, command });
      this.seq += 1;
    }
    return this.#back({ id: of.id, seq: this.seq } as TicketPage);
  }
  isAway = (error: unknown) => error === away;
  why = (error: unknown) => (error as Error).message;
}

const act = (id: string, more: Partial<KeptAct> = {}): KeptAct => ({
  ...{ id, userId: 'anna', ticketId: 't1', title: '路灯', seq: 5, madeAt: Number(id.slice(1)), state: 'waiting' },
  command: { do: 'sign', task: 'task' },
  ...more,
});
const submit = (photos: string[]): TicketCommand => ({
  ...{ do: 'submit', task: 'task', action: 'done', fields: { photos: [...photos, 'file-0'], result: '已修复' } },
});
const photo = (id: string): KeptPhoto => ({
  ...{ id, ticketId: 't1', field: 'photos', name: '1.jpg', blob: new Blob(['x']) },
  taken: { at: '2026-11-22T08:00:00Z', lon: 120, lat: 30 },
});

t.test('never twice, wherever the line breaks', async (t) => {
  for (const breaks of [['before'], ['after'], ['after', 'after', 'before', 'after']] as const) {
    const [store, server] = [new MemoryStore(), new Server()];
    await store.putPhoto(photo('10ca1f11-1'));
    await store.putAct(act('a1', { command: submit(['10ca1f11-1']) }));
    server.breaks = [...breaks];
    let tries = 0;
    while ((await store.acts('anna')).length > 0 && tries++ < 10) await sendAll(store, server, 'anna');
    t.equal(server.acted.size, 1, breaks.join());
    t.equal(server.files.size, 1, 'nor is its picture');
    t.match([...server.acted.values()][0]?.command, { fields: { photos: ['file-1', 'file-0'], result: '已修复' } });
    t.equal(store.photos.size, 0, 'nothing is left here');
  }
});

t.test('one after the other: one’s own act before is no stranger’s', async (t) => {
  const [store, server] = [new MemoryStore(), new Server()];
  await store.putAct(act('a2', { command: submit([]) }));
  await store.putAct(act('a1'));
  const { sent, isAway } = await sendAll(store, server, 'anna');
  t.same([...server.acted.keys()], ['a1', 'a2'], 'in the order of making');
  t.equal(sent.length, 2);
  t.notOk(isAway);
});

t.test('what is refused stays, with its reason, and holds back what follows it; other tickets go on', async (t) => {
  const [store, server] = [new MemoryStore(), new Server()];
  await store.putAct(act('a1', { seq: 3 }));
  await store.putAct(act('a2'));
  await store.putAct(act('a3', { ticketId: 't2' }));
  await store.putAct(act('a4', { userId: 'bo', ticketId: 't3' }));
  await sendAll(store, server, 'anna');
  t.same([...server.acted.keys()], ['a3']);
  t.match(store.kept.get('a1'), { state: 'refused', why: 'precondition_failed' });
  t.equal(store.kept.get('a2')?.state, 'waiting');
  t.ok(store.kept.has('a4'), 'another person’s is not touched');
});

t.test('a picture that is gone from the device does not hold the act back', async (t) => {
  const [store, server] = [new MemoryStore(), new Server()];
  const result = await sendAct(store, server, act('a1', { command: submit(['10ca1f11-lost']) }));
  t.ok('sent' in result);
  t.match(server.acted.get('a1')?.command, { fields: { photos: ['file-0'] } });
});

t.test('a signature goes with its picture or not at all: without it, it would be a typed name', async (t) => {
  const [store, server] = [new MemoryStore(), new Server()];
  const signed = { name: '李主任', at: '2026-11-22T08:00:00Z' };
  const command = (file?: string) =>
    ({
      do: 'submit',
      task: 'k',
      action: 'a',
      fields: { sign: { ...signed, ...(file ? { file } : {}) } },
    }) as TicketCommand;
  await store.putPhoto(photo('10ca1f11-s'));
  await sendAct(store, server, act('a1', { command: command('10ca1f11-s') }));
  t.match(server.acted.get('a1')?.command, { fields: { sign: { ...signed, file: 'file-1' } } });
  t.equal(store.photos.size, 0);
  await sendAct(store, server, act('a2', { seq: 6, command: command('10ca1f11-lost') }));
  t.notMatch(JSON.stringify(server.acted.get('a2')), '李主任');
  t.ok(server.acted.has('a2'));
  await sendAct(store, server, act('a3', { seq: 7, command: command() }));
  t.match(server.acted.get('a3')?.command, { fields: { sign: signed } });
});

t.test('a form takes the id of a picture that waits', async (t) => {
  t.equal(fieldProblem(fieldSchema.parse({ key: 'p', label: { zh: '照片' }, type: 'files' }), [localId()]), undefined);
});

t.test('pictures of drafts that are gone go too, those that wait stay', async (t) => {
  const store = new MemoryStore();
  for (const id of ['10ca1f11-old', '10ca1f11-waits', '10ca1f11-new']) {
    const taken = { ...photo(id).taken, at: id === '10ca1f11-new' ? '2026-11-22T08:00:00Z' : '2026-11-01T08:00:00Z' };
    await store.putPhoto({ ...photo(id), taken });
  }
  const swept = Object.assign(store, {
    allActs: async () => [act('a1', { command: submit(['10ca1f11-waits']) })],
    photoTimes: async () => [...store.photos.values()].map(({ id, taken }) => ({ id, takenAt: taken.at })),
  });
  await sweepPhotos(swept, Date.parse('2026-11-23T08:00:00Z'));
  t.same([...store.photos.keys()], ['10ca1f11-waits', '10ca1f11-new']);
});

import t from 'tap';
import { DraftStore } from './draft-store.js';

class Shelf {
  readonly items = new Map<string, string>();
  get length() {
    return this.items.size;
  }
  key = (i: number) => [...this.items.keys()][i] ?? null;
  getItem = (key: string) => this.items.get(key) ?? null;
  setItem = (key: string, value: string) => void this.items.set(key, value);
  removeItem = (key: string) => void this.items.delete(key);
}

t.test('a draft comes back; what is personal stays with the tab', async (t) => {
  const [lasting, tab] = [new Shelf(), new Shelf()];
  const store = new DraftStore('anna', lasting, tab);
  const personal = new Set(['phone']);
  const act = { key: 'a/return/back', input: { opinion: '请尽快' }, seq: 7 };
  store.keep('t1', { fields: { title: '路灯', phone: '13800138000' }, act }, personal);
  t.same(store.read('t1'), { fields: { title: '路灯', phone: '13800138000' }, act });
  t.notMatch([...lasting.items.values()].join(), /13800138000/);
  t.equal(new DraftStore('bo', lasting, tab).read('t1'), undefined, 'another person has none of it');
  t.same(new DraftStore('anna', lasting, new Shelf()).read('t1')?.fields, { title: '路灯' }, 'another day');
  store.keep('t1', { fields: {} }, personal);
  t.equal(lasting.length + tab.length, 0, 'nothing typed, nothing kept');
});

t.test('broken and old drafts are none, and a full store breaks nothing', async (t) => {
  const lasting = new Shelf();
  lasting.setItem('hallhub.draft.anna.x', '{"fields":3');
  const store = new DraftStore('anna', lasting, new Shelf());
  t.equal(store.read('x'), undefined);
  store.keep('y', { fields: { a: 1 } }, new Set(), 0);
  t.equal(store.read('y', 15 * 86_400_000), undefined);
  store.sweep(15 * 86_400_000);
  t.notOk(lasting.items.has('hallhub.draft.anna.y'));
  lasting.setItem = () => {
    throw new Error('QuotaExceededError');
  };
  t.doesNotThrow(() => store.keep('z', { fields: { a: 1 } }, new Set()));
});

import type { FieldStore, KeptAct, KeptPhoto, SweptStore } from './field-outbox.js';

const name = 'hallhub-field';
let opened: Promise<IDBDatabase> | undefined;

const open = (): Promise<IDBDatabase> => {
  opened ??= new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('acts', { keyPath: 'id' });
      request.result.createObjectStore('photos', { keyPath: 'id' });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  }).catch((error) => {
    opened = undefined;
    throw error;
  });
  return opened;
};

const run = async <T>(
  store: 'acts' | 'photos',
  mode: IDBTransactionMode,
  of: (store: IDBObjectStore) => IDBRequest<T>,
): Promise<T> => {
  const database = await open();
  return new Promise((resolve, reject) => {
    const transaction = database.transaction(store, mode);
    const request = of(transaction.objectStore(store));
    // Only what is on the disk counts as kept.
    transaction.oncomplete = () => resolve(request.result);
    transaction.onabort = () => reject(transaction.error);
  });
};

const allActs = () => run('acts', 'readonly', (store) => store.getAll() as IDBRequest<KeptAct[]>);

/** What field staff took and wrote, on this device until it is sent. */
export const idbStore: FieldStore & SweptStore = {
  acts: async (userId) => (await allActs()).filter((act) => act.userId === userId),
  allActs,
  photoTimes: async () =>
    (await run('photos', 'readonly', (store) => store.getAll() as IDBRequest<KeptPhoto[]>)).map(({ id, taken }) => ({
      id,
      takenAt: taken.at,
    })),
  putAct: async (act) => void (await run('acts', 'readwrite', (store) => store.put(act))),
  dropAct: async (id) => void (await run('acts', 'readwrite', (store) => store.delete(id))),
  photo: (id) => run('photos', 'readonly', (store) => store.get(id) as IDBRequest<KeptPhoto | undefined>),
  putPhoto: async (photo) => void (await run('photos', 'readwrite', (store) => store.put(photo))),
  dropPhoto: async (id) => void (await run('photos', 'readwrite', (store) => store.delete(id))),
};

import { fileUrl } from '../../../api/tickets.js';
import type { FileKeeper } from '../work/signature/file-keeper.js';
import { localId, localPrefix } from './field-outbox.js';
import { idbStore } from './idb-store.js';

/** In the field what was drawn stays on this device until the act is sent. */
export const fieldKeeper: FileKeeper = {
  keep: async ({ ticketId = '', field, name, blob }) => {
    const id = localId();
    const taken = { at: new Date().toISOString(), lon: null, lat: null };
    await idbStore.putPhoto({ id, ticketId, field, name, blob, taken });
    return id;
  },
  urlOf: async (ticketId, id) => {
    if (!id.startsWith(localPrefix)) return ticketId === undefined ? undefined : fileUrl(ticketId, id);
    const kept = await idbStore.photo(id);
    return kept && URL.createObjectURL(kept.blob);
  },
};

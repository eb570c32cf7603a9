import { HubError } from '@hallhub/shared/errors';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../../../api/api-error.js';
import { actOnTicket, addTicketFile, ticketQuery } from '../../../api/tickets.js';
import { useMe } from '../../../app/session.js';
import { refusalOf } from '../work/refusal.js';
import type { SendAct } from '../work/use-ticket-work.js';
import { type FieldApi, type KeptAct, localPhotos, sendAct, sendAll, sweepPhotos } from './field-outbox.js';
import { idbStore } from './idb-store.js';

const api: FieldApi = {
  act: actOnTicket,
  addFile: (ticketId, { blob, name, field, taken, id }) =>
    addTicketFile(ticketId, { blob, name, field, taken, idempotencyKey: id.replace(/[^\w-]/g, '-') }),
  isAway: (error) => isApiError(error) && (error.status === 0 || error.status === 429 || error.status >= 500),
  why: (error) => refusalOf(error)?.code ?? (isApiError(error) ? error.code : 'bug'),
};

const key = (userId: string) => ['field-outbox', userId];
const againMs = 30_000;
let running: Promise<unknown> = Promise.resolve();
/** One at a time, or two tabs’ worth of effects would send side by side. */
const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
  const locked = async (): Promise<T> =>
    'locks' in navigator ? await navigator.locks.request('hallhub-field', work) : await work();
  const turn = running.then(locked, locked);
  running = turn.catch(() => {});
  return turn;
};

/** What waits on this device, and the way to send it. Sends by itself when the line is back. */
export function useOutbox() {
  const { user } = useMe();
  const client = useQueryClient();
  const queryKey = key(user.id);
  const query = useQuery({ queryKey, queryFn: () => idbStore.acts(user.id), staleTime: 0 });
  const flush = useCallback(
    () =>
      inTurn(async () => {
        const { sent } = await sendAll(idbStore, api, user.id);
        for (const page of sent) client.setQueryData(ticketQuery(page.id).queryKey, page);
        if (sent.length > 0) void client.invalidateQueries({ queryKey: ['tickets'] });
        await client.invalidateQueries({ queryKey: key(user.id) });
      }),
    [client, user.id],
  );
  useEffect(() => {
    void flush();
    void sweepPhotos(idbStore).catch(() => {});
    const timer = setInterval(() => void flush(), againMs);
    window.addEventListener('online', flush);
    return () => {
      clearInterval(timer);
      window.removeEventListener('online', flush);
    };
  }, [flush]);
  const drop = async (act: KeptAct) => {
    await idbStore.dropAct(act.id);
    for (const id of localPhotos(act.command)) await idbStore.dropPhoto(id);
    await client.invalidateQueries({ queryKey });
  };
  /** After the person has read why: with the ticket as it is now. */
  const again = async (act: KeptAct) => {
    const page = await client.fetchQuery({ ...ticketQuery(act.ticketId), staleTime: 0 });
    // Another key: the refused answer is kept under the old one.
    await idbStore.putAct({ ...act, id: crypto.randomUUID(), seq: page.seq, state: 'waiting', why: undefined });
    await idbStore.dropAct(act.id);
    await flush();
  };
  return { acts: query.data ?? [], flush, drop, again };
}

/** Kept first, then sent: whatever happens to the line or the page, it is not lost and not done twice. */
export function useSendKept(ticket: { id: string; title: string } | undefined): SendAct {
  const { t } = useTranslation('fieldWork');
  const { user } = useMe();
  const client = useQueryClient();
  return async ({ seq, command, key: id }) => {
    if (!ticket) return undefined;
    const act: KeptAct = {
      ...{ id, userId: user.id, ticketId: ticket.id, title: ticket.title, seq, command },
      ...{ madeAt: Date.now(), state: 'waiting' },
    };
    // A full device keeps nothing; with a line it still sends.
    const isKept = await idbStore.putAct(act).then(
      () => true,
      () => false,
    );
    const result = await inTurn(() => sendAct(idbStore, api, act));
    if (!isKept && 'away' in result) throw new HubError('conflict', t('storageFull'));
    // Refused at once: the form is still there, and says so itself.
    if ('refused' in result) await idbStore.dropAct(id);
    await client.invalidateQueries({ queryKey: key(user.id) });
    if ('refused' in result) throw result.error;
    return 'sent' in result ? result.sent : undefined;
  };
}

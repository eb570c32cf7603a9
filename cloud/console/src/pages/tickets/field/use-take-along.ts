import { useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ticketQuery } from '../../../api/tickets.js';

const mostTaken = 20;

/** What waits for this person is read while there is a line: in a cellar it opens for the first time, too. */
export function useTakeAlong(rows: readonly { readonly id: string; readonly seq: number }[] | undefined): void {
  const client = useQueryClient();
  const named = rows
    ?.slice(0, mostTaken)
    .map(({ id, seq }) => `${id}@${seq}`)
    .join();
  useEffect(() => {
    if (!named || !navigator.onLine || !('serviceWorker' in navigator)) return;
    let isGone = false;
    const take = async () => {
      await import('./FieldTicketPage.js');
      for (const one of named.split(',')) {
        const [id = '', seq] = one.split('@');
        const known = client.getQueryData(ticketQuery(id).queryKey);
        if (isGone) return;
        if (known?.seq !== Number(seq)) await client.prefetchQuery({ ...ticketQuery(id), staleTime: 0 });
      }
    };
    // A line that breaks meanwhile is no fault: what was read is there.
    void take().catch(() => {});
    return () => {
      isGone = true;
    };
  }, [client, named]);
}

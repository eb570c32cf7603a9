import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { noticeCountQuery, noticesQuery, readNotices } from '../../api/notices.js';

/** Whoever looks at a ticket has read what they were told of it: of the newest that the bell shows. */
export function useReadNotices(ticketId: string): void {
  const client = useQueryClient();
  const unread = useQuery(noticeCountQuery).data?.unread ?? 0;
  useEffect(() => {
    if (unread === 0) return;
    const read = async () => {
      const { pages } = await client.fetchInfiniteQuery({ ...noticesQuery, staleTime: 2_000 });
      const ofIt = pages.flatMap(({ items }) => items).filter((one) => one.ticketId === ticketId && !one.readAt);
      if (ofIt.length === 0) return;
      await readNotices(ofIt.map(({ id }) => id));
      await client.invalidateQueries({ queryKey: ['notices'] });
    };
    const look = () => {
      // They stay unread where there is no line, and nothing else does.
      if (document.visibilityState === 'visible') void read().catch(() => {});
    };
    look();
    // A ticket opened behind another page is looked at once its own page comes to the front.
    document.addEventListener('visibilitychange', look);
    return () => document.removeEventListener('visibilitychange', look);
  }, [client, ticketId, unread]);
}

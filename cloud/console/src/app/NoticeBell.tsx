import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Badge, Button, Popover } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type Notice, noticeCountQuery, noticesQuery, readNotices } from '../api/notices.js';
import { useLabel } from '../i18n/use-language.js';
import { paths } from '../paths.js';
import { Icon } from '../ui/icons.js';
import { RelativeTime } from '../ui/RelativeTime.js';
import { SkeletonLines } from '../ui/Skeleton.js';
import { ErrorState } from '../ui/states.js';
import { AppLink } from './AppLink.js';
import './notice-bell.css';

/** What this person was told: how many they have not read, the latest, each leading to its ticket. */
export function NoticeBell() {
  const { t } = useTranslation('notices');
  const [isOpen, setOpen] = useState(false);
  const unread = useQuery(noticeCountQuery).data?.unread ?? 0;
  return (
    <Popover
      open={isOpen}
      onOpenChange={setOpen}
      trigger="click"
      placement="bottomRight"
      // Pushed into a narrow window, where the default would let its left side hang out.
      align={{ overflow: { shiftX: true, adjustY: true } }}
      arrow={false}
      destroyOnHidden
      // Never without content: a popover that has none does not open, nor does it say that it was to.
      content={<NoticeList unread={unread} onLeave={() => setOpen(false)} />}
    >
      <Button
        type="text"
        aria-label={unread > 0 ? t('bellUnread', { count: unread }) : t('bell')}
        aria-expanded={isOpen}
        icon={
          <Badge count={unread} size="small" overflowCount={99}>
            <Icon name="mail" />
          </Badge>
        }
      />
    </Popover>
  );
}

function NoticeList({ unread, onLeave }: { unread: number; onLeave: () => void }) {
  const { t } = useTranslation('notices');
  const client = useQueryClient();
  const query = useInfiniteQuery(noticesQuery);
  const read = useMutation({
    mutationFn: (ids: 'all' | readonly string[]) => readNotices(ids),
    onSettled: () => client.invalidateQueries({ queryKey: ['notices'] }),
  });
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <section className="notices" aria-label={t('title')}>
      <header className="notices-head">
        <h2>{t('title')}</h2>
        <Button type="link" size="small" disabled={unread === 0 || read.isPending} onClick={() => read.mutate('all')}>
          {t('readAll')}
        </Button>
      </header>
      {query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
      ) : query.isPending ? (
        <SkeletonLines lines={4} />
      ) : items.length === 0 ? (
        <p className="soft notices-none">{t('none')}</p>
      ) : (
        <ul>
          {items.map((one) => (
            <NoticeRow
              key={one.id}
              notice={one}
              onOpen={() => {
                if (one.readAt === null) read.mutate([one.id]);
                onLeave();
              }}
            />
          ))}
          {query.hasNextPage ? (
            <li className="notices-more">
              <Button type="link" size="small" loading={query.isFetchingNextPage} onClick={() => query.fetchNextPage()}>
                {t('more')}
              </Button>
            </li>
          ) : null}
        </ul>
      )}
    </section>
  );
}

function NoticeRow({ notice, onOpen }: { notice: Notice; onOpen: () => void }) {
  const { t } = useTranslation('notices');
  const label = useLabel();
  const text = (
    <>
      {notice.readAt === null ? <span className="sr-only">{t('unread')} </span> : null}
      {label(notice.text)}
    </>
  );
  return (
    <li className={notice.readAt === null ? 'notice notice-unread' : 'notice'}>
      {notice.ticketId ? (
        <AppLink to={paths.ticket(notice.ticketId)} onClick={onOpen}>
          {text}
        </AppLink>
      ) : (
        <span>{text}</span>
      )}
      <span className="small faint">
        <RelativeTime time={notice.madeAt} />
      </span>
    </li>
  );
}

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { type Mailbox, mailboxesQuery } from '../../api/mailboxes.js';
import { anyText, useSearchState } from '../../app/search-state.js';
import { useLabel } from '../../i18n/use-language.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { StatusMark } from '../../ui/StatusMark.js';
import type { Column } from '../../ui/table/DataTable.js';
import { wholeList } from '../parts/list-state.js';
import { SetUpList } from '../ticket-kinds/SetUpList.js';
import { MailboxForm } from './MailboxForm.js';
import { MailboxPanel } from './MailboxPanel.js';
import { stateOf } from './mailbox-state.js';
import './mailboxes.css';

const searchSchema = z.object({ id: anyText });

/** Mailboxes whose letters become tickets: how they fare, and what became of their letters. */
export default function MailboxesPage() {
  const { t } = useTranslation('mailboxes');
  const label = useLabel();
  const [search, setSearch] = useSearchState(searchSchema);
  const [editing, setEditing] = useState<Mailbox | 'new'>();
  const query = useQuery(mailboxesQuery);
  const columns: Column<Mailbox>[] = [
    { id: 'name', title: t('name'), cell: ({ name }) => name, text: ({ name }) => name },
    {
      ...{ id: 'address', title: t('address'), width: 220, priority: 2 },
      cell: ({ address }) => address,
      text: ({ address }) => address,
    },
    {
      ...{ id: 'kind', title: t('kind'), width: 140, priority: 3 },
      cell: ({ kindLabel }) => label(kindLabel),
      text: ({ kindLabel }) => label(kindLabel),
    },
    {
      ...{ id: 'state', title: t('state.label'), width: 170 },
      cell: (mailbox) => {
        const { look, key } = stateOf(mailbox);
        return <StatusMark {...look} word={t(key)} />;
      },
      text: (mailbox) => t(stateOf(mailbox).key),
    },
    {
      ...{ id: 'made', title: t('letters.made'), width: 100, align: 'end' as const, priority: 2 },
      cell: ({ letters }) => letters.made,
      text: ({ letters }) => String(letters.made),
    },
    {
      ...{ id: 'aside', title: t('letters.aside'), width: 100, align: 'end' as const, priority: 3 },
      cell: ({ letters }) => letters.aside,
      text: ({ letters }) => String(letters.aside),
    },
    {
      ...{ id: 'looked', title: t('lookedAt'), width: 130, priority: 2 },
      cell: ({ lookedAt }) => <RelativeTime time={lookedAt} />,
      text: ({ lookedAt }) => lookedAt ?? '',
    },
  ];
  const open = query.data?.find(({ id }) => id === search.id);
  return (
    <SetUpList
      tab="mailboxes"
      title={t('title')}
      lead={t('lead')}
      add={{ text: t('new'), start: () => setEditing('new') }}
      none={{ icon: 'mail', title: t('none'), hint: t('noneHint') }}
      name="mailboxes"
      columns={columns}
      {...wholeList(query)}
      rowKey={({ id }) => id}
      openKey={search.id}
      onOpen={({ id }) => setSearch({ id }, { push: true })}
    >
      {open ? (
        <MailboxPanel mailbox={open} onEdit={() => setEditing(open)} onClose={() => setSearch({ id: undefined })} />
      ) : null}
      {editing ? (
        <MailboxForm {...(editing === 'new' ? {} : { mailbox: editing })} onClose={() => setEditing(undefined)} />
      ) : null}
    </SetUpList>
  );
}

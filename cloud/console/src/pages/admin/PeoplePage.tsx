import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { type User, usersQuery } from '../../api/people.js';
import { anyText, oneOf, useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { Page } from '../../ui/Page.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { Empty } from '../../ui/states.js';
import { type Column, DataTable } from '../../ui/table/DataTable.js';
import { FilterChoice } from '../parts/FilterChoice.js';
import { FilterText } from '../parts/FilterText.js';
import { useListing } from '../parts/list-state.js';
import { AdminTabs } from './AdminTabs.js';
import { useGrantText } from './grant-text.js';
import { NewPerson } from './NewPerson.js';
import { PersonPanel } from './PersonPanel.js';
import { UserMark } from './UserMark.js';
import './admin.css';

const states = ['active', 'locked', 'disabled'] as const;

const searchSchema = z.object({
  q: anyText,
  state: oneOf(states),
  id: anyText,
});

/** Who may sign in, and what each may do where. */
export default function PeoplePage() {
  const { t } = useTranslation('admin');
  const may = useRights();
  const grantText = useGrantText();
  const [search, setSearch] = useSearchState(searchSchema);
  const [adding, setAdding] = useState(false);
  const list = useListing(usersQuery({ q: search.q, state: search.state }));
  const columns: Column<User>[] = [
    {
      id: 'name',
      title: t('people.name'),
      width: 180,
      cell: (user) => <span className={user.state === 'disabled' ? 'soft' : undefined}>{user.displayName}</span>,
      text: (user) => user.displayName,
    },
    {
      id: 'userName',
      title: t('people.userName'),
      width: 150,
      cell: (user) => <span className="soft">{user.userName}</span>,
      text: (user) => user.userName,
    },
    {
      id: 'state',
      title: t('people.state'),
      width: 104,
      priority: 2,
      cell: (user) => <UserMark state={user.state} />,
      text: (user) => t(`userState.${user.state}`),
    },
    {
      id: 'grants',
      title: t('people.grants'),
      priority: 2,
      cell: (user) =>
        user.grants.length > 0 ? (
          user.grants.map(grantText).join('；')
        ) : (
          <span className="faint">{t('people.noGrants')}</span>
        ),
      text: (user) => user.grants.map(grantText).join('; '),
    },
    {
      id: 'seen',
      title: t('people.lastSignIn'),
      width: 140,
      priority: 3,
      cell: (user) =>
        user.mustChangePassword ? (
          <span className="soft">{t('people.oneTimeOut')}</span>
        ) : (
          <RelativeTime time={user.lastSignInAt} />
        ),
      text: (user) => user.lastSignInAt ?? '',
    },
  ];
  return (
    <Page
      title={t('title')}
      tabs={<AdminTabs active="people" />}
      actions={
        may('user.write') ? (
          <Button type="primary" onClick={() => setAdding(true)}>
            {t('people.add')}
          </Button>
        ) : undefined
      }
      fill
    >
      <DataTable
        name="people"
        label={t('tabs.people')}
        columns={columns}
        rowKey={(user) => user.id}
        {...list}
        openKey={search.id}
        onOpen={(user) => setSearch({ id: user.id }, { push: true })}
        tools={
          <>
            <FilterText value={search.q} placeholder={t('people.filter')} onChange={(q) => setSearch({ q })} />
            <FilterChoice
              label={t('people.state')}
              value={search.state}
              options={states.map((value) => ({ value, label: <UserMark state={value} /> }))}
              onChange={(state) => setSearch({ state })}
            />
          </>
        }
        empty={<Empty icon="filter" title={t('people.none')} hint={t('people.noneHint')} />}
      />
      {search.id ? (
        <PersonPanel key={search.id} userId={search.id} onClose={() => setSearch({ id: undefined })} />
      ) : null}
      {adding ? <NewPerson onClose={() => setAdding(false)} /> : null}
    </Page>
  );
}

import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { type Role, rightsQuery, rolesQuery } from '../../api/people.js';
import { anyText, useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { useLabel } from '../../i18n/use-language.js';
import { Page } from '../../ui/Page.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { Empty } from '../../ui/states.js';
import { type Column, DataTable } from '../../ui/table/DataTable.js';
import { AdminTabs } from './AdminTabs.js';
import { RoleForm } from './RoleForm.js';
import './admin.css';

const searchSchema = z.object({ id: anyText });

/** Roles: named sets of rights. Built-in ones can be granted, not changed. */
export default function RolesPage() {
  const { t } = useTranslation('admin');
  const label = useLabel();
  const may = useRights();
  const [search, setSearch] = useSearchState(searchSchema);
  const [editing, setEditing] = useState<Role | 'new'>();
  const query = useQuery(rolesQuery);
  const rights = useQuery(rightsQuery);
  const columns: Column<Role>[] = [
    { id: 'name', title: t('roles.name'), cell: (role) => label(role.label), text: (role) => label(role.label) },
    {
      id: 'key',
      title: t('roles.key'),
      width: 170,
      priority: 2,
      cell: (role) => <code className="soft">{role.key}</code>,
      text: (role) => role.key,
    },
    {
      id: 'rights',
      title: t('roles.rights'),
      width: 120,
      align: 'end',
      cell: (role) => t('roles.count', { count: role.rights.length }),
      text: (role) => role.rights.join(' '),
    },
    {
      id: 'kind',
      title: t('roles.kind'),
      width: 110,
      priority: 2,
      cell: (role) => <span className="soft">{t(role.builtIn ? 'roles.builtIn' : 'roles.own')}</span>,
      text: (role) => t(role.builtIn ? 'roles.builtIn' : 'roles.own'),
    },
  ];
  const open = query.data?.find((role) => role.id === search.id);
  const groups = [...new Set(rights.data?.map((right) => right.group))].map((group) => ({
    group,
    label: rights.data?.find((right) => right.group === group)?.groupLabel,
    rights: rights.data?.filter((right) => right.group === group && open?.rights.includes(right.right)) ?? [],
  }));
  return (
    <Page
      title={t('title')}
      tabs={<AdminTabs active="roles" />}
      actions={
        may('role.write') ? (
          <Button type="primary" onClick={() => setEditing('new')}>
            {t('roles.add')}
          </Button>
        ) : undefined
      }
      fill
    >
      <DataTable
        name="roles"
        label={t('tabs.roles')}
        columns={columns}
        rows={query.data}
        rowKey={(role) => role.id}
        error={query.error}
        onRetry={() => void query.refetch()}
        openKey={search.id}
        onOpen={(role) => setSearch({ id: role.id }, { push: true })}
        empty={<Empty icon="admin" title={t('roles.none')} />}
      />
      {open ? (
        <SidePanel
          title={label(open.label)}
          onClose={() => setSearch({ id: undefined })}
          actions={
            !open.builtIn && may('role.write') ? (
              <Button onClick={() => setEditing(open)}>{t('roles.edit')}</Button>
            ) : undefined
          }
        >
          <div className="stack">
            {open.builtIn ? <p className="faint small">{t('roles.builtInHint')}</p> : null}
            {groups
              .filter((group) => group.rights.length > 0)
              .map((group) => (
                <section key={group.group} aria-label={label(group.label)}>
                  <h3 className="soft">{label(group.label)}</h3>
                  <ul className="right-list">
                    {group.rights.map((right) => (
                      <li key={right.right}>{label(right.label)}</li>
                    ))}
                  </ul>
                </section>
              ))}
          </div>
        </SidePanel>
      ) : null}
      {editing ? (
        <RoleForm {...(editing === 'new' ? {} : { role: editing })} onClose={() => setEditing(undefined)} />
      ) : null}
    </Page>
  );
}

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Popconfirm } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { type ApiKey, apiKeysQuery, revokeApiKey } from '../../api/api-keys.js';
import { anyText, useSearchState } from '../../app/search-state.js';
import { Page } from '../../ui/Page.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { Empty } from '../../ui/states.js';
import { type Column, DataTable } from '../../ui/table/DataTable.js';
import { Facts } from '../parts/Facts.js';
import { FormProblem } from '../parts/FormProblem.js';
import { useListing } from '../parts/list-state.js';
import { AdminTabs } from './AdminTabs.js';
import { NewApiKey } from './NewApiKey.js';
import { RightNames } from './RightNames.js';
import './admin.css';

const searchSchema = z.object({ id: anyText });
const looks = {
  active: { tone: 'quiet', shape: 'dot' },
  expired: { tone: 'quiet', shape: 'dashed' },
  revoked: { tone: 'quiet', shape: 'cross' },
} as const;

/** Keys with which programs call the API; revoked ones stay as a record. */
export default function ApiKeysPage() {
  const { t } = useTranslation('admin');
  const [search, setSearch] = useSearchState(searchSchema);
  const [adding, setAdding] = useState(false);
  const list = useListing(apiKeysQuery());
  const scopeOf = (key: ApiKey) => (key.scope.kind === 'tenant' ? t('everywhere') : (key.scopeName ?? ''));
  const columns: Column<ApiKey>[] = [
    { id: 'name', title: t('keys.name'), cell: (key) => key.name, text: (key) => key.name },
    {
      id: 'prefix',
      title: t('keys.prefix'),
      width: 130,
      priority: 2,
      cell: (key) => <code className="soft">{key.prefix}…</code>,
      text: (key) => key.prefix,
    },
    { id: 'scope', title: t('keys.scope'), width: 150, priority: 2, cell: scopeOf, text: scopeOf },
    {
      id: 'rights',
      title: t('keys.rights'),
      width: 90,
      priority: 3,
      align: 'end',
      cell: (key) => t('keys.count', { count: key.rights.length }),
      text: (key) => key.rights.join(' '),
    },
    {
      id: 'used',
      title: t('keys.lastUsed'),
      width: 120,
      priority: 2,
      cell: (key) =>
        key.lastUsedAt ? <RelativeTime time={key.lastUsedAt} /> : <span className="soft">{t('keys.never')}</span>,
      text: (key) => key.lastUsedAt ?? '',
    },
    {
      id: 'state',
      title: t('keys.state'),
      width: 100,
      cell: (key) => <StatusMark {...looks[key.state]} word={t(`keys.states.${key.state}`)} />,
      text: (key) => t(`keys.states.${key.state}`),
    },
  ];
  const open = list.rows?.find((key) => key.id === search.id);
  return (
    <Page
      title={t('title')}
      tabs={<AdminTabs active="keys" />}
      actions={
        <Button type="primary" onClick={() => setAdding(true)}>
          {t('keys.add')}
        </Button>
      }
      fill
    >
      <DataTable
        name="api-keys"
        label={t('tabs.keys')}
        columns={columns}
        rowKey={(key) => key.id}
        {...list}
        openKey={search.id}
        onOpen={(key) => setSearch({ id: key.id }, { push: true })}
        empty={<Empty icon="lock" title={t('keys.none')} hint={t('keys.noneHint')} />}
      />
      {open ? <KeyPanel apiKey={open} scope={scopeOf(open)} onClose={() => setSearch({ id: undefined })} /> : null}
      {adding ? <NewApiKey onClose={() => setAdding(false)} /> : null}
    </Page>
  );
}

function KeyPanel({ apiKey, scope, onClose }: { apiKey: ApiKey; scope: string; onClose: () => void }) {
  const { t } = useTranslation('admin');
  const { message } = App.useApp();
  const client = useQueryClient();
  const revoke = useMutation({
    mutationFn: revokeApiKey,
    onSuccess: () => {
      void message.success(t('keys.revoked'));
      return client.invalidateQueries({ queryKey: ['api-keys'] });
    },
  });
  return (
    <SidePanel
      title={apiKey.name}
      mark={<StatusMark {...looks[apiKey.state]} word={t(`keys.states.${apiKey.state}`)} />}
      onClose={onClose}
      actions={
        apiKey.state === 'active' ? (
          <Popconfirm title={t('keys.revokeHint')} okText={t('keys.revoke')} onConfirm={() => revoke.mutate(apiKey)}>
            <Button danger loading={revoke.isPending}>
              {t('keys.revoke')}
            </Button>
          </Popconfirm>
        ) : undefined
      }
    >
      <div className="stack">
        <Facts
          facts={[
            { label: t('keys.prefix'), value: <code>{apiKey.prefix}…</code> },
            { label: t('keys.scope'), value: scope },
            {
              label: t('keys.expires'),
              value: apiKey.expiresAt ? <RelativeTime time={apiKey.expiresAt} /> : t('keys.noExpiry'),
            },
            { label: t('keys.from'), value: apiKey.allowedFrom.join(', ') || t('keys.anywhere') },
            {
              label: t('keys.lastUsed'),
              value: apiKey.lastUsedAt ? (
                <>
                  <RelativeTime time={apiKey.lastUsedAt} /> {apiKey.lastUsedIp}
                </>
              ) : (
                t('keys.never')
              ),
            },
            { label: t('keys.maker'), value: apiKey.createdBy.name },
            { label: t('keys.madeAt'), value: <RelativeTime time={apiKey.createdAt} /> },
          ]}
        />
        <RightNames rights={apiKey.rights} />
        <FormProblem error={revoke.error} />
      </div>
    </SidePanel>
  );
}

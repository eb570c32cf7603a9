import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { Form, Input, Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { createKind, type KindSummary, kindsQuery } from '../../api/ticket-kinds.js';
import { useRights } from '../../app/session.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import type { Column } from '../../ui/table/DataTable.js';
import { FormProblem } from '../parts/FormProblem.js';
import { wholeList } from '../parts/list-state.js';
import { SetUpList } from './SetUpList.js';
import './ticket-kinds.css';

/** The kinds of ticket that this organisation has. */
export default function KindsPage() {
  const { t } = useTranslation(['ticketKinds', 'common']);
  const label = useLabel();
  const may = useRights();
  const navigate = useNavigate();
  const [adding, setAdding] = useState(false);
  const query = useQuery(kindsQuery);
  const stand = (kind: KindSummary) =>
    kind.retired
      ? t('list.retired')
      : kind.published
        ? t('versions.n', { n: kind.published.version })
        : t('versions.never');
  const change = (kind: KindSummary) => (kind.draft ? t(kind.draft.shipped ? 'list.newer' : 'list.draft') : '');
  const columns: Column<KindSummary>[] = [
    { id: 'label', title: t('list.kind'), cell: (kind) => label(kind.label), text: (kind) => label(kind.label) },
    {
      ...{ id: 'code', title: t('list.code'), width: 180, priority: 3 },
      cell: (kind) => <code className="soft">{kind.code}</code>,
      text: (kind) => kind.code,
    },
    { id: 'published', title: t('list.published'), width: 120, cell: stand, text: stand },
    {
      ...{ id: 'at', title: t('list.at'), width: 140, priority: 2 },
      cell: (kind) => (kind.published ? <RelativeTime time={kind.published.at} /> : ''),
      text: (kind) => kind.published?.at ?? '',
    },
    { id: 'draft', title: t('list.changes'), width: 200, priority: 2, cell: change, text: change },
    {
      ...{ id: 'tickets', title: t('list.tickets'), width: 110, align: 'end' as const },
      cell: (kind) => kind.tickets,
      text: (kind) => String(kind.tickets),
    },
  ];
  return (
    <SetUpList
      tab="kinds"
      title={t('title')}
      add={may('ticketkind.write') ? { text: t('list.new'), start: () => setAdding(true) } : undefined}
      none={{ icon: 'ticket', title: t('list.none'), hint: t('list.noneHint') }}
      name="ticket-kinds"
      columns={columns}
      {...wholeList(query)}
      rowKey={(kind) => kind.code}
      onOpen={(kind) => void navigate({ to: paths.ticketKind(kind.code) as string })}
    >
      {adding ? <NewKind kinds={query.data ?? []} onClose={() => setAdding(false)} /> : null}
    </SetUpList>
  );
}

interface Fields {
  zh: string;
  en?: string;
  code: string;
  from: string;
}

function NewKind({ kinds, onClose }: { kinds: readonly KindSummary[]; onClose: () => void }) {
  const { t } = useTranslation(['ticketKinds', 'common']);
  const label = useLabel();
  const navigate = useNavigate();
  const client = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const create = useMutation({
    mutationFn: ({ zh, en, code, from }: Fields) =>
      createKind({ code, from, label: { zh: zh.trim(), ...(en?.trim() ? { en: en.trim() } : {}) } }),
    onSuccess: ({ code }) => {
      void client.invalidateQueries({ queryKey: ['ticket-kinds'] });
      void navigate({ to: paths.ticketKind(code) as string });
    },
  });
  return (
    <Modal
      open
      title={t('list.new')}
      onCancel={onClose}
      okText={t('list.make')}
      cancelText={t('common:cancel')}
      confirmLoading={create.isPending}
      onOk={() => form.submit()}
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        initialValues={{ from: 'blank' }}
        onFinish={(fields) => create.mutate(fields)}
      >
        <Form.Item
          name="zh"
          label={t('list.nameZh')}
          rules={[{ required: true, whitespace: true, message: t('list.nameNeeded') }]}
        >
          <Input maxLength={100} autoFocus />
        </Form.Item>
        <Form.Item name="en" label={t('list.nameEn')}>
          <Input maxLength={100} />
        </Form.Item>
        <Form.Item
          name="code"
          label={t('list.code')}
          extra={t('list.codeHint')}
          rules={[
            { required: true, message: t('list.codeHint') },
            { pattern: /^[a-z][a-z0-9_]{0,47}$/, message: t('list.codeHint') },
          ]}
        >
          <Input maxLength={48} spellCheck={false} autoCapitalize="none" />
        </Form.Item>
        <Form.Item name="from" label={t('list.from')} extra={t('list.fromHint')}>
          <Select
            options={[
              { value: 'blank', label: t('list.blank') },
              ...kinds.map((kind) => ({ value: kind.code, label: label(kind.label) })),
            ]}
          />
        </Form.Item>
        <FormProblem error={create.error} form={form} />
      </Form>
    </Modal>
  );
}

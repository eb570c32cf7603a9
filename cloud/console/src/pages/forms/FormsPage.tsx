import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { App, Switch } from 'antd';
import { useTranslation } from 'react-i18next';
import * as z from 'zod/mini';
import { changeForm, draftOf, formsQuery, type TicketForm } from '../../api/ticket-forms.js';
import { kindsQuery } from '../../api/ticket-kinds.js';
import { anyText, useSearchState } from '../../app/search-state.js';
import { useRights } from '../../app/session.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { useProblemText } from '../../ui/problem-text.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import type { Column } from '../../ui/table/DataTable.js';
import { wholeList } from '../parts/list-state.js';
import { SetUpList } from '../ticket-kinds/SetUpList.js';
import { FormPanel } from './FormPanel.js';
import './forms.css';

const searchSchema = z.object({ id: anyText });

/** Pages on which anybody may ask: where they are, whether they are open, how often they were sent. */
export default function FormsPage() {
  const { t } = useTranslation('ticketForms');
  const label = useLabel();
  const may = useRights();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [search, setSearch] = useSearchState(searchSchema);
  const query = useQuery(formsQuery);
  const kinds = useQuery(kindsQuery);
  const mayWrite = may('ticketkind.write');
  const kindOf = ({ kind }: TicketForm) => label(kinds.data?.find(({ code }) => code === kind)?.label) || kind;
  const toggle = useMutation({
    mutationFn: (form: TicketForm) => changeForm(form, { ...draftOf(form), enabled: !form.enabled }),
    onSuccess: (form) => void message.success(t(form.enabled ? 'opened' : 'closed')),
    onSettled: () => void client.invalidateQueries({ queryKey: ['ticket-forms'] }),
  });
  const problem = useProblemText(toggle.error);
  const columns: Column<TicketForm>[] = [
    { id: 'title', title: t('name'), cell: (form) => label(form.title), text: (form) => label(form.title) },
    { ...{ id: 'kind', title: t('kind'), width: 150, priority: 2 }, cell: kindOf, text: kindOf },
    {
      ...{ id: 'path', title: t('address'), width: 210, priority: 2 },
      cell: (form) => <code className="soft">{form.path}</code>,
      text: (form) => form.path,
    },
    {
      ...{ id: 'submitted', title: t('submitted'), width: 90, align: 'end' as const },
      cell: (form) => form.submitted,
      text: (form) => String(form.submitted),
    },
    {
      ...{ id: 'lastAt', title: t('lastAt'), width: 140, priority: 3 },
      cell: (form) => <RelativeTime time={form.lastAt} />,
      text: (form) => form.lastAt ?? '',
    },
    {
      ...{ id: 'enabled', title: t('state'), width: 110 },
      cell: (form) => (
        <span className="switch-row">
          <Switch
            size="small"
            checked={form.enabled}
            disabled={!mayWrite || toggle.isPending}
            aria-label={t('isOpen', { name: label(form.title) })}
            onChange={() => toggle.mutate(form)}
          />
          <span className={form.enabled ? '' : 'faint'}>{t(form.enabled ? 'open' : 'shut')}</span>
        </span>
      ),
      text: (form) => t(form.enabled ? 'open' : 'shut'),
    },
  ];
  const open = query.data?.find(({ id }) => id === search.id);
  return (
    <SetUpList
      tab="forms"
      title={t('title')}
      lead={t('lead')}
      add={
        mayWrite ? { text: t('new'), start: () => void navigate({ to: paths.ticketForm('new') as string }) } : undefined
      }
      none={{ icon: 'ticket', title: t('none'), hint: t('noneHint') }}
      name="ticket-forms"
      columns={columns}
      {...wholeList(query)}
      rowKey={({ id }) => id}
      openKey={search.id}
      onOpen={({ id }) => setSearch({ id }, { push: true })}
      tools={
        toggle.error ? (
          <p role="alert" className="problem-inline">
            {problem.what} {problem.next}
          </p>
        ) : undefined
      }
    >
      {open ? (
        <FormPanel
          key={open.id}
          form={open}
          kind={kindOf(open)}
          mayWrite={mayWrite}
          onClose={() => setSearch({ id: undefined })}
        />
      ) : null}
    </SetUpList>
  );
}

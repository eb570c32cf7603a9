import { useMutation, useQueryClient } from '@tanstack/react-query';
import { App, Button, Segmented } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { archiveMailbox, lettersQuery, type Mailbox, type MailLetter, mailboxesQuery } from '../../api/mailboxes.js';
import { AppLink } from '../../app/AppLink.js';
import { formatExact } from '../../format/time.js';
import { paths } from '../../paths.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { ErrorState } from '../../ui/states.js';
import { useListing } from '../parts/list-state.js';
import { isTheirWord, stateOf } from './mailbox-state.js';

interface MailboxPanelProps {
  mailbox: Mailbox;
  onEdit: () => void;
  onClose: () => void;
}

/** How a mailbox fares, what to do where it does not, and its letters. */
export function MailboxPanel({ mailbox, onEdit, onClose }: MailboxPanelProps) {
  const { t } = useTranslation(['mailboxes', 'common']);
  const client = useQueryClient();
  const { modal } = App.useApp();
  const [state, setState] = useState<MailLetter['state'] | 'all'>('all');
  const letters = useListing(lettersQuery(mailbox.id, state === 'all' ? undefined : state));
  // Its figures stand beside its letters: both as of now.
  useEffect(() => void client.invalidateQueries({ queryKey: mailboxesQuery.queryKey }), [client]);
  const remove = useMutation({
    mutationFn: () => archiveMailbox(mailbox),
    onSuccess: onClose,
    onSettled: () => void client.invalidateQueries({ queryKey: ['mailboxes'] }),
  });
  const ask = () =>
    modal.confirm({
      title: t('remove.title', { name: mailbox.name }),
      content: t('remove.hint'),
      okText: t('remove.label'),
      okButtonProps: { danger: true },
      cancelText: t('common:cancel'),
      onOk: () => remove.mutateAsync(),
    });
  const { look, key } = stateOf(mailbox);
  return (
    <SidePanel title={mailbox.name} onClose={onClose}>
      <div className="mailbox-panel">
        <StatusMark {...look} word={t(key)} />
        {mailbox.state === 'failed' && mailbox.enabled ? (
          <div className="mailbox-problem" role="alert">
            <p>{t(`failure.${mailbox.failure as 'password'}`)}</p>
            <p className="soft small">
              {t('again', { at: formatExact(mailbox.nextAt) })}
              {mailbox.detail && isTheirWord(mailbox.failure) ? ` · ${mailbox.detail}` : ''}
            </p>
          </div>
        ) : null}
        <p className="soft">
          {mailbox.address} · {mailbox.host}:{mailbox.port} · {mailbox.folder}
        </p>
        <div className="row">
          <Button onClick={onEdit}>{t('edit')}</Button>
          <Button onClick={ask} loading={remove.isPending}>
            {t('remove.label')}
          </Button>
        </div>
        <Segmented
          value={state}
          onChange={setState}
          options={(['all', 'made', 'added', 'aside'] as const).map((value) => ({
            value,
            label: t(`letters.${value}`),
          }))}
        />
        {letters.error ? <ErrorState error={letters.error} onRetry={letters.onRetry} compact /> : null}
        <ul className="mailbox-letters">
          {(letters.rows ?? []).map((letter) => (
            <li key={letter.id} className="mailbox-letter">
              <div className="mailbox-letter-subject">{letter.subject || t('noSubject')}</div>
              <div className="soft small">
                {letter.from} · <RelativeTime time={letter.at} />
              </div>
              <div className="small">
                {letter.ticket ? <AppLink to={paths.ticket(letter.ticket.id)}>{letter.ticket.number}</AppLink> : null}{' '}
                {letter.state === 'aside' ? t(`aside.${letter.reason as 'own'}`) : t(`letters.${letter.state}`)}
              </div>
            </li>
          ))}
        </ul>
        {letters.rows?.length === 0 ? <p className="faint">{t('noLetters')}</p> : null}
        {letters.more.has ? (
          <Button type="text" loading={letters.more.loading} onClick={letters.more.load}>
            {t('more')}
          </Button>
        ) : null}
      </div>
    </SidePanel>
  );
}

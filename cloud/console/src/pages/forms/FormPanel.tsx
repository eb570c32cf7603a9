import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { App, Button, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { addressOf, removeForm, type TicketForm } from '../../api/ticket-forms.js';
import { AppLink } from '../../app/AppLink.js';
import { usePlaces } from '../../app/use-place.js';
import { useLabel } from '../../i18n/use-language.js';
import { paths } from '../../paths.js';
import { Icon } from '../../ui/icons.js';
import { QrCode } from '../../ui/QrCode.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { Facts } from '../parts/Facts.js';
import { FormProblem } from '../parts/FormProblem.js';
import { Secret } from '../parts/Secret.js';
import { useSourceName } from '../tickets/use-source-name.js';

interface FormPanelProps {
  form: TicketForm;
  kind: string;
  mayWrite: boolean;
  onClose: () => void;
}

/** One form: its address to hand out, as a text and as a code to scan. */
export function FormPanel({ form, kind, mayWrite, onClose }: FormPanelProps) {
  const { t } = useTranslation(['ticketForms', 'common']);
  const label = useLabel();
  const sourceName = useSourceName();
  const navigate = useNavigate();
  const client = useQueryClient();
  const places = usePlaces();
  const { message } = App.useApp();
  const [removing, setRemoving] = useState(false);
  const address = addressOf(form);
  const isLocal = /^https?:\/\/(127\.|localhost|\[::1])/.test(address);
  const remove = useMutation({
    mutationFn: () => removeForm(form),
    onSuccess: () => {
      void message.success(t('removed'));
      void client.invalidateQueries({ queryKey: ['ticket-forms'] });
      onClose();
    },
  });
  return (
    <SidePanel
      title={label(form.title)}
      mark={form.enabled ? undefined : <StatusMark tone="warn" shape="half" word={t('shut')} />}
      onClose={onClose}
      actions={
        mayWrite ? (
          <>
            <Button danger type="text" onClick={() => setRemoving(true)}>
              {t('remove')}
            </Button>
            <Button type="primary" onClick={() => void navigate({ to: paths.ticketForm(form.id) as string })}>
              {t('edit')}
            </Button>
          </>
        ) : undefined
      }
    >
      <div className="stack form-panel">
        <div className="form-qr">
          <QrCode value={address} label={t('qrOf', { address })} size={168} />
          <div className="stack">
            <p className="soft">{t('qrHint')}</p>
            <AppLink to={paths.formPoster(form.id)} className="form-link">
              <Icon name="printer" size={16} />
              {t('poster.open')}
            </AppLink>
            <a href={form.path} target="_blank" rel="noreferrer" className="form-link">
              <Icon name="open" size={16} />
              {t('openPage')}
            </a>
          </div>
        </div>
        <Secret value={address} label={t('address')} />
        {isLocal ? <p className="soft small">{t('localHint')}</p> : null}
        <Facts
          facts={[
            { label: t('kind'), value: kind },
            { label: t('hall'), value: label(places.find(({ id }) => id === form.hallId)?.name) || t('noHall') },
            { label: t('stands'), value: sourceName(form.source) },
            { label: t('asks'), value: t('fieldsCount', { count: form.fields.length }) },
            { label: t('submitted'), value: form.submitted },
            { label: t('lastAt'), value: <RelativeTime time={form.lastAt} /> },
          ]}
        />
        {form.submitted > 0 ? (
          <AppLink to={paths.tickets()} search={{ view: 'all', source: form.source, kind: form.kind }}>
            {t('seeTickets')}
          </AppLink>
        ) : null}
      </div>
      {removing ? (
        <Modal
          open
          title={t('remove')}
          onCancel={() => setRemoving(false)}
          okText={t('remove')}
          okButtonProps={{ danger: true }}
          cancelText={t('common:cancel')}
          confirmLoading={remove.isPending}
          onOk={() => remove.mutate()}
        >
          <p>{t('removeAsk', { name: label(form.title), path: form.path })}</p>
          <FormProblem error={remove.error} />
        </Modal>
      ) : null}
    </SidePanel>
  );
}

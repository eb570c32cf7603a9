import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { App, Button, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { discardDraft, type KindPage, retireKind } from '../../../api/ticket-kinds.js';
import { paths } from '../../../paths.js';
import { Section } from '../../../ui/Page.js';
import { FormProblem } from '../../parts/FormProblem.js';

interface KindStandingProps {
  page: KindPage;
  /** Of the draft as it is stored. */
  version: () => number;
  isChanged: boolean;
}

/** Whether new tickets can be made of it, and what becomes of changes that nobody wants. */
export function KindStanding({ page, version, isChanged }: KindStandingProps) {
  const { t } = useTranslation(['ticketKinds', 'common']);
  const { message } = App.useApp();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [dialog, setDialog] = useState<'discard' | 'retire'>();
  const isNew = page.published === null;
  const settle = () => {
    setDialog(undefined);
    client.removeQueries({ queryKey: ['ticket-kinds', 'one', page.code] });
    void client.invalidateQueries({ queryKey: ['ticket-kinds'] });
    // The designer holds the draft as it was: it is opened anew.
    void navigate({ to: paths.ticketKinds() as string });
  };
  const discard = useMutation({
    mutationFn: () => discardDraft(page.code, version()),
    onSuccess: () => {
      void message.success(t('standing.discarded'));
      settle();
    },
  });
  const retire = useMutation({
    mutationFn: (retired: boolean) => retireKind(page.code, version(), retired),
    onSuccess: (next) => {
      void message.success(t(next.retired ? 'standing.retired' : 'standing.back'));
      settle();
    },
  });
  return (
    <Section title={t('standing.title')}>
      <div className="stack">
        <p className="soft">{t(page.retired ? 'standing.isRetired' : isNew ? 'standing.isNew' : 'standing.isUsed')}</p>
        <div className="row row-wrap">
          {isNew || isChanged ? (
            <Button onClick={() => setDialog('discard')}>{t(isNew ? 'standing.remove' : 'standing.discard')}</Button>
          ) : null}
          {isNew ? null : page.retired ? (
            <Button loading={retire.isPending} onClick={() => retire.mutate(false)}>
              {t('standing.bring')}
            </Button>
          ) : (
            <Button danger type="text" onClick={() => setDialog('retire')}>
              {t('standing.retire')}
            </Button>
          )}
        </div>
        {dialog ? null : <FormProblem error={retire.error} />}
      </div>
      {dialog === 'discard' ? (
        <Modal
          open
          title={t(isNew ? 'standing.remove' : 'standing.discard')}
          onCancel={() => setDialog(undefined)}
          okText={t(isNew ? 'standing.remove' : 'standing.discard')}
          okButtonProps={{ danger: true }}
          cancelText={t('common:cancel')}
          confirmLoading={discard.isPending}
          onOk={() => discard.mutate()}
        >
          <p>{t(isNew ? 'standing.removeAsk' : 'standing.discardAsk')}</p>
          <FormProblem error={discard.error} />
        </Modal>
      ) : null}
      {dialog === 'retire' ? (
        <Modal
          open
          title={t('standing.retire')}
          onCancel={() => setDialog(undefined)}
          okText={t('standing.retire')}
          okButtonProps={{ danger: true }}
          cancelText={t('common:cancel')}
          confirmLoading={retire.isPending}
          onOk={() => retire.mutate(true)}
        >
          <p>{t('standing.retireAsk')}</p>
          <FormProblem error={retire.error} />
        </Modal>
      ) : null}
    </Section>
  );
}

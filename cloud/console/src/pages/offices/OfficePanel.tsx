import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { calendarsQuery } from '../../api/calendars.js';
import { archiveOffice, changeOffice, type Office, officesQuery } from '../../api/offices.js';
import { useLabel } from '../../i18n/use-language.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { Facts } from '../parts/Facts.js';
import { FormProblem } from '../parts/FormProblem.js';
import { AreaList } from './AreaList.js';
import { CategoryList } from './CategoryList.js';
import { MemberList } from './MemberList.js';
import { OfficeForm } from './OfficeForm.js';

interface OfficePanelProps {
  office: Office;
  offices: readonly Office[];
  mayWrite: boolean;
  onClose: () => void;
}

/** One office: its people, its areas and categories. */
export function OfficePanel({ office, offices, mayWrite, onClose }: OfficePanelProps) {
  const { t } = useTranslation(['offices', 'common']);
  const label = useLabel();
  const { message } = App.useApp();
  const client = useQueryClient();
  const calendars = useQuery(calendarsQuery);
  const [dialog, setDialog] = useState<'edit' | 'archive'>();
  const settle = () => void client.invalidateQueries({ queryKey: officesQuery.queryKey });
  const fall = useMutation({ mutationFn: () => changeOffice(office, { isFallback: true }), onSettled: settle });
  const archive = useMutation({
    mutationFn: () => archiveOffice(office),
    onSuccess: () => {
      void message.success(t('archived'));
      settle();
      onClose();
    },
  });
  const parent = offices.find(({ id }) => id === office.parentId);
  return (
    <SidePanel
      title={office.name}
      mark={office.isFallback ? <span className="faint small">{t('fallback')}</span> : undefined}
      onClose={onClose}
      actions={
        mayWrite ? (
          <>
            <Button onClick={() => setDialog('edit')}>{t('edit')}</Button>
            {office.isFallback ? null : (
              <>
                <Button type="text" loading={fall.isPending} onClick={() => fall.mutate()}>
                  {t('makeFallback')}
                </Button>
                <Button danger type="text" onClick={() => setDialog('archive')}>
                  {t('archive')}
                </Button>
              </>
            )}
          </>
        ) : undefined
      }
    >
      <div className="stack office-parts">
        <Facts
          facts={[
            { label: t('code'), value: <code>{office.code}</code> },
            { label: t('parent'), value: parent?.name ?? t('top') },
            {
              label: t('calendar'),
              value: office.calendar
                ? label(calendars.data?.find(({ code }) => code === office.calendar)?.label) || office.calendar
                : t('asAbove'),
            },
            { label: t('openTasks'), value: office.openTasks },
            office.isFallback && { label: t('fallback'), value: t('fallbackHint') },
          ]}
        />
        <FormProblem error={fall.error} />
        <MemberList office={office} mayWrite={mayWrite} />
        <AreaList office={office} mayWrite={mayWrite} />
        <CategoryList office={office} mayWrite={mayWrite} />
      </div>
      {dialog === 'edit' ? <OfficeForm office={office} offices={offices} onClose={() => setDialog(undefined)} /> : null}
      {dialog === 'archive' ? (
        <Modal
          open
          title={t('archive')}
          onCancel={() => setDialog(undefined)}
          okText={t('archive')}
          okButtonProps={{ danger: true }}
          cancelText={t('common:cancel')}
          confirmLoading={archive.isPending}
          onOk={() => archive.mutate()}
        >
          <p>{t('archiveAsk', { name: office.name })}</p>
          <FormProblem error={archive.error} />
        </Modal>
      ) : null}
    </SidePanel>
  );
}

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { createUnit } from '../../api/units.js';
import { AppLink } from '../../app/AppLink.js';
import { useRights } from '../../app/session.js';
import { usePlaces } from '../../app/use-place.js';
import { paths } from '../../paths.js';
import { Empty } from '../../ui/states.js';
import { FormProblem } from '../parts/FormProblem.js';
import { HallSelect } from '../parts/HallSelect.js';
import { Enrolment } from './enrolment/Enrolment.js';

interface Fields {
  name: string;
  hallId: string;
}

/** Registers a unit and goes straight on to its enrolment code. */
export function NewUnit({ hallId, onClose }: { hallId: string | undefined; onClose: () => void }) {
  const { t } = useTranslation(['units', 'common', 'enrolment']);
  const may = useRights();
  const client = useQueryClient();
  const halls = usePlaces().filter((place) => place.kind === 'hall' && !place.archivedAt);
  const [only] = halls.length === 1 ? halls : [];
  const likely = hallId ?? only?.id;
  const [form] = Form.useForm<Fields>();
  const create = useMutation({
    mutationFn: createUnit,
    onSuccess: () => client.invalidateQueries({ queryKey: ['units'] }),
  });
  return (
    <Modal
      open
      title={create.data ? t('new.done') : t('new.open')}
      width={create.data ? 560 : 460}
      mask={{ closable: !create.data }}
      onCancel={onClose}
      footer={
        create.data ? (
          <Button type="primary" onClick={onClose}>
            {t('enrolment:enrol.close')}
          </Button>
        ) : (
          [
            <Button key="cancel" onClick={onClose}>
              {t('common:cancel')}
            </Button>,
            <Button
              key="save"
              type="primary"
              disabled={halls.length === 0}
              loading={create.isPending}
              onClick={() => form.submit()}
            >
              {t('new.save')}
            </Button>,
          ]
        )
      }
    >
      {create.data ? (
        may('unit.enrol') ? (
          <Enrolment unit={create.data.unit} kind="new" />
        ) : (
          <p>{t('enrolment:enrol.noRight')}</p>
        )
      ) : halls.length === 0 ? (
        <Empty
          icon="hall"
          title={t('new.noHall')}
          hint={t('new.noHallHint')}
          action={<AppLink to={paths.halls()}>{t('new.toHalls')}</AppLink>}
        />
      ) : (
        <Form<Fields>
          form={form}
          layout="vertical"
          initialValues={likely ? { hallId: likely } : {}}
          onFinish={(fields) => create.mutate(fields)}
        >
          <Form.Item
            name="name"
            label={t('columns.name')}
            rules={[{ required: true, whitespace: true, message: t('new.nameNeeded') }]}
          >
            <Input autoFocus maxLength={100} />
          </Form.Item>
          <Form.Item name="hallId" label={t('columns.hall')} rules={[{ required: true, message: t('new.hallNeeded') }]}>
            <HallSelect />
          </Form.Item>
          <FormProblem error={create.error} form={form} />
        </Form>
      )}
    </Modal>
  );
}

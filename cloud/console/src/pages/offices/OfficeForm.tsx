import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Form, Input, Modal, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { calendarsQuery } from '../../api/calendars.js';
import { changeOffice, createOffice, type Office, type OfficeFields, officesQuery } from '../../api/offices.js';
import { useLabel } from '../../i18n/use-language.js';
import { FormProblem } from '../parts/FormProblem.js';
import { withinOffice } from './office-tree.js';

interface OfficeFormProps {
  office?: Office;
  offices: readonly Office[];
  onClose: () => void;
  onDone?: (office: Office) => void;
}

/** Name, code, what it belongs to, when its people are on duty. */
export function OfficeForm({ office, offices, onClose, onDone }: OfficeFormProps) {
  const { t } = useTranslation(['offices', 'common']);
  const label = useLabel();
  const client = useQueryClient();
  const calendars = useQuery(calendarsQuery);
  const [form] = Form.useForm<OfficeFields>();
  const save = useMutation({
    mutationFn: (fields: OfficeFields) => {
      const input = { ...fields, parentId: fields.parentId ?? null, calendar: fields.calendar ?? null };
      return office ? changeOffice(office, input) : createOffice(input);
    },
    onSuccess: (saved) => {
      void client.invalidateQueries({ queryKey: officesQuery.queryKey });
      onDone?.(saved);
      onClose();
    },
  });
  const within = office ? withinOffice(offices, office.id) : new Set<string>();
  return (
    <Modal
      open
      title={t(office ? 'edit' : 'new')}
      onCancel={onClose}
      okText={t('common:save')}
      cancelText={t('common:cancel')}
      confirmLoading={save.isPending}
      onOk={() => form.submit()}
    >
      <Form<OfficeFields>
        form={form}
        layout="vertical"
        initialValues={
          office
            ? { name: office.name, code: office.code, parentId: office.parentId, calendar: office.calendar }
            : { parentId: null, calendar: null }
        }
        onFinish={(fields) => save.mutate(fields)}
      >
        <Form.Item
          name="name"
          label={t('name')}
          rules={[{ required: true, whitespace: true, message: t('nameNeeded') }]}
        >
          <Input maxLength={100} autoFocus />
        </Form.Item>
        <Form.Item
          name="code"
          label={t('code')}
          extra={t('codeHint')}
          rules={[{ required: true, pattern: /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u, message: t('codeHint') }]}
        >
          <Input maxLength={64} spellCheck={false} autoCapitalize="none" />
        </Form.Item>
        <Form.Item name="parentId" label={t('parent')}>
          <Select
            allowClear
            showSearch={{ optionFilterProp: 'label' }}
            placeholder={t('top')}
            options={offices.filter(({ id }) => !within.has(id)).map(({ id, name }) => ({ value: id, label: name }))}
          />
        </Form.Item>
        <Form.Item name="calendar" label={t('calendar')} extra={t('calendarHint')}>
          <Select
            allowClear
            placeholder={t('asAbove')}
            options={(calendars.data ?? []).map((one) => ({ value: one.code, label: label(one.label) }))}
          />
        </Form.Item>
        <FormProblem error={save.error} form={form} />
      </Form>
    </Modal>
  );
}

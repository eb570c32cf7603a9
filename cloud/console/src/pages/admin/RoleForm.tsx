import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Checkbox, Form, Input, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { changeRole, createRole, deleteRole, type Role, rightsQuery } from '../../api/people.js';
import { useLabel } from '../../i18n/use-language.js';
import { FormProblem } from '../parts/FormProblem.js';

interface Fields {
  key: string;
  zh: string;
  en?: string;
  rights: string[];
}

/** A role of one's own: a name and what it may do. */
export function RoleForm({ role, onClose }: { role?: Role; onClose: () => void }) {
  const { t } = useTranslation(['admin', 'common']);
  const label = useLabel();
  const { message } = App.useApp();
  const client = useQueryClient();
  const rights = useQuery(rightsQuery);
  const [form] = Form.useForm<Fields>();
  const done = () => {
    void message.success(t('common:saved'));
    void client.invalidateQueries({ queryKey: ['roles'] });
    onClose();
  };
  const save = useMutation({
    mutationFn: ({ key, zh, en, rights: chosen }: Fields) => {
      const input = { label: { zh: zh.trim(), ...(en?.trim() ? { en: en.trim() } : {}) }, rights: chosen };
      return role ? changeRole(role, input) : createRole({ key, ...input });
    },
    onSuccess: done,
  });
  const remove = useMutation({ mutationFn: deleteRole, onSuccess: done });
  const groups = [...new Set(rights.data?.map((right) => right.group))];
  return (
    <Modal
      open
      title={t(role ? 'roles.edit' : 'roles.add')}
      width={560}
      onCancel={onClose}
      footer={
        <div className="row">
          {role ? (
            <Button danger type="text" loading={remove.isPending} onClick={() => remove.mutate(role)}>
              {t('roles.remove')}
            </Button>
          ) : null}
          <span className="grow" />
          <Button onClick={onClose}>{t('common:cancel')}</Button>
          <Button type="primary" loading={save.isPending} onClick={() => form.submit()}>
            {t('common:save')}
          </Button>
        </div>
      }
    >
      <Form<Fields>
        form={form}
        layout="vertical"
        initialValues={{ key: role?.key, zh: role?.label.zh, en: role?.label.en, rights: role?.rights ?? [] }}
        onFinish={(fields) => save.mutate(fields)}
      >
        <Form.Item
          name="zh"
          label={t('roles.nameZh')}
          rules={[{ required: true, whitespace: true, message: t('roles.nameNeeded') }]}
        >
          <Input maxLength={100} autoFocus />
        </Form.Item>
        <Form.Item name="en" label={t('roles.nameEn')}>
          <Input maxLength={100} />
        </Form.Item>
        {role ? null : (
          <Form.Item
            name="key"
            label={t('roles.key')}
            extra={t('roles.keyHint')}
            rules={[
              { required: true, message: t('roles.keyNeeded') },
              { pattern: /^[a-z][a-z0-9-]{1,49}$/, message: t('roles.keyHint') },
            ]}
          >
            <Input maxLength={50} spellCheck={false} autoCapitalize="none" />
          </Form.Item>
        )}
        <Form.Item
          name="rights"
          label={t('roles.rights')}
          rules={[{ required: true, message: t('roles.rightsNeeded') }]}
        >
          <Checkbox.Group className="right-choices">
            {groups.map((group) => {
              const members = rights.data?.filter((right) => right.group === group) ?? [];
              return (
                <fieldset key={group} className="right-group">
                  <legend>{label(members[0]?.groupLabel)}</legend>
                  {members.map((right) => (
                    <Checkbox key={right.right} value={right.right}>
                      {label(right.label)}
                    </Checkbox>
                  ))}
                </fieldset>
              );
            })}
          </Checkbox.Group>
        </Form.Item>
        <FormProblem error={save.error ?? remove.error} form={form} />
      </Form>
    </Modal>
  );
}

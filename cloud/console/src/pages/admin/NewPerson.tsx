import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, Modal, Radio } from 'antd';
import { useTranslation } from 'react-i18next';
import { createUser } from '../../api/people.js';
import { inviteUser } from '../../api/sign-in.js';
import { useRights } from '../../app/session.js';
import { usePlaces } from '../../app/use-place.js';
import { FormProblem } from '../parts/FormProblem.js';
import { GrantFields, type GrantRow, toGrants } from './GrantFields.js';
import { InvitationLink } from './InvitationLink.js';
import { OneTimePassword } from './OneTimePassword.js';

interface Fields {
  userName: string;
  displayName: string;
  email?: string;
  way: 'invitation' | 'password';
  grants?: GrantRow[];
}

const invitationHours = 72;

/** A new account: by a link that works once, or with a one-time password. Either is shown this once. */
export function NewPerson({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(['admin', 'common']);
  const may = useRights();
  const places = usePlaces();
  const client = useQueryClient();
  const [form] = Form.useForm<Fields>();
  const create = useMutation({
    mutationFn: async (fields: Fields) => {
      const input = {
        userName: fields.userName.trim(),
        displayName: fields.displayName.trim(),
        ...(fields.email?.trim() ? { email: fields.email.trim() } : {}),
        grants: toGrants(fields.grants ?? [], places),
      };
      return fields.way === 'password'
        ? { ...(await createUser(input)), invitation: null }
        : { ...(await inviteUser({ ...input, hours: invitationHours })), oneTimePassword: '' };
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['users'] }),
  });
  return (
    <Modal
      open
      title={create.data ? t('people.added') : t('people.add')}
      width={520}
      mask={{ closable: false }}
      onCancel={onClose}
      footer={
        create.data ? (
          <Button type="primary" onClick={onClose}>
            {t('oneTime.kept')}
          </Button>
        ) : (
          [
            <Button key="cancel" onClick={onClose}>
              {t('common:cancel')}
            </Button>,
            <Button key="save" type="primary" loading={create.isPending} onClick={() => form.submit()}>
              {t('people.save')}
            </Button>,
          ]
        )
      }
    >
      {create.data ? (
        create.data.invitation ? (
          <InvitationLink name={create.data.user.displayName} invitation={create.data.invitation} />
        ) : (
          <OneTimePassword userName={create.data.user.userName} password={create.data.oneTimePassword} />
        )
      ) : (
        <Form<Fields>
          form={form}
          layout="vertical"
          initialValues={{ way: 'invitation' }}
          onFinish={(fields) => create.mutate(fields)}
        >
          <Form.Item
            name="displayName"
            label={t('people.name')}
            rules={[{ required: true, whitespace: true, message: t('people.nameNeeded') }]}
          >
            <Input autoFocus maxLength={100} autoComplete="off" />
          </Form.Item>
          <Form.Item
            name="userName"
            label={t('people.userName')}
            extra={t('people.userNameHint')}
            rules={[
              { required: true, message: t('people.userNameNeeded') },
              { min: 2, message: t('people.userNameShort') },
            ]}
          >
            <Input maxLength={64} autoComplete="off" autoCapitalize="none" spellCheck={false} />
          </Form.Item>
          <Form.Item
            name="email"
            label={t('people.email')}
            rules={[{ type: 'email', message: t('people.emailWrong') }]}
          >
            <Input maxLength={254} autoComplete="off" inputMode="email" />
          </Form.Item>
          {may('grant.write') ? <GrantFields /> : null}
          <Form.Item name="way" label={t('people.way')} required>
            <Radio.Group
              options={[
                { value: 'invitation', label: t('people.byInvitation') },
                { value: 'password', label: t('people.byPassword') },
              ]}
            />
          </Form.Item>
          <FormProblem error={create.error} form={form} />
        </Form>
      )}
    </Modal>
  );
}

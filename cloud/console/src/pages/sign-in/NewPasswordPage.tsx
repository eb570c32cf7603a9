import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Form } from 'antd';
import { useTranslation } from 'react-i18next';
import { changePassword, meQuery, signOut } from '../../api/session.js';
import { PasswordFields, type PasswordInput } from './PasswordFields.js';
import { SignInFrame } from './SignInFrame.js';

/** A one-time password opens nothing but this: the person's own password comes first. */
export default function NewPasswordPage({ userName, minLength }: { userName: string; minLength: number }) {
  const { t } = useTranslation('signIn');
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: changePassword,
    onSuccess: () => client.invalidateQueries({ queryKey: meQuery.queryKey }),
  });
  const leave = useMutation({
    mutationFn: signOut,
    onSettled: () => client.setQueryData(meQuery.queryKey, null),
  });
  return (
    <SignInFrame title={t('newPassword.title')} lead={t('newPassword.lead')}>
      <Form<PasswordInput>
        layout="vertical"
        requiredMark={false}
        disabled={change.isPending}
        onFinish={({ current, next }) => change.mutate({ current, next })}
      >
        <PasswordFields error={change.error} userName={userName} minLength={minLength} oneTime />
        <Button type="primary" htmlType="submit" size="large" block loading={change.isPending}>
          {t('newPassword.save')}
        </Button>
        <Button type="link" block onClick={() => leave.mutate()} className="sign-in-leave">
          {t('newPassword.leave')}
        </Button>
      </Form>
    </SignInFrame>
  );
}

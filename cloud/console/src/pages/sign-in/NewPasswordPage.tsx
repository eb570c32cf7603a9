import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Form } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../../api/api-error.js';
import { changePassword, meQuery, signOut } from '../../api/session.js';
import { PasswordFields, type PasswordInput } from './PasswordFields.js';
import { SignInFrame } from './SignInFrame.js';
import { forgetTyped, typedPassword } from './typed-password.js';

/** A one-time password opens nothing but this: the person's own password comes first. */
export default function NewPasswordPage({ userName, minLength }: { userName: string; minLength: number }) {
  const { t } = useTranslation('signIn');
  const client = useQueryClient();
  // Just typed to come here: asked for again only where it is not at hand, or not right any more.
  const [typed, setTyped] = useState(typedPassword);
  useEffect(() => forgetTyped, []);
  const change = useMutation({
    mutationFn: changePassword,
    onError: (error) => {
      if (isApiError(error) && error.fields.some(({ path }) => path.endsWith('current'))) setTyped(undefined);
    },
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
        onFinish={({ current, next }) => change.mutate({ current: typed ?? current, next })}
      >
        <PasswordFields
          error={change.error}
          userName={userName}
          minLength={minLength}
          oneTime
          withoutCurrent={typed !== undefined}
          present={typed}
        />
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

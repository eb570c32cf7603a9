import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Form } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../../api/api-error.js';
import { acceptBySignOn, acceptInvitation, isStep, lookAtInvitation } from '../../api/sign-in.js';
import { ErrorState } from '../../ui/states.js';
import { PasswordFields, type PasswordInput } from './PasswordFields.js';
import { SignInFrame } from './SignInFrame.js';
import { SignOnButtons } from './SignOnButtons.js';

/** Where an invitation's link leads: the invited person sets their own password. The token stays behind `#`. */
export default function JoinPage() {
  const { t } = useTranslation('signIn');
  const client = useQueryClient();
  const [token] = useState(() => window.location.hash.slice(1));
  const look = useQuery({
    queryKey: ['invitation'],
    queryFn: () => lookAtInvitation(token),
    retry: false,
    gcTime: 0,
    enabled: token !== '',
  });
  const accept = useMutation({
    mutationFn: (password: string) => acceptInvitation({ token, password }),
    onSuccess: (answer) => {
      client.clear();
      window.location.replace(isStep(answer) ? `/sign-in?step=code&trust=${answer.trustedDeviceDays}` : '/');
    },
  });
  useEffect(() => {
    document.title = `${t('join.title')} · HallHub`;
  }, [t]);
  const over = token === '' || isApiError(look.error, 'gone') || isApiError(look.error, 'invalid_input');
  if (over) {
    return (
      <SignInFrame title={t('join.overTitle')} lead={t('join.over')}>
        <Button block size="large" onClick={() => window.location.assign('/')}>
          {t('join.toSignIn')}
        </Button>
      </SignInFrame>
    );
  }
  if (look.error) return <ErrorState error={look.error} onRetry={() => void look.refetch()} />;
  if (!look.data) return null;
  const { userName, displayName, tenantName, passwordMinLength, providers } = look.data;
  return (
    <SignInFrame title={t('join.title')} lead={t('join.lead', { name: displayName, tenant: tenantName })}>
      <Form<PasswordInput>
        layout="vertical"
        requiredMark={false}
        disabled={accept.isPending}
        onFinish={({ next }) => accept.mutate(next)}
      >
        <p className="sign-in-name">
          {t('userName')} <strong>{userName}</strong>
        </p>
        <PasswordFields error={accept.error} userName={userName} minLength={passwordMinLength} withoutCurrent />
        <Button type="primary" htmlType="submit" size="large" block loading={accept.isPending}>
          {t('newPassword.save')}
        </Button>
      </Form>
      <SignOnButtons providers={providers} start={(providerId) => acceptBySignOn({ token, providerId })} />
    </SignInFrame>
  );
}

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { meQuery, signOut } from '../../api/session.js';
import { SetUpSecondFactor } from './SetUpSecondFactor.js';
import { SignInFrame } from './SignInFrame.js';

/** The rules ask for a second factor: the console opens once it is set up. */
export default function SecondFactorDuePage() {
  const { t } = useTranslation('signIn');
  const client = useQueryClient();
  const leave = useMutation({ mutationFn: signOut, onSettled: () => client.setQueryData(meQuery.queryKey, null) });
  return (
    <SignInFrame title={t('due.title')} lead={t('due.lead')}>
      <SetUpSecondFactor onDone={() => void client.invalidateQueries({ queryKey: meQuery.queryKey })} />
      <Button type="link" block className="sign-in-leave" onClick={() => leave.mutate()}>
        {t('newPassword.leave')}
      </Button>
    </SignInFrame>
  );
}

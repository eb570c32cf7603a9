import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, type InputRef } from 'antd';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../../api/api-error.js';
import { meQuery, signIn } from '../../api/session.js';
import { formatDuration } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { useProblemText } from '../../ui/problem-text.js';
import { SignInFrame } from './SignInFrame.js';

interface SignInFields {
  userName: string;
  password: string;
}

/** Sign-in by user name; the address that was asked for opens afterwards. */
export default function SignInPage() {
  const { t } = useTranslation('signIn');
  const language = useLanguage();
  const client = useQueryClient();
  const password = useRef<InputRef>(null);
  const enter = useMutation({
    mutationFn: signIn,
    onSuccess: (me) => client.setQueryData(meQuery.queryKey, me),
    onError: () => password.current?.select(),
  });
  useEffect(() => {
    document.title = `${t('title')} · HallHub`;
  }, [t]);
  const problem = useProblemText(enter.error);
  const message = !enter.error
    ? undefined
    : isApiError(enter.error, 'unauthenticated')
      ? t('wrong')
      : isApiError(enter.error, 'rate_limited')
        ? enter.error.retryAfterMs
          ? t('lockedFor', { time: formatDuration(enter.error.retryAfterMs, language) })
          : t('locked')
        : `${problem.what} ${problem.next}`;
  return (
    <SignInFrame title={t('title')} lead={t('lead')}>
      <Form<SignInFields>
        layout="vertical"
        requiredMark={false}
        onFinish={(values) => enter.mutate(values)}
        disabled={enter.isPending}
      >
        <Form.Item name="userName" label={t('userName')} rules={[{ required: true, message: t('userNameNeeded') }]}>
          <Input
            autoFocus
            autoComplete="username"
            autoCapitalize="none"
            spellCheck={false}
            size="large"
            maxLength={100}
          />
        </Form.Item>
        <Form.Item name="password" label={t('password')} rules={[{ required: true, message: t('passwordNeeded') }]}>
          <Input.Password ref={password} autoComplete="current-password" size="large" maxLength={200} />
        </Form.Item>
        {message ? (
          <p className="sign-in-problem" role="alert">
            {message}
          </p>
        ) : null}
        <Button type="primary" htmlType="submit" size="large" block loading={enter.isPending}>
          {t('enter')}
        </Button>
        <p className="sign-in-help small faint">{t('help')}</p>
      </Form>
    </SignInFrame>
  );
}

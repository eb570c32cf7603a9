import { useMutation } from '@tanstack/react-query';
import { Button, Checkbox, Form, Input, type InputRef } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../../api/api-error.js';
import type { Me } from '../../api/session.js';
import { enterCode } from '../../api/sign-in.js';
import { formatDuration } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { useProblemText } from '../../ui/problem-text.js';

interface CodeFormProps {
  trustedDeviceDays: number;
  onDone: (me: Me) => void;
  /** Back to user name and password. */
  onLeave: () => void;
}

/** Second step: a code of the authenticator app, or one of the recovery codes. */
export function CodeForm({ trustedDeviceDays, onDone, onLeave }: CodeFormProps) {
  const { t } = useTranslation('signIn');
  const language = useLanguage();
  const input = useRef<InputRef>(null);
  const [recovery, setRecovery] = useState(false);
  const enter = useMutation({ mutationFn: enterCode, onSuccess: onDone, onError: () => input.current?.select() });
  const problem = useProblemText(enter.error);
  const message = !enter.error
    ? undefined
    : isApiError(enter.error, 'unauthenticated')
      ? t('code.wrong')
      : isApiError(enter.error, 'gone')
        ? t('code.over')
        : isApiError(enter.error, 'rate_limited') && enter.error.retryAfterMs
          ? t('lockedFor', { time: formatDuration(enter.error.retryAfterMs, language) })
          : `${problem.what} ${problem.next}`;
  return (
    <Form<{ code: string; trust?: boolean }>
      layout="vertical"
      requiredMark={false}
      disabled={enter.isPending}
      onFinish={({ code, trust }) => enter.mutate({ code, trust: trust ?? false })}
    >
      <Form.Item
        key={recovery ? 'recovery' : 'app'}
        name="code"
        label={t(recovery ? 'code.recovery' : 'code.app')}
        rules={[{ required: true, whitespace: true, message: t('code.needed') }]}
      >
        <Input
          ref={input}
          autoFocus
          size="large"
          maxLength={40}
          autoComplete="one-time-code"
          autoCapitalize="none"
          spellCheck={false}
          {...(recovery ? {} : { inputMode: 'numeric' as const })}
        />
      </Form.Item>
      {trustedDeviceDays > 0 ? (
        <Form.Item name="trust" valuePropName="checked">
          <Checkbox>{t('code.trust', { count: trustedDeviceDays })}</Checkbox>
        </Form.Item>
      ) : null}
      {message ? (
        <p className="sign-in-problem" role="alert">
          {message}
        </p>
      ) : null}
      <Button type="primary" htmlType="submit" size="large" block loading={enter.isPending}>
        {t('code.enter')}
      </Button>
      <Button type="link" block className="sign-in-leave" onClick={() => setRecovery(!recovery)}>
        {t(recovery ? 'code.useApp' : 'code.useRecovery')}
      </Button>
      <Button type="link" block onClick={onLeave}>
        {t('code.leave')}
      </Button>
    </Form>
  );
}

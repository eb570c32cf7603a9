import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input, QRCode } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../../api/api-error.js';
import { beginSecondFactor, confirmSecondFactor } from '../../api/sign-in.js';
import { FormProblem } from '../parts/FormProblem.js';
import { Secret } from '../parts/Secret.js';
import { RecoveryCodes } from './RecoveryCodes.js';

interface SetUpProps {
  onDone: () => void;
  onCancel?: () => void;
}

/** The session is older than ten minutes, or the password typed was wrong: said at the field, in the person's language. */
const asksForPassword = (error: unknown): boolean =>
  isApiError(error) && error.fields.some((field) => field.path === 'body.password');

/** Scan, confirm with a code, keep the recovery codes. */
export function SetUpSecondFactor({ onDone, onCancel }: SetUpProps) {
  const { t } = useTranslation(['signIn', 'common']);
  const [form] = Form.useForm<{ code: string }>();
  const [proof] = Form.useForm<{ password?: string }>();
  const [asked, setAsked] = useState(false);
  const begin = useMutation({
    mutationFn: beginSecondFactor,
    onError: (error) => setAsked((before) => before || asksForPassword(error)),
  });
  const confirm = useMutation({ mutationFn: confirmSecondFactor });
  if (confirm.data) return <RecoveryCodes codes={confirm.data.recoveryCodes} onKept={onDone} />;
  const cancel = onCancel ? <Button onClick={onCancel}>{t('common:cancel')}</Button> : null;
  if (!begin.data) {
    const passwordAsked = asksForPassword(begin.error);
    return (
      <Form form={proof} layout="vertical" requiredMark={false} onFinish={({ password }) => begin.mutate(password)}>
        <p>{t('setUp.what')}</p>
        {asked ? (
          <Form.Item
            name="password"
            label={t('newPassword.current')}
            extra={t('setUp.why')}
            rules={[{ required: true, message: t('passwordNeeded') }]}
            {...(passwordAsked && begin.variables
              ? { validateStatus: 'error' as const, help: t('newPassword.currentWrong') }
              : {})}
          >
            <Input.Password autoComplete="current-password" maxLength={200} autoFocus />
          </Form.Item>
        ) : null}
        <FormProblem error={passwordAsked ? null : begin.error} form={proof} />
        <div className="row">
          <Button type="primary" htmlType="submit" loading={begin.isPending}>
            {t('setUp.begin')}
          </Button>
          {cancel}
        </div>
      </Form>
    );
  }
  return (
    <Form
      form={form}
      layout="vertical"
      requiredMark={false}
      className="stack"
      onFinish={({ code }) => confirm.mutate(code)}
    >
      <p>{t('setUp.scan')}</p>
      <div className="set-up-code" role="img" aria-label={t('setUp.qr')}>
        <QRCode type="svg" value={begin.data.uri} size={196} bordered={false} color="black" bgColor="white" />
      </div>
      <details>
        <summary>{t('setUp.byHand')}</summary>
        <Secret value={begin.data.secret.replace(/(.{4})(?=.)/g, '$1 ')} label={t('setUp.secret')} />
      </details>
      <Form.Item name="code" label={t('setUp.code')} rules={[{ required: true, message: t('code.needed') }]}>
        <Input
          size="large"
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={10}
          autoFocus
          aria-label={t('setUp.code')}
        />
      </Form.Item>
      <FormProblem error={confirm.error} form={form} />
      <div className="row">
        <Button type="primary" htmlType="submit" loading={confirm.isPending}>
          {t('setUp.confirm')}
        </Button>
        {cancel}
      </div>
    </Form>
  );
}

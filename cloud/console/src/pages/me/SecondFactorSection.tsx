import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { meQuery } from '../../api/session.js';
import { forgetDevice, removeSecondFactor, renewRecoveryCodes, secondFactorQuery } from '../../api/sign-in.js';
import { Section } from '../../ui/Page.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';
import { FormProblem } from '../parts/FormProblem.js';
import { RecoveryCodes } from '../sign-in/RecoveryCodes.js';
import { SetUpSecondFactor } from '../sign-in/SetUpSecondFactor.js';
import { browserName } from './browser-name.js';

type Doing = 'set-up' | 'remove' | 'renew';

/** One's own second factor: set up, recovery codes, browsers that are not asked. */
export function SecondFactorSection() {
  const { t } = useTranslation(['me', 'common']);
  const client = useQueryClient();
  const { message } = App.useApp();
  const query = useQuery(secondFactorQuery);
  const [doing, setDoing] = useState<Doing>();
  const refresh = () => void client.invalidateQueries({ queryKey: meQuery.queryKey });
  const forget = useMutation({ mutationFn: forgetDevice, onSettled: refresh });
  const factor = query.data;
  if (!factor) {
    return (
      <Section title={t('factor.title')}>
        <div className="card-pad">
          {query.error ? (
            <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
          ) : (
            <SkeletonLines lines={2} />
          )}
        </div>
      </Section>
    );
  }
  const close = () => {
    setDoing(undefined);
    refresh();
  };
  return (
    <Section title={t('factor.title')}>
      <div className="card-pad stack">
        {doing === 'set-up' ? (
          <SetUpSecondFactor
            onCancel={() => setDoing(undefined)}
            onDone={() => {
              close();
              void message.success(t('factor.nowOn'));
            }}
          />
        ) : doing ? (
          <CodeAction doing={doing} onClose={close} />
        ) : factor.enrolledAt ? (
          <>
            <p>{t('factor.on', { count: factor.recoveryCodesLeft })}</p>
            <div className="row row-wrap">
              <Button onClick={() => setDoing('renew')}>{t('factor.renew')}</Button>
              {factor.required ? null : <Button onClick={() => setDoing('remove')}>{t('factor.remove')}</Button>}
            </div>
            {factor.required ? <p className="faint small">{t('factor.required')}</p> : null}
          </>
        ) : factor.policy === 'off' ? (
          <p className="soft">{t('factor.turnedOff')}</p>
        ) : (
          <>
            <p className="soft">{t('factor.none')}</p>
            <div>
              <Button type="primary" onClick={() => setDoing('set-up')}>
                {t('factor.setUp')}
              </Button>
            </div>
          </>
        )}
      </div>
      {factor.devices.length > 0 ? (
        <ul className="lines" aria-label={t('factor.devices')}>
          {factor.devices.map((device) => (
            <li key={device.id} className="line">
              <div className="grow">
                <div>{browserName(device.userAgent) ?? t('unknownBrowser')}</div>
                <div className="faint small">
                  {t('factor.trustedUntil')} <RelativeTime time={device.expiresAt} />
                </div>
              </div>
              <Button size="small" loading={forget.isPending} onClick={() => forget.mutate(device.id)}>
                {t('factor.forget')}
              </Button>
            </li>
          ))}
        </ul>
      ) : null}
    </Section>
  );
}

function CodeAction({ doing, onClose }: { doing: 'remove' | 'renew'; onClose: () => void }) {
  const { t } = useTranslation(['me', 'signIn', 'common']);
  const [form] = Form.useForm<{ code: string }>();
  const run = useMutation({
    mutationFn: async (code: string) => {
      if (doing === 'renew') return (await renewRecoveryCodes(code)).recoveryCodes;
      await removeSecondFactor(code);
      return null;
    },
    onSuccess: (codes) => {
      if (codes === null) onClose();
    },
  });
  if (run.data) return <RecoveryCodes codes={run.data} onKept={onClose} />;
  return (
    <Form form={form} layout="vertical" requiredMark={false} onFinish={({ code }) => run.mutate(code)}>
      <Form.Item
        name="code"
        label={t(doing === 'renew' ? 'factor.codeToRenew' : 'factor.codeToRemove')}
        rules={[{ required: true, message: t('signIn:code.needed') }]}
      >
        <Input autoFocus maxLength={40} autoComplete="one-time-code" spellCheck={false} />
      </Form.Item>
      <FormProblem error={run.error} form={form} />
      <div className="row">
        <Button type="primary" danger={doing === 'remove'} htmlType="submit" loading={run.isPending}>
          {t(doing === 'renew' ? 'factor.renew' : 'factor.remove')}
        </Button>
        <Button onClick={onClose}>{t('common:cancel')}</Button>
      </div>
    </Form>
  );
}

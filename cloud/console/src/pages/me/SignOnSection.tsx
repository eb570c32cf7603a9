import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../../api/api-error.js';
import { linkSignOn, mySignOnsQuery, unlinkSignOn } from '../../api/sign-in.js';
import { Section } from '../../ui/Page.js';
import { FormProblem } from '../parts/FormProblem.js';
import { signOnProblemOf } from '../sign-in/sign-on-problem.js';

/** The session is older than ten minutes, or the password typed was wrong. */
const asksForPassword = (error: unknown): boolean =>
  isApiError(error) && error.fields.some((field) => field.path === 'body.password');

/** Accounts elsewhere that open this one. */
export function SignOnSection() {
  const { t } = useTranslation(['me', 'signIn']);
  const client = useQueryClient();
  const query = useQuery(mySignOnsQuery);
  const [problem] = useState(() => signOnProblemOf(new URLSearchParams(window.location.search).get('problem')));
  const [asked, setAsked] = useState<string>();
  const link = useMutation({
    mutationFn: linkSignOn,
    onSuccess: ({ url }) => window.location.assign(url),
    onError: (error, { providerId }) => asksForPassword(error) && setAsked(providerId),
  });
  const passwordWrong = asksForPassword(link.error) && link.variables?.password !== undefined;
  const unlink = useMutation({
    mutationFn: unlinkSignOn,
    onSettled: () => client.invalidateQueries({ queryKey: mySignOnsQuery.queryKey }),
  });
  if (!query.data || query.data.length === 0) return null;
  return (
    <Section title={t('signOns.title')}>
      {problem ? (
        <p className="sign-in-problem" role="alert">
          {t(`signIn:signOn.problem.${problem}`, { name: '' })}
        </p>
      ) : null}
      <ul className="lines">
        {query.data.map((one) => (
          <li key={one.providerId} className="line">
            <div className="grow">
              <div>{one.label}</div>
              <div className="faint small">{t(one.linked ? 'signOns.linked' : 'signOns.notLinked')}</div>
            </div>
            {one.linked ? (
              <Button size="small" loading={unlink.isPending} onClick={() => unlink.mutate(one.providerId)}>
                {t('signOns.unlink')}
              </Button>
            ) : (
              <Button size="small" loading={link.isPending} onClick={() => link.mutate({ providerId: one.providerId })}>
                {t('signOns.link')}
              </Button>
            )}
          </li>
        ))}
      </ul>
      {asked ? (
        <Form
          className="card-pad"
          layout="vertical"
          requiredMark={false}
          onFinish={({ password }: { password: string }) => link.mutate({ providerId: asked, password })}
        >
          <Form.Item
            name="password"
            label={t('signIn:newPassword.current')}
            extra={t('signIn:setUp.why')}
            rules={[{ required: true, message: t('signIn:passwordNeeded') }]}
            {...(passwordWrong ? { validateStatus: 'error' as const, help: t('signIn:newPassword.currentWrong') } : {})}
          >
            <Input.Password autoComplete="current-password" maxLength={200} autoFocus />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={link.isPending}>
            {t('signOns.link')}
          </Button>
        </Form>
      ) : null}
      <FormProblem error={unlink.error ?? (asksForPassword(link.error) ? null : link.error)} />
    </Section>
  );
}

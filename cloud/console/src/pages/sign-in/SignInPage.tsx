import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Input, type InputRef } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../../api/api-error.js';
import { type Me, signIn } from '../../api/session.js';
import { isStep, publicProvidersQuery, startSignOn } from '../../api/sign-in.js';
import { enterAs } from '../../app/forget-seen.js';
import { formatDuration } from '../../format/time.js';
import { useLanguage } from '../../i18n/use-language.js';
import { useProblemText } from '../../ui/problem-text.js';
import { CodeForm } from './CodeForm.js';
import { SignInFrame } from './SignInFrame.js';
import { SignOnButtons } from './SignOnButtons.js';
import { type SignOnProblem, signOnProblemOf } from './sign-on-problem.js';
import { forgetTyped, keepTyped } from './typed-password.js';

interface SignInFields {
  userName: string;
  password: string;
}

interface Facts {
  /** From the sign-on's way back: a code is still missing. */
  trust: number | null;
  problem: SignOnProblem | undefined;
  reference: string | null;
  name: string | null;
  org: string | undefined;
  to: string;
}

/** What the address says, read once: the router must not carry it on into the console. */
const readFacts = (): Facts => {
  const search = new URLSearchParams(window.location.search);
  const isOwn = window.location.pathname === '/sign-in';
  return {
    trust: isOwn && search.get('step') === 'code' ? Number(search.get('trust') ?? 0) || 0 : null,
    problem: isOwn ? signOnProblemOf(search.get('problem')) : undefined,
    reference: search.get('ref'),
    name: search.get('name')?.slice(0, 64) ?? null,
    org: search.get('org') ?? undefined,
    to: isOwn ? (search.get('to') ?? '/') : window.location.pathname + window.location.search,
  };
};

const safe = (path: string) => (/^\/(?![/\\])/.test(path) ? path : '/');

/** Sign-in by user name or single sign-on; the address that was asked for opens afterwards. `hasEnded`: a session that nobody left. */
export default function SignInPage({ hasEnded = false }: { hasEnded?: boolean }) {
  const { t } = useTranslation('signIn');
  const client = useQueryClient();
  const [facts] = useState(readFacts);
  const [isBack] = useState(hasEnded);
  const [trustDays, setTrustDays] = useState(facts.trust);
  const providers = useQuery(publicProvidersQuery(facts.org));
  const done = (me: Me) => {
    if (!me.user.mustChangePassword) forgetTyped();
    if (window.location.pathname === '/sign-in') window.history.replaceState(null, '', safe(facts.to));
    enterAs(client, me);
  };
  useEffect(() => {
    document.title = `${t('title')} · HallHub`;
  }, [t]);
  if (trustDays !== null) {
    return (
      <SignInFrame title={t('code.title')} lead={t('code.lead')}>
        <CodeForm trustedDeviceDays={trustDays} onDone={done} onLeave={() => setTrustDays(null)} />
      </SignInFrame>
    );
  }
  return (
    <SignInFrame title={t('title')} lead={t(isBack ? 'ended' : 'lead')}>
      {facts.problem ? (
        <div className="sign-in-problem" role="alert">
          <p>{t(`signOn.problem.${facts.problem}`, { name: facts.name ?? '' })}</p>
          {facts.reference ? (
            <p className="small sign-in-reference">
              {t('signOn.reference')} <code>{facts.reference}</code>
            </p>
          ) : null}
        </div>
      ) : null}
      <PasswordForm onDone={done} onStep={setTrustDays} />
      <SignOnButtons providers={providers.data ?? []} start={(id) => startSignOn(id, safe(facts.to))} />
      <p className="sign-in-help small faint">{t('help')}</p>
    </SignInFrame>
  );
}

function PasswordForm({ onDone, onStep }: { onDone: (me: Me) => void; onStep: (trustDays: number) => void }) {
  const { t } = useTranslation('signIn');
  const language = useLanguage();
  const password = useRef<InputRef>(null);
  const enter = useMutation({
    mutationFn: signIn,
    onSuccess: (answer, { password }) => {
      if (isStep(answer) || answer.user.mustChangePassword) keepTyped(password);
      return isStep(answer) ? onStep(answer.trustedDeviceDays) : onDone(answer);
    },
    onError: () => password.current?.select(),
  });
  const problem = useProblemText(enter.error);
  const message = !enter.error
    ? undefined
    : isApiError(enter.error, 'unauthenticated')
      ? t('wrong')
      : isApiError(enter.error, 'rate_limited')
        ? enter.error.retryAfterMs
          ? t(enter.error.reason === 'locked' ? 'lockedFor' : 'pacedFor', {
              time: formatDuration(enter.error.retryAfterMs, language),
            })
          : t('locked')
        : `${problem.what} ${problem.next}`;
  return (
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
    </Form>
  );
}

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { changeMe, changePassword, endSession, meQuery, ownSessionsQuery } from '../../api/session.js';
import { endOtherSessions } from '../../api/sign-in.js';
import { useMe } from '../../app/session.js';
import { useLabel } from '../../i18n/use-language.js';
import { Page, Section } from '../../ui/Page.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';
import { Facts } from '../parts/Facts.js';
import { FormProblem } from '../parts/FormProblem.js';
import { PasswordFields, type PasswordInput } from '../sign-in/PasswordFields.js';
import { browserName } from './browser-name.js';
import '../sign-in/sign-in.css';
import { ContactSection } from './ContactSection.js';
import { SecondFactorSection } from './SecondFactorSection.js';
import { SignOnSection } from './SignOnSection.js';
import './me.css';

/** One's own account: name, password, and where one is signed in. */
export default function MePage() {
  const { t } = useTranslation('me');
  const me = useMe();
  return (
    <Page title={t('title')}>
      <div className="me">
        <div>
          <Profile />
          <ContactSection />
          <Sessions />
        </div>
        <div>
          {me.signIn.hasPassword ? <Password /> : null}
          <SecondFactorSection />
          <SignOnSection />
        </div>
      </div>
    </Page>
  );
}

function Profile() {
  const { t } = useTranslation(['me', 'common']);
  const me = useMe();
  const label = useLabel();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [form] = Form.useForm<{ displayName: string }>();
  const save = useMutation({
    mutationFn: changeMe,
    onSuccess: (changed) => {
      client.setQueryData(meQuery.queryKey, changed);
      void message.success(t('common:saved'));
    },
  });
  return (
    <Section title={t('who')}>
      <div className="card-pad">
        <Facts
          facts={[
            { label: t('userName'), value: me.user.userName },
            { label: t('tenant'), value: label(me.tenant.name) },
          ]}
        />
        <Form
          form={form}
          layout="vertical"
          className="me-form"
          initialValues={{ displayName: me.user.displayName }}
          onFinish={(fields) => save.mutate({ displayName: fields.displayName.trim() })}
        >
          <Form.Item
            name="displayName"
            label={t('displayName')}
            rules={[{ required: true, whitespace: true, message: t('displayNameNeeded') }]}
          >
            <Input maxLength={100} />
          </Form.Item>
          <FormProblem error={save.error} form={form} />
          <Button htmlType="submit" loading={save.isPending}>
            {t('common:save')}
          </Button>
        </Form>
      </div>
    </Section>
  );
}

function Password() {
  const { t } = useTranslation('me');
  const me = useMe();
  const { message } = App.useApp();
  const [form] = Form.useForm<PasswordInput>();
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: changePassword,
    onSuccess: () => {
      // This session has a new id; the others and the trusted browsers are gone.
      void client.invalidateQueries({ queryKey: meQuery.queryKey });
      form.resetFields();
      void message.success(t('passwordChanged'));
    },
  });
  return (
    <Section title={t('password')}>
      <div className="card-pad">
        <Form<PasswordInput>
          form={form}
          layout="vertical"
          requiredMark={false}
          onFinish={({ current, next }) => change.mutate({ current, next })}
        >
          <PasswordFields error={change.error} userName={me.user.userName} minLength={me.signIn.passwordMinLength} />
          <Button htmlType="submit" loading={change.isPending}>
            {t('changePassword')}
          </Button>
          <p className="faint small me-hint">{t('passwordHint')}</p>
        </Form>
      </div>
    </Section>
  );
}

function Sessions() {
  const { t } = useTranslation('me');
  const client = useQueryClient();
  const query = useQuery(ownSessionsQuery);
  const end = useMutation({
    mutationFn: endSession,
    onSettled: () => client.invalidateQueries({ queryKey: ownSessionsQuery.queryKey }),
  });
  const others = (query.data?.items.length ?? 0) > 1;
  const endAll = useMutation({
    mutationFn: endOtherSessions,
    onSettled: () => client.invalidateQueries({ queryKey: ownSessionsQuery.queryKey }),
  });
  return (
    <Section
      title={t('sessions')}
      aside={
        others ? (
          <Button size="small" loading={endAll.isPending} onClick={() => endAll.mutate()}>
            {t('endOthers')}
          </Button>
        ) : undefined
      }
    >
      {query.data ? (
        <ul className="lines">
          {query.data.items.map((session) => (
            <li key={session.id} className="line">
              <div className="grow">
                <div>{browserName(session.userAgent) ?? t('unknownBrowser')}</div>
                <div className="faint small">
                  {[session.ip, t(`method.${session.method}`), session.current ? t('thisOne') : undefined]
                    .filter(Boolean)
                    .join(' · ')}
                </div>
              </div>
              <span className="line-end">
                <RelativeTime time={session.lastSeenAt ?? session.createdAt} />
              </span>
              {session.current ? null : (
                <Button
                  size="small"
                  loading={end.isPending && end.variables === session.id}
                  onClick={() => end.mutate(session.id)}
                >
                  {t('endSession')}
                </Button>
              )}
            </li>
          ))}
        </ul>
      ) : (
        <div className="card-pad">
          {query.error ? (
            <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
          ) : (
            <SkeletonLines lines={3} />
          )}
        </div>
      )}
    </Section>
  );
}

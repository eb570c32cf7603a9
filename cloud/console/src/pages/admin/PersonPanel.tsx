import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Form } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { changeUser, resetPassword, setGrants, type User, userQuery } from '../../api/people.js';
import { useMe, useRights } from '../../app/session.js';
import { usePlaces } from '../../app/use-place.js';
import { RelativeTime } from '../../ui/RelativeTime.js';
import { SidePanel } from '../../ui/SidePanel.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';
import { Facts } from '../parts/Facts.js';
import { FormProblem } from '../parts/FormProblem.js';
import { GrantFields, type GrantRow, toGrants, toRows } from './GrantFields.js';
import { useGrantText } from './grant-text.js';
import { OneTimePassword } from './OneTimePassword.js';
import { PersonSignIn } from './PersonSignIn.js';
import { UserMark } from './UserMark.js';

/** One person: who, what they may do where, and the account's state. */
export function PersonPanel({ userId, onClose }: { userId: string; onClose: () => void }) {
  const { t } = useTranslation('admin');
  const may = useRights();
  const query = useQuery(userQuery(userId));
  const user = query.data;
  return (
    <SidePanel
      title={user?.displayName ?? t('tabs.people')}
      mark={user ? <UserMark state={user.state} /> : undefined}
      onClose={onClose}
    >
      {user ? (
        <div className="stack person">
          <Facts
            facts={[
              { label: t('people.userName'), value: user.userName },
              user.email ? { label: t('people.email'), value: user.email } : null,
              {
                label: t('people.lastSignIn'),
                value: user.mustChangePassword ? t('people.oneTimeOut') : <RelativeTime time={user.lastSignInAt} />,
              },
            ]}
          />
          <PersonGrants key={user.version} user={user} />
          <PersonAccount user={user} />
          {may('user.write') ? <PersonSignIn user={user} /> : null}
        </div>
      ) : query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
      ) : (
        <SkeletonLines lines={6} />
      )}
    </SidePanel>
  );
}

function PersonGrants({ user }: { user: User }) {
  const { t } = useTranslation(['admin', 'common']);
  const may = useRights();
  const places = usePlaces();
  const grantText = useGrantText();
  const client = useQueryClient();
  const { message } = App.useApp();
  const [editing, setEditing] = useState(false);
  const [form] = Form.useForm<{ grants?: GrantRow[] }>();
  const save = useMutation({
    mutationFn: ({ grants }: { grants?: GrantRow[] }) => setGrants(user, toGrants(grants ?? [], places)),
    onSuccess: (changed) => {
      client.setQueryData(userQuery(user.id).queryKey, changed);
      void client.invalidateQueries({ queryKey: ['users', 'list'] });
      void message.success(t('common:saved'));
      setEditing(false);
    },
  });
  if (editing) {
    return (
      <Form
        form={form}
        layout="vertical"
        initialValues={{ grants: toRows(user.grants) }}
        onFinish={(f) => save.mutate(f)}
      >
        <GrantFields />
        <FormProblem error={save.error} />
        <div className="row">
          <Button type="primary" htmlType="submit" loading={save.isPending}>
            {t('grant.save')}
          </Button>
          <Button onClick={() => setEditing(false)}>{t('common:cancel')}</Button>
        </div>
      </Form>
    );
  }
  return (
    <section aria-label={t('people.grants')}>
      <div className="row person-head">
        <h3 className="grow soft">{t('people.grants')}</h3>
        {may('grant.write') ? (
          <Button size="small" onClick={() => setEditing(true)}>
            {t('grant.edit')}
          </Button>
        ) : null}
      </div>
      {user.grants.length > 0 ? (
        <ul className="person-grants">
          {user.grants.map((grant) => (
            <li key={grantText(grant)}>{grantText(grant)}</li>
          ))}
        </ul>
      ) : (
        <p className="soft">{t('people.noGrantsHint')}</p>
      )}
    </section>
  );
}

function PersonAccount({ user }: { user: User }) {
  const { t } = useTranslation('admin');
  const me = useMe();
  const may = useRights();
  const client = useQueryClient();
  const { message } = App.useApp();
  const changed = (next: User) => {
    client.setQueryData(userQuery(user.id).queryKey, next);
    void client.invalidateQueries({ queryKey: ['users', 'list'] });
  };
  const setState = useMutation({
    mutationFn: (state: 'active' | 'disabled') => changeUser(user, { state }),
    onSuccess: (next) => {
      changed(next);
      void message.success(t(next.state === 'disabled' ? 'account.nowDisabled' : 'account.nowActive'));
    },
  });
  const reset = useMutation({
    mutationFn: () => resetPassword(user.id),
    onSuccess: () => void client.invalidateQueries({ queryKey: ['users'] }),
  });
  if (!may('user.write')) return null;
  const self = me.user.id === user.id;
  return (
    <section aria-label={t('account.title')} className="stack">
      <h3 className="soft">{t('account.title')}</h3>
      {reset.data ? <OneTimePassword userName={user.userName} password={reset.data.oneTimePassword} /> : null}
      <FormProblem error={setState.error ?? reset.error} />
      <div className="row row-wrap">
        <Button onClick={() => reset.mutate()} loading={reset.isPending} disabled={self}>
          {t('account.reset')}
        </Button>
        {user.state === 'active' ? (
          <Button danger disabled={self} loading={setState.isPending} onClick={() => setState.mutate('disabled')}>
            {t('account.disable')}
          </Button>
        ) : (
          <Button loading={setState.isPending} onClick={() => setState.mutate('active')}>
            {t(user.state === 'locked' ? 'account.unlock' : 'account.enable')}
          </Button>
        )}
      </div>
      <p className="faint small">{t(self ? 'account.self' : 'account.hint')}</p>
    </section>
  );
}

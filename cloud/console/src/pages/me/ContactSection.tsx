import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Checkbox, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import {
  type ChannelPrefs,
  type Contact,
  changePrefs,
  confirmPhone,
  contactQuery,
  forgetPhone,
  liftOwnHold,
  provePhone,
  topics,
} from '../../api/notice-channels.js';
import { Section } from '../../ui/Page.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';
import { useWhy } from '../notice-channels/looks.js';
import { Facts } from '../parts/Facts.js';
import { FormProblem } from '../parts/FormProblem.js';
import '../notice-channels/notice-channels.css';

/** How this person is reached outside the console, and what of. */
export function ContactSection() {
  const { t } = useTranslation('noticeChannels');
  const query = useQuery(contactQuery);
  return (
    <Section title={t('contact.title')}>
      <div className="card-pad stack">
        {query.error ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} compact />
        ) : query.isPending ? (
          <SkeletonLines lines={4} />
        ) : query.data.channels.length === 0 ? (
          <p className="soft">{t('contact.off')}</p>
        ) : (
          <Reached contact={query.data} />
        )}
      </div>
    </Section>
  );
}

function Reached({ contact }: { contact: Contact }) {
  const { t } = useTranslation('noticeChannels');
  const why = useWhy();
  const client = useQueryClient();
  const keep = (next: Contact) => client.setQueryData(contactQuery.queryKey, next);
  const save = useMutation({ mutationFn: changePrefs, onSuccess: keep });
  const forget = useMutation({
    mutationFn: forgetPhone,
    onSuccess: () => client.invalidateQueries({ queryKey: contactQuery.queryKey }),
  });
  const lift = useMutation({
    mutationFn: liftOwnHold,
    onSettled: () => client.invalidateQueries({ queryKey: contactQuery.queryKey }),
  });
  const has = (kind: 'email' | 'sms') => contact.channels.includes(kind);
  return (
    <>
      <Facts
        facts={[
          { label: t('contact.email'), value: contact.email ?? <span className="soft">{t('contact.noEmail')}</span> },
          {
            label: t('contact.phone'),
            value: contact.phone ? (
              <>
                {contact.phone.shown}{' '}
                <Button size="small" type="link" loading={forget.isPending} onClick={() => forget.mutate()}>
                  {t('contact.remove')}
                </Button>
              </>
            ) : (
              <span className="soft">{t(has('sms') ? 'contact.noPhone' : 'contact.noSms')}</span>
            ),
          },
        ]}
      />
      {contact.held ? (
        <div className="nc-trouble" role="status">
          <strong>{why(contact.held.code)}</strong>
          <p>{t('held.own')}</p>
          <Button loading={lift.isPending} onClick={() => lift.mutate()}>
            {t('held.lift')}
          </Button>
        </div>
      ) : null}
      {has('sms') && !contact.phone ? <ProvePhone contact={contact} onChange={keep} /> : null}
      {(['email', 'sms'] as const)
        .filter((kind) => has(kind) && (kind === 'email' ? contact.email : contact.phone))
        .map((kind) => (
          <Prefs
            key={kind}
            kind={kind}
            prefs={contact.prefs[kind]}
            onChange={(prefs) => save.mutate({ ...contact.prefs, [kind]: prefs })}
          />
        ))}
      <FormProblem error={save.error ?? forget.error ?? lift.error} />
    </>
  );
}

interface PrefsProps {
  kind: 'email' | 'sms';
  prefs: ChannelPrefs;
  onChange: (prefs: ChannelPrefs) => void;
}

function Prefs({ kind, prefs, onChange }: PrefsProps) {
  const { t } = useTranslation('noticeChannels');
  return (
    <fieldset className="nc-prefs" aria-label={t(`contact.on.${kind}`)}>
      <Checkbox checked={prefs.on} onChange={({ target }) => onChange({ ...prefs, on: target.checked })}>
        {t(`contact.on.${kind}`)}
      </Checkbox>
      {prefs.on ? (
        <>
          <Checkbox.Group
            value={prefs.topics}
            options={topics.map((value) => ({ value, label: t(`contact.topic.${value}`) }))}
            onChange={(chosen) => onChange({ ...prefs, topics: topics.filter((one) => chosen.includes(one)) })}
          />
          <Checkbox
            checked={prefs.workHours}
            onChange={({ target }) => onChange({ ...prefs, workHours: target.checked })}
          >
            {t('contact.workHours')}
          </Checkbox>
        </>
      ) : null}
    </fieldset>
  );
}

function ProvePhone({ contact, onChange }: { contact: Contact; onChange: (next: Contact) => void }) {
  const { t } = useTranslation('noticeChannels');
  const [phone, setPhone] = useState('');
  const [code, setCode] = useState('');
  const send = useMutation({ mutationFn: () => provePhone(phone.trim()), onSuccess: onChange });
  const confirm = useMutation({ mutationFn: () => confirmPhone(code), onSuccess: onChange });
  return (
    <div className="stack">
      <form
        className="nc-row"
        onSubmit={(event) => {
          event.preventDefault();
          send.mutate();
        }}
      >
        <Input
          aria-label={t('contact.newPhone')}
          placeholder={t('contact.newPhone')}
          inputMode="tel"
          maxLength={20}
          value={phone}
          onChange={({ target }) => setPhone(target.value)}
        />
        <Button htmlType="submit" loading={send.isPending} disabled={phone.trim() === ''}>
          {t('contact.sendCode')}
        </Button>
      </form>
      <FormProblem error={send.error} />
      {contact.pending ? (
        <form
          className="stack"
          onSubmit={(event) => {
            event.preventDefault();
            confirm.mutate();
          }}
        >
          <p role="status">{t('contact.codeSent', { phone: contact.pending.shown })}</p>
          <div className="nc-row">
            <Input
              aria-label={t('contact.code')}
              placeholder={t('contact.code')}
              inputMode="numeric"
              autoComplete="one-time-code"
              maxLength={6}
              value={code}
              onChange={({ target }) => setCode(target.value.replace(/\D/g, ''))}
            />
            <Button type="primary" htmlType="submit" loading={confirm.isPending} disabled={code.length !== 6}>
              {t('contact.confirm')}
            </Button>
          </div>
          <FormProblem error={confirm.error} />
        </form>
      ) : null}
    </div>
  );
}

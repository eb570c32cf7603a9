import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Input, Popover } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type NoticeChannel, testNoticeChannel } from '../../api/notice-channels.js';
import { StatusMark } from '../../ui/StatusMark.js';
import { FormProblem } from '../parts/FormProblem.js';
import { useWhy } from './looks.js';

/** Sends one message now and says in plain words what came of it. */
export function TestChannel({ channel }: { channel: NoticeChannel }) {
  const { t } = useTranslation('noticeChannels');
  const why = useWhy();
  const client = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const [to, setTo] = useState('');
  const field = useId();
  const test = useMutation({
    mutationFn: () => testNoticeChannel(channel, channel.kind === 'webhook' ? undefined : to.trim()),
    onSettled: () => client.invalidateQueries({ queryKey: ['notice-channels'] }),
  });
  const asks = channel.kind !== 'webhook';
  const panel = (
    <form
      className="stack nc-test"
      onSubmit={(event) => {
        event.preventDefault();
        test.mutate();
      }}
    >
      {asks ? (
        <div>
          <label htmlFor={field}>{t(`test.to.${channel.kind as 'email'}`)}</label>
          <Input id={field} autoFocus value={to} maxLength={254} onChange={({ target }) => setTo(target.value)} />
        </div>
      ) : (
        <p>{t('test.webhook')}</p>
      )}
      <Button type="primary" htmlType="submit" loading={test.isPending} disabled={asks && to.trim() === ''}>
        {t('test.send')}
      </Button>
      {test.data ? (
        <div role="status">
          {test.data.ok ? (
            <StatusMark tone="quiet" shape="check" word={t('test.ok', { ms: test.data.tookMs })} />
          ) : (
            <>
              <StatusMark tone="bad" shape="triangle" word={why(test.data.code)} />
              <p>{t(`todo.${test.data.code ?? 'other'}` as 'todo.other', { defaultValue: t('todo.other') })}</p>
              {test.data.detail ? <p className="small soft break">{test.data.detail}</p> : null}
            </>
          )}
        </div>
      ) : null}
      <FormProblem error={test.error} />
    </form>
  );
  return (
    <Popover open={isOpen} onOpenChange={setOpen} trigger="click" placement="bottomLeft" arrow={false} content={panel}>
      <Button>{t('test.label')}</Button>
    </Popover>
  );
}

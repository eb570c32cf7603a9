import { useQueryClient } from '@tanstack/react-query';
import { App, Button } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { isApiError } from '../../api/api-error.js';
import { allMessages, type Channel, replayMessage } from '../../api/exchange.js';

/** What failed and what was refused, all tried again one after the other; it can be stopped, and says what came of it. */
export function ReplayAll({ channel }: { channel: Channel }) {
  const { t } = useTranslation('exchange');
  const { message } = App.useApp();
  const client = useQueryClient();
  const [done, setDone] = useState<{ at: number; of: number }>();
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);
  const count = channel.failed + channel.refused;
  const run = async () => {
    const abort = new AbortController();
    stop.current = abort;
    let [good, bad] = [0, 0];
    try {
      setDone({ at: 0, of: count });
      const ids = [
        ...(await allMessages(channel.id, 'failed', abort.signal)),
        ...(await allMessages(channel.id, 'refused', abort.signal)),
      ];
      // Oldest first: the messages of a ticket go in their order.
      for (const [i, id] of ids.reverse().entries()) {
        if (abort.signal.aborted) break;
        setDone({ at: i + 1, of: ids.length });
        try {
          await replayMessage(channel.id, id);
          good += 1;
        } catch (error) {
          if (!isApiError(error, 'conflict')) throw error;
          bad += 1;
        }
      }
      void message.info(t('replay.result', { good, bad }));
    } catch {
      if (!abort.signal.aborted) void message.error(t('replay.broke', { good }));
    } finally {
      setDone(undefined);
      void client.invalidateQueries({ queryKey: ['exchange-channels'] });
      void client.invalidateQueries({ queryKey: ['exchange-messages'] });
    }
  };
  if (done)
    return (
      <Button onClick={() => stop.current?.abort()}>
        {t('replay.going', { at: done.at, of: done.of })} · {t('replay.stop')}
      </Button>
    );
  return count > 0 ? <Button onClick={() => void run()}>{t('replay.all', { count })}</Button> : null;
}

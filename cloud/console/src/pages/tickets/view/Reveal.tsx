import { useMutation } from '@tanstack/react-query';
import { Button, Input, Popover } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { revealField } from '../../../api/tickets.js';
import { Icon } from '../../../ui/icons.js';
import { useProblemText } from '../../../ui/problem-text.js';

/** A personal field, opened with a reason that is written down. */
export function Reveal({ ticketId, field, label }: { ticketId: string; field: string; label: string }) {
  const { t } = useTranslation('tickets');
  const [reason, setReason] = useState('');
  const reveal = useMutation({ mutationFn: () => revealField(ticketId, { field, reason: reason.trim() }) });
  const problem = useProblemText(reveal.error);
  if (reveal.data) {
    const { value } = reveal.data;
    return <strong className="revealed">{typeof value === 'string' ? value : JSON.stringify(value)}</strong>;
  }
  return (
    <Popover
      trigger="click"
      placement="bottomLeft"
      arrow={false}
      title={t('reveal.title', { field: label })}
      content={
        <form
          className="stack reveal-form"
          onSubmit={(event) => {
            event.preventDefault();
            if (reason.trim()) reveal.mutate();
          }}
        >
          <p className="small soft">{t('reveal.hint')}</p>
          <Input
            autoFocus
            value={reason}
            maxLength={200}
            placeholder={t('reveal.reason')}
            aria-label={t('reveal.reason')}
            onChange={(event) => setReason(event.target.value)}
          />
          {reveal.error ? (
            <p role="alert" className="problem-inline small">
              {problem.what} {problem.next}
            </p>
          ) : null}
          <Button type="primary" htmlType="submit" disabled={!reason.trim()} loading={reveal.isPending}>
            {t('reveal.show')}
          </Button>
        </form>
      }
    >
      <Button type="link" size="small" icon={<Icon name="lock" size={14} />}>
        {t('reveal.label')}
      </Button>
    </Popover>
  );
}

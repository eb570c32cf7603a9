import { uuidv7 } from '@hallhub/shared/ids';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Modal, Select } from 'antd';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { makeableKindsQuery, type Offer, splitTicket, type TicketPage } from '../../../api/tickets.js';
import { useRights } from '../../../app/session.js';
import { useLabel } from '../../../i18n/use-language.js';
import { Icon } from '../../../ui/icons.js';
import { useProblemText } from '../../../ui/problem-text.js';
import { FieldForm } from './FieldForm.js';
import { makeKeys } from './make-keys.js';
import { RefusedWord } from './RefusedWord.js';
import { refusalOf } from './refusal.js';

interface SplitDialogProps {
  page: TicketPage;
  offer: Offer;
  onClose: () => void;
}

const mostParts = 20;
type Fields = Record<string, unknown>;

/** Parts of a ticket as tickets of their own; it waits for all of them before it is solved. */
export function SplitDialog({ page, onClose }: SplitDialogProps) {
  const { t } = useTranslation('tickets');
  const label = useLabel();
  const { message } = App.useApp();
  const client = useQueryClient();
  const mayMake = useRights()('ticket.make');
  const kinds = useQuery({ ...makeableKindsQuery, enabled: mayMake });
  // Who may make no tickets splits into parts of the same kind: its action gives the leave.
  const own = { code: page.kind.code, document: page.document };
  const choices = kinds.data?.items ?? (mayMake ? [] : [own]);
  const [code, setCode] = useState(page.kind.code);
  const [parts, setParts] = useState<{ id: string; fields: Fields }[]>(() => [{ id: uuidv7(), fields: {} }]);
  const intent = useRef(uuidv7());
  const kind = choices.find((one) => one.code === code) ?? choices[0];
  const asked = kind ? makeKeys(kind.document) : undefined;
  const shown = [...new Set(asked?.required ?? [])];
  const split = useMutation({
    mutationFn: () =>
      splitTicket(
        page.id,
        {
          kind: kind?.code ?? '',
          tickets: parts.map(({ fields }) => ({
            kind: kind?.code ?? '',
            fields: fields as Parameters<typeof splitTicket>[1]['tickets'][number]['fields'],
            ...{ level: null, hallId: page.hall?.id ?? null, deviceId: page.device?.id ?? null, parentId: page.id },
          })),
        },
        intent.current,
      ),
    onSuccess: () => {
      void client.invalidateQueries({ queryKey: ['tickets'] });
      void message.success(t('split.done', { count: parts.length }));
      onClose();
    },
  });
  const problem = useProblemText(split.error);
  const refused = refusalOf(split.error);
  const isReady =
    kind !== undefined &&
    parts.every(({ fields }) => shown.every((key) => fields[key] !== undefined && fields[key] !== null));
  const change = (id: string, key: string, value: unknown) =>
    setParts((was) =>
      was.map((part) => (part.id === id ? { ...part, fields: { ...part.fields, [key]: value } } : part)),
    );
  return (
    <Modal
      open
      title={t('split.title')}
      okText={t('split.send', { count: parts.length })}
      okButtonProps={{ disabled: !isReady }}
      confirmLoading={split.isPending}
      onOk={() => split.mutate()}
      onCancel={onClose}
      width={640}
    >
      <div className="stack">
        <Select
          aria-label={t('make.kind')}
          options={choices.map((one) => ({ value: one.code, label: label(one.document.label) }))}
          value={kind?.code ?? null}
          onChange={(next) => next && setCode(next)}
        />
        {kind
          ? parts.map((part, i) => (
              <div key={part.id} className="split-part">
                <div className="row">
                  <strong className="grow">{t('split.part', { number: i + 1 })}</strong>
                  {parts.length > 1 ? (
                    <Button
                      type="text"
                      size="small"
                      icon={<Icon name="close" size={14} />}
                      aria-label={t('split.drop', { number: i + 1 })}
                      onClick={() => setParts((was) => was.filter(({ id }) => id !== part.id))}
                    />
                  ) : null}
                </div>
                <FieldForm
                  document={kind.document}
                  keys={shown}
                  required={shown}
                  value={(key) => part.fields[key]}
                  onChange={(key, value) => change(part.id, key, value)}
                  problems={{}}
                />
              </div>
            ))
          : null}
        {parts.length < mostParts ? (
          <Button onClick={() => setParts((was) => [...was, { id: uuidv7(), fields: {} }])}>{t('split.add')}</Button>
        ) : null}
        {split.error ? (
          refused && kind ? (
            <RefusedWord refused={refused} document={kind.document} />
          ) : (
            <p role="alert" className="problem-inline">
              {problem.what} {problem.next}
            </p>
          )
        ) : null}
      </div>
    </Modal>
  );
}

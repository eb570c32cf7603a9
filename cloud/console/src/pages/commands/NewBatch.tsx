import { uuidv7 } from '@hallhub/shared/ids';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Form, Modal, Select } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { type CommandBatch, issueBatch } from '../../api/commands.js';
import type { DeviceSummary } from '../../api/devices.js';
import { formatDuration } from '../../format/time.js';
import { useLabel, useLanguage } from '../../i18n/use-language.js';
import { SkeletonLines } from '../../ui/Skeleton.js';
import { ErrorState } from '../../ui/states.js';
import { CommandFields } from '../devices/CommandFields.js';
import { type CommandValues, filled, initialOf } from '../devices/command-values.js';
import { FormProblem } from '../parts/FormProblem.js';
import { BatchConfirm } from './BatchConfirm.js';
import { BatchTargets } from './BatchTargets.js';
import { type DeadlineChoice, deadlineChoices, deadlineOf } from './deadlines.js';
import { useSharedCommands } from './use-shared-commands.js';
import './commands.css';

interface NewBatchProps {
  devices: readonly DeviceSummary[];
  onSent: (batch: CommandBatch) => void;
  onClose: () => void;
}

/** One command to the devices selected: which, with what and until when, then a last look at who will get it. */
export function NewBatch({ devices, onSent, onClose }: NewBatchProps) {
  const { t } = useTranslation(['commands', 'common']);
  const label = useLabel();
  const language = useLanguage();
  const client = useQueryClient();
  const [form] = Form.useForm<CommandValues>();
  const { shared, error, unknown } = useSharedCommands(devices);
  const [chosen, setChosen] = useState<string>();
  const [deadline, setDeadline] = useState<DeadlineChoice>('default');
  const [asked, setAsked] = useState<CommandValues>();
  const [intent] = useState(uuidv7);
  const command = shared?.commands.find(({ id }) => id === (chosen ?? shared.commands[0]?.id));
  const deadlineMs = deadlineOf(deadline);
  const send = useMutation({
    mutationFn: (input: CommandValues) =>
      issueBatch(
        devices.map(({ id }) => id),
        { name: command?.id ?? '', input, ...(deadlineMs === undefined ? {} : { deadlineMs }) },
        intent,
      ),
    onSuccess: (batch) => {
      client.setQueryData(['commands', 'batch', batch.id], batch);
      void client.invalidateQueries({ queryKey: ['commands', 'list'] });
      onSent(batch);
    },
  });
  const none = shared && shared.commands.length === 0;
  return (
    <Modal
      open
      title={t('batch.title', { count: devices.length })}
      width={560}
      onCancel={onClose}
      footer={
        asked ? null : (
          <>
            <Button onClick={onClose}>{t(command ? 'common:cancel' : 'common:close')}</Button>
            {command ? (
              <Button type="primary" onClick={() => form.submit()}>
                {t('batch.next')}
              </Button>
            ) : null}
          </>
        )
      }
    >
      {error ? <ErrorState error={error} compact /> : null}
      {!shared && !error ? <SkeletonLines lines={4} /> : null}
      {none ? (
        <div className="stack">
          <p>{t(unknown.length > 0 ? 'batch.noModel' : 'batch.noneShared')}</p>
          <BatchTargets devices={unknown.length > 0 ? unknown : devices} />
        </div>
      ) : null}
      {command && asked ? (
        <BatchConfirm
          {...{ devices, command, input: asked, deadlineMs }}
          pending={send.isPending}
          onSend={() => send.mutate(asked)}
          onBack={() => {
            send.reset();
            setAsked(undefined);
          }}
        />
      ) : null}
      {command ? (
        <Form<CommandValues>
          key={command.id}
          form={form}
          layout="vertical"
          // Stays while it is confirmed: going back finds what was typed.
          hidden={asked !== undefined}
          initialValues={initialOf(command.input)}
          onFinish={(values) => setAsked(filled(values))}
        >
          <Form.Item
            label={t('columns.name')}
            htmlFor="batch-command"
            required
            extra={[label(command.description), unlikeText()].filter(Boolean).join(' ')}
          >
            <Select
              id="batch-command"
              autoFocus
              aria-label={t('columns.name')}
              showSearch={{ optionFilterProp: 'label' }}
              value={command.id}
              options={shared?.commands.map((one) => ({ value: one.id, label: label(one.label) }))}
              onChange={(id) => {
                form.resetFields();
                setChosen(id);
              }}
            />
          </Form.Item>
          <CommandFields command={command} />
          <Form.Item label={t('batch.deadline')} htmlFor="batch-deadline" required extra={t('batch.deadlineHint')}>
            <Select
              id="batch-deadline"
              aria-label={t('batch.deadline')}
              value={deadline}
              options={deadlineChoices.map((value) => ({
                value,
                label: formatDeadline(value),
              }))}
              onChange={setDeadline}
            />
          </Form.Item>
        </Form>
      ) : null}
      {send.error ? <FormProblem error={send.error} form={form} /> : null}
    </Modal>
  );

  function formatDeadline(choice: DeadlineChoice): string {
    const ms = deadlineOf(choice);
    return ms === undefined ? t('batch.deadlineDefault') : formatDuration(ms, language);
  }

  function unlikeText(): string {
    const unlike = shared?.unlike ?? [];
    const list = new Intl.ListFormat(language === 'en' ? 'en' : 'zh-CN');
    return unlike.length === 0 ? '' : t('batch.unlike', { names: list.format(unlike.map((one) => label(one.label))) });
  }
}

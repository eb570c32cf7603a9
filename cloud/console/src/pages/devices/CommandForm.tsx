import { uuidv7 } from '@hallhub/shared/ids';
import type { CommandModel } from '@hallhub/shared/thing';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Form } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { issueCommand } from '../../api/commands.js';
import type { Device } from '../../api/devices.js';
import { useLabel } from '../../i18n/use-language.js';
import { FormProblem } from '../parts/FormProblem.js';
import { CommandFields } from './CommandFields.js';
import { CommandProgress } from './CommandProgress.js';
import { filled, initialOf, type CommandValues as Values } from './command-values.js';
import { isAway } from './writable.js';

interface CommandFormProps {
  device: Device;
  command: CommandModel;
}

/** One command of a thing model as a form: typed fields, checked as they are typed, followed until it is finished. */
export function CommandForm({ device, command }: CommandFormProps) {
  const { t } = useTranslation('commands');
  const label = useLabel();
  const client = useQueryClient();
  const [form] = Form.useForm<Values>();
  const [asking, setAsking] = useState(false);
  const [intent, setIntent] = useState(uuidv7);
  const send = useMutation({
    mutationFn: (input: Values) => issueCommand(device.id, { name: command.id, input }, intent),
    onSuccess: (issued) => {
      setAsking(false);
      setIntent(uuidv7());
      client.setQueryData(['commands', 'one', issued.id], issued);
      void client.invalidateQueries({ queryKey: ['commands', 'list'] });
    },
  });
  return (
    <section className="command" aria-label={label(command.label)}>
      <Form<Values>
        form={form}
        layout="vertical"
        initialValues={initialOf(command.input)}
        disabled={send.isPending}
        onFinish={(values) => (command.dangerous && !asking ? setAsking(true) : send.mutate(filled(values)))}
      >
        <div className="command-head">
          <div className="grow">
            <h3 className="command-name">{label(command.label)}</h3>
            {command.description ? <p className="faint small">{label(command.description)}</p> : null}
          </div>
          {command.input.length === 0 && !asking ? (
            <Button htmlType="submit" danger={command.dangerous} loading={send.isPending}>
              {t('send')}
            </Button>
          ) : null}
        </div>
        <CommandFields command={command} />
        {asking ? (
          <div className="command-ask" role="alertdialog" aria-label={label(command.label)}>
            <p>{label(command.confirm)}</p>
            <div className="row">
              <Button type="primary" danger htmlType="submit" loading={send.isPending}>
                {label(command.label)}
              </Button>
              <Button onClick={() => setAsking(false)}>{t('notNow')}</Button>
            </div>
          </div>
        ) : command.input.length > 0 ? (
          <Button htmlType="submit" danger={command.dangerous} loading={send.isPending}>
            {t('send')}
          </Button>
        ) : null}
        {isAway(device) ? <p className="faint small command-away">{t('awayHint')}</p> : null}
      </Form>
      {send.error ? <FormProblem error={send.error} form={form} /> : null}
      {send.data ? <CommandProgress key={send.data.id} commandId={send.data.id} thing={device.thing} /> : null}
    </section>
  );
}

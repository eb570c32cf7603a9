import { uuidv7 } from '@hallhub/shared/ids';
import { type CommandModel, checkInput, type Field } from '@hallhub/shared/thing';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Form } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { issueCommand } from '../../api/commands.js';
import type { Device } from '../../api/types.js';
import { useLabel } from '../../i18n/use-language.js';
import { FieldInput } from '../../ui/FieldInput.js';
import { FormProblem } from '../parts/FormProblem.js';
import { CommandProgress } from './CommandProgress.js';
import { useFieldProblem } from './field-problem.js';
import { useFieldHint } from './use-field-hint.js';
import { isAway } from './writable.js';

interface CommandFormProps {
  device: Device;
  command: CommandModel;
}

type Values = Record<string, unknown>;

const initialOf = (fields: readonly Field[]): Values =>
  Object.fromEntries(fields.flatMap((field) => (field.default === undefined ? [] : [[field.id, field.default]])));

/** What was left empty is left out, so that the model's defaults apply. */
const filled = (values: Values): Values =>
  Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== ''),
  );

/** One command of a thing model as a form: typed fields, checked as they are typed, followed until it is finished. */
export function CommandForm({ device, command }: CommandFormProps) {
  const { t } = useTranslation('commands');
  const label = useLabel();
  const fieldProblem = useFieldProblem();
  const fieldHint = useFieldHint();
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
  const check = (field: Field) => async (_: unknown, value: unknown) => {
    const checked = checkInput({ ...command, input: [field] }, filled({ [field.id]: value }));
    const error = checked.ok ? undefined : checked.errors[0];
    if (error) throw new Error(fieldProblem(error));
  };
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
        {command.input.map((field) => (
          <Form.Item
            key={field.id}
            name={field.id}
            label={label(field.label)}
            required={!field.optional && field.default === undefined}
            validateFirst
            rules={[{ validator: check(field) }]}
            extra={fieldHint(field)}
          >
            <FieldInput field={field} />
          </Form.Item>
        ))}
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

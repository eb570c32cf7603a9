import { type CommandModel, checkInput, type Field } from '@hallhub/shared/thing';
import { Form } from 'antd';
import { useLabel } from '../../i18n/use-language.js';
import { FieldInput } from '../../ui/FieldInput.js';
import { filled } from './command-values.js';
import { useFieldProblem } from './field-problem.js';
import { useFieldHint } from './use-field-hint.js';

/** A command's inputs as items of the form around them, each checked by the thing model as it is typed. */
export function CommandFields({ command }: { command: CommandModel }) {
  const label = useLabel();
  const fieldProblem = useFieldProblem();
  const fieldHint = useFieldHint();
  const check = (field: Field) => async (_: unknown, value: unknown) => {
    const checked = checkInput({ ...command, input: [field] }, filled({ [field.id]: value }));
    const error = checked.ok ? undefined : checked.errors[0];
    if (error) throw new Error(fieldProblem(error));
  };
  return command.input.map((field) => (
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
  ));
}

import { uuidv7 } from '@hallhub/shared/ids';
import { checkWrite, type Field, type Property, type ThingValue } from '@hallhub/shared/thing';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Form } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { writeProperties } from '../../api/commands.js';
import type { Device } from '../../api/devices.js';
import { useLabel } from '../../i18n/use-language.js';
import { FieldInput } from '../../ui/FieldInput.js';
import { FormProblem } from '../parts/FormProblem.js';
import { useFieldProblem } from './field-problem.js';
import { useFieldHint } from './use-field-hint.js';
import { WriteState } from './WriteState.js';
import { isAway } from './writable.js';

interface PropertyEditProps {
  device: Device;
  property: Property;
  /** What the device last said: where the edit begins. */
  value: ThingValue | null | undefined;
  onClose: () => void;
}

/** One property of a device, written in place: checked as it is typed, followed until the device has answered. */
export function PropertyEdit({ device, property, value, onClose }: PropertyEditProps) {
  const { t } = useTranslation(['commands', 'common']);
  const label = useLabel();
  const fieldProblem = useFieldProblem();
  const fieldHint = useFieldHint();
  const client = useQueryClient();
  const [form] = Form.useForm<{ value?: ThingValue }>();
  const [intent, setIntent] = useState(uuidv7);
  const write = useMutation({
    mutationFn: (next: ThingValue) => writeProperties(device.id, { [property.id]: next }, intent),
    onSuccess: (issued) => {
      setIntent(uuidv7());
      client.setQueryData(['commands', 'one', issued.id], issued);
      void client.invalidateQueries({ queryKey: ['commands', 'list'] });
    },
  });
  const check = async (_: unknown, next: unknown) => {
    if (next === undefined || next === null) throw new Error(t('field.required'));
    const checked = checkWrite(property, next);
    const error = checked.ok ? undefined : checked.errors[0];
    if (error) throw new Error(fieldProblem(error));
  };
  const field: Field = { ...property, optional: false, default: undefined };
  return (
    <section className="property-edit" aria-label={label(property.label)}>
      <Form
        form={form}
        layout="vertical"
        disabled={write.isPending}
        onValuesChange={() => write.reset()}
        initialValues={value === null || value === undefined || property.personal ? {} : { value }}
        onFinish={(fields) => fields.value !== undefined && write.mutate(fields.value)}
      >
        <div className="property-edit-line">
          <Form.Item name="value" className="grow" rules={[{ validator: check }]} extra={fieldHint(property)}>
            <FieldInput field={field} />
          </Form.Item>
          <Button type="primary" htmlType="submit" loading={write.isPending}>
            {t('write.send')}
          </Button>
          <Button type="text" onClick={onClose}>
            {t(write.data ? 'common:close' : 'common:cancel')}
          </Button>
        </div>
        {isAway(device) ? <p className="faint small">{t('awayHint')}</p> : null}
      </Form>
      {write.error ? <FormProblem error={write.error} /> : null}
      {write.data ? <WriteState key={write.data.id} commandId={write.data.id} /> : null}
    </section>
  );
}

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Checkbox, Form, Input, Modal, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { createApiKey } from '../../api/api-keys.js';
import { type GrantInput, rightsQuery } from '../../api/people.js';
import { useMe, useRights } from '../../app/session.js';
import { usePlaces } from '../../app/use-place.js';
import { useLabel } from '../../i18n/use-language.js';
import { FormProblem } from '../parts/FormProblem.js';
import { Secret } from '../parts/Secret.js';

interface Fields {
  name: string;
  rights: string[];
  scope: string;
  days: number;
  allowedFrom?: string;
}

const everywhere = 'tenant';
const dayMs = 24 * 3_600_000;
const forever = 0;
const choices = [30, 90, 365, forever];

/** A key for a program; the key itself is shown this once. */
export function NewApiKey({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation(['admin', 'common']);
  const label = useLabel();
  const me = useMe();
  const may = useRights();
  const places = usePlaces().filter((place) => place.kind !== 'counter' && !place.archivedAt);
  const client = useQueryClient();
  const words = useQuery({ ...rightsQuery, enabled: may('user.read') });
  const [form] = Form.useForm<Fields>();
  const create = useMutation({
    mutationFn: ({ name, rights, scope, days, allowedFrom }: Fields) => {
      const place = places.find((one) => one.id === scope);
      const kind = place?.kind === 'region' ? 'region' : 'hall';
      const where: GrantInput['scope'] = scope === everywhere ? { kind: 'tenant' } : { kind, id: scope };
      return createApiKey({
        name: name.trim(),
        rights,
        scope: where,
        expiresAt: days === forever ? null : new Date(Date.now() + days * dayMs).toISOString(),
        allowedFrom: (allowedFrom ?? '').split(/[\s,;]+/).filter(Boolean),
      });
    },
    onSuccess: () => client.invalidateQueries({ queryKey: ['api-keys'] }),
  });
  const made = create.data;
  return (
    <Modal
      open
      title={t(made ? 'keys.added' : 'keys.add')}
      width={560}
      mask={{ closable: false }}
      onCancel={onClose}
      footer={
        made ? (
          <Button type="primary" onClick={onClose}>
            {t('keys.kept')}
          </Button>
        ) : (
          [
            <Button key="cancel" onClick={onClose}>
              {t('common:cancel')}
            </Button>,
            <Button key="save" type="primary" loading={create.isPending} onClick={() => form.submit()}>
              {t('keys.save')}
            </Button>,
          ]
        )
      }
    >
      {made ? (
        <div className="stack">
          <p className="soft">{t('keys.lead')}</p>
          <Secret value={made.key} label={t('keys.label')} />
          <p className="soft">
            {t('keys.usage')} <code>{'Authorization: Bearer hk_…'}</code>
          </p>
        </div>
      ) : (
        <Form<Fields>
          form={form}
          layout="vertical"
          initialValues={{ rights: [], scope: everywhere, days: 90 }}
          onFinish={(fields) => create.mutate(fields)}
        >
          <Form.Item
            name="name"
            label={t('keys.name')}
            extra={t('keys.nameHint')}
            rules={[{ required: true, whitespace: true, message: t('keys.nameNeeded') }]}
          >
            <Input autoFocus maxLength={100} autoComplete="off" />
          </Form.Item>
          <Form.Item name="scope" label={t('keys.scope')} rules={[{ required: true, message: t('keys.scopeNeeded') }]}>
            <Select
              showSearch={{ optionFilterProp: 'label' }}
              options={[
                { value: everywhere, label: `${label(me.tenant.name)} · ${t('everywhere')}` },
                ...places.map((place) => ({ value: place.id, label: label(place.name) })),
              ]}
            />
          </Form.Item>
          <Form.Item name="days" label={t('keys.expiresIn')} required>
            <Select
              options={choices.map((days) => ({
                value: days,
                label: days === forever ? t('keys.noExpiry') : t('keys.days', { count: days }),
              }))}
            />
          </Form.Item>
          <Form.Item name="allowedFrom" label={t('keys.from')} extra={t('keys.fromHint')}>
            <Input.TextArea autoSize={{ minRows: 1, maxRows: 4 }} spellCheck={false} placeholder="10.0.0.0/8" />
          </Form.Item>
          <Form.Item
            name="rights"
            label={t('keys.rights')}
            extra={t('keys.rightsHint')}
            rules={[{ required: true, message: t('keys.rightsNeeded') }]}
          >
            <Checkbox.Group className="right-choices">
              {me.rights.map((right) => (
                <Checkbox key={right} value={right}>
                  {label(words.data?.find((one) => one.right === right)?.label) || right}
                </Checkbox>
              ))}
            </Checkbox.Group>
          </Form.Item>
          <FormProblem error={create.error} form={form} />
        </Form>
      )}
    </Modal>
  );
}
